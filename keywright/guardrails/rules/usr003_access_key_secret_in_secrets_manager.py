"""USR003: secret access keys are stored only in Secrets Manager.

What it checks
    `SecretAccessKey` of an AWS::IAM::AccessKey is read only by the `SecretString` of an AWS::SecretsManager::Secret:
    not by outputs, parameters, user data or other resources. No long-term key is written as text in the template, in
    the default of a parameter or elsewhere.

Why it matters
    Outputs, parameters and user data are readable by everybody who can describe a stack or an instance, and stay in
    the history of both. A key that was there once must be rotated.

Refused
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner}
    Parameter:
      Type: AWS::SSM::Parameter
      Properties: {Type: String, Value: !GetAtt Key.SecretAccessKey}
    ---
    Parameter:
      Type: AWS::SSM::Parameter
      Properties: {Type: String, Value: AKIAABCDEFGHIJKLMNOP}

Accepted
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner}
    Secret:
      Type: AWS::SecretsManager::Secret
      Properties: {SecretString: !Sub '{"id": "${Key}", "secret": "${Key.SecretAccessKey}"}'}

Blind to
    Other secrets, which USR007 and USR008 check, and what the code of a custom resource does with a key. INS003
    checks keys as text in user data.

See
    CloudFormation template reference, AWS::IAM::AccessKey; IAM User Guide, "Manage access keys for IAM users".
"""

import re
from collections.abc import Iterator

from keywright.assembly.sources.source import Node
from keywright.assembly.templates.template import Template
from keywright.guardrails.subjects.secrets import SECRET_FORMATS, is_user_data
from keywright.guardrails.subjects.template_nodes import TemplateNode, template_contents, template_nodes
from keywright.reporting.finding import Finding, Severity

CODE = "USR003"
SEVERITY = Severity.ERROR

ACCEPTED = "`SecretString` of an AWS::SecretsManager::Secret"
_KEY_ID = SECRET_FORMATS[0][1]
_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9]+)\.SecretAccessKey\}")
_SECRET_PATH = ("Properties", "SecretString")


def check(template: Template) -> Iterator[Finding]:
    """Report every place that discloses a secret access key, or contains a key as text."""
    # Searching the joined text is much faster than walking the tree, and most templates have no key.
    texts = template_contents(template).texts
    if "SecretAccessKey" not in texts and not _KEY_ID.search(texts):
        return
    for node in template_nodes(template):
        if isinstance(node.value, str) and _KEY_ID.search(node.value) and not is_user_data(node.path):
            message = "the template contains a long-term access key"
            yield node.fault(CODE, message, found="`AKIA…`, not shown", accepted=ACCEPTED)
        elif _reads_secret(node.value) and not _is_secret_value(node):
            message = "a secret access key is disclosed"
            yield node.fault(CODE, message, found="`SecretAccessKey`", accepted=ACCEPTED)


def _reads_secret(node: Node) -> bool:
    if isinstance(node, str):
        return _SUBSTITUTION.search(node) is not None
    attribute = node.get("Fn::GetAtt") if isinstance(node, dict) else None
    if isinstance(attribute, str):
        return attribute.endswith(".SecretAccessKey")
    return isinstance(attribute, list) and attribute[-1:] == ["SecretAccessKey"]


def _is_secret_value(node: TemplateNode) -> bool:
    """Return whether a node is the value of a secret."""
    resource = node.resource
    return (
        resource is not None
        and resource.type == "AWS::SecretsManager::Secret"
        and node.path[2:4] == _SECRET_PATH
    )
