"""INS003: user data contains no secrets.

What it checks
    `UserData` of instances, launch templates and launch configurations, base64-encoded or not, contains no text in
    the format of a key, token or private key, assigns no value to a password or key, and uses neither a parameter
    with `NoEcho` nor a secret by dynamic reference.

Why it matters
    Every process on the instance can read the user data without credentials, and so can everybody with
    `ec2:DescribeInstanceAttribute`. The instance should read secrets with its role.

Refused
    Server:
      Type: AWS::EC2::Instance
      Properties:
        MetadataOptions: {HttpTokens: required}
        UserData: {"Fn::Base64": "export AWS_ACCESS_KEY_ID=AKIAABCDEFGHIJKLMNOP"}
    ---
    Server:
      Type: AWS::EC2::Instance
      Properties:
        MetadataOptions: {HttpTokens: required}
        UserData: {"Fn::Base64": "mysql --user=web --password=hunter2hunter2"}

Accepted
    Server:
      Type: AWS::EC2::Instance
      Properties:
        MetadataOptions: {HttpTokens: required}
        UserData: {"Fn::Base64": "export PASSWORD=$(aws secretsmanager get-secret-value --secret-id web)"}

Blind to
    Scripts that the user data downloads, and secrets under names that do not look like a secret's.

See
    Amazon EC2 User Guide, "Run commands when you launch an EC2 instance with user data input".
"""

from collections.abc import Iterator

from keywright.assembly.templates.template import Template
from keywright.guardrails.subjects.secrets import (
    decoded,
    disclosed_secret,
    is_user_data,
    no_echo_parameters,
    secret_in_script,
)
from keywright.guardrails.subjects.template_nodes import TemplateNode, template_contents, template_nodes
from keywright.reporting.finding import Finding, Severity

CODE = "INS003"
SEVERITY = Severity.ERROR


def check(template: Template) -> Iterator[Finding]:
    """Report each part of user data that is a secret or discloses one."""
    if "UserData" not in template_contents(template).keys:
        return
    hidden = no_echo_parameters(template)
    for node in template_nodes(template, "Resources"):
        found = _secret_in(node, hidden) if is_user_data(node.path) else ""
        if found:
            yield node.fault(
                CODE,
                "user data contains a secret",
                found=found,
                accepted="a secret that the instance reads with its role",
            )


def _secret_in(node: TemplateNode, hidden: frozenset[str]) -> str:
    if isinstance(node.value, str):
        form = secret_in_script(decoded(node.value))
        if form:
            return f"{form}, not shown"
    return disclosed_secret(node.value, hidden)
