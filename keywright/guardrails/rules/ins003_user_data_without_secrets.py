"""INS003: user data holds no secret.

What it checks
    `UserData` of instances, launch templates and launch configurations, encoded or not, holds no text of the form of a
    key, token or private key, sets no password or key to a value, and takes neither a parameter with `NoEcho` nor a
    secret by a dynamic reference.

Why it matters
    Every process on the instance reads the user data without any credentials, and so does everybody who may describe
    the instance. The instance's role is what it should ask with.

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
    Scripts that the user data fetches, and secrets in words that promise nothing.

See
    Amazon EC2 User Guide, "Run commands when you launch an EC2 instance with user data input".
"""

from collections.abc import Iterator

from keywright.assembly.templates.template import Template
from keywright.guardrails.subjects.secrets import (
    decoded,
    form_in_script,
    hidden_parameters,
    is_user_data,
    shows,
)
from keywright.guardrails.subjects.template_nodes import Spot, contents, spots
from keywright.reporting.finding import Finding, Severity

CODE = "INS003"
TITLE = "user data holds no secret"
SEVERITY = Severity.ERROR


def check(template: Template) -> Iterator[Finding]:
    """Refuse each piece of user data that is, or shows, a secret."""
    if "UserData" not in contents(template).keys:
        return
    hidden = hidden_parameters(template)
    for spot in spots(template, "Resources"):
        found = _found(spot, hidden) if is_user_data(spot.path) else ""
        if found:
            yield spot.fault(
                CODE,
                "user data holds a secret",
                found=found,
                accepted="the instance's role, which reads the secret when it is needed",
            )


def _found(spot: Spot, hidden: frozenset[str]) -> str:
    if isinstance(spot.node, str):
        form = form_in_script(decoded(spot.node))
        if form:
            return f"{form}, not shown"
    return shows(spot.node, hidden)
