"""USR003: the secret of an access key goes into a secret and nowhere else.

What it checks
    `SecretAccessKey` of an AWS::IAM::AccessKey is read by the `SecretString` of an AWS::SecretsManager::Secret alone:
    not by outputs, user data, parameters or other resources. No long-term key stands in the template as text, in
    user data, a parameter's default or elsewhere.

Why it matters
    Outputs, parameters and user data are readable by everybody who may describe a stack or an instance, and stay in
    the history of both. A key that stood there once must be rotated.

Refused
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner}
    Parameter:
      Type: AWS::SSM::Parameter
      Properties: {Type: String, Value: !GetAtt Key.SecretAccessKey}
    ---
    Server:
      Type: AWS::EC2::Instance
      Properties:
        MetadataOptions: {HttpTokens: required}
        UserData: {"Fn::Base64": "export AWS_ACCESS_KEY_ID=AKIAABCDEFGHIJKLMNOP"}

Accepted
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner}
    Secret:
      Type: AWS::SecretsManager::Secret
      Properties: {SecretString: !Sub '{"id": "${Key}", "secret": "${Key.SecretAccessKey}"}'}

Blind to
    Secrets without a form of their own, such as passwords, and what a custom resource's code does with a key.

See
    CloudFormation template reference, AWS::IAM::AccessKey; IAM User Guide, "Manage access keys for IAM users".
"""

import re
from collections.abc import Iterator

from keywright.assembly.source import Node, Step
from keywright.assembly.template import Template
from keywright.finding import Finding, Location, Severity

CODE = "USR003"
TITLE = "the secret of an access key goes into a secret and nowhere else"
SEVERITY = Severity.ERROR

_KEY_ID = re.compile(r"(?<![A-Z0-9])AKIA[A-Z2-7]{16}(?![A-Z0-9])")
_READ = re.compile(r"\$\{([A-Za-z0-9]+)\.SecretAccessKey\}")
_SECRET = ("Properties", "SecretString")


def check(template: Template) -> Iterator[Finding]:
    """Refuse every place where a key's secret, or a key as text, stands in the open."""
    for path, node in _walk(template.source.tree):
        if isinstance(node, str) and _KEY_ID.search(node):
            yield _fault(
                template, path, "a long-term access key stands in the template", "`AKIA…`, not shown"
            )
        elif _reads_secret(node) and not _is_kept(template, path):
            yield _fault(
                template, path, "the secret of an access key is written in the open", "`SecretAccessKey`"
            )


def _walk(tree: Node) -> Iterator[tuple[tuple[Step, ...], Node]]:
    pending: list[tuple[tuple[Step, ...], Node]] = [((), tree)]
    while pending:
        path, node = pending.pop()
        yield path, node
        if isinstance(node, dict):
            pending += [((*path, key), item) for key, item in node.items()]
        elif isinstance(node, list):
            pending += [((*path, index), item) for index, item in enumerate(node)]


def _reads_secret(node: Node) -> bool:
    if isinstance(node, str):
        return _READ.search(node) is not None
    attribute = node.get("Fn::GetAtt") if isinstance(node, dict) else None
    if isinstance(attribute, str):
        return attribute.endswith(".SecretAccessKey")
    return isinstance(attribute, list) and attribute[-1:] == ["SecretAccessKey"]


def _is_kept(template: Template, path: tuple[Step, ...]) -> bool:
    """Tell whether a place is the value of a secret."""
    if path[:1] != ("Resources",) or path[2:4] != _SECRET:
        return False
    resource = template.resources.get(str(path[1]))
    return resource is not None and resource.type == "AWS::SecretsManager::Secret"


def _fault(template: Template, path: tuple[Step, ...], message: str, found: str) -> Finding:
    resource = template.resources.get(str(path[1])) if path[:1] == ("Resources",) and len(path) > 1 else None
    return Finding(
        _place(template, path),
        message,
        found=found,
        accepted="`SecretString` of an AWS::SecretsManager::Secret",
        rule=CODE,
        resource=resource.logical_id if resource else "",
        path=resource.construct_path if resource else "",
    )


def _place(template: Template, path: tuple[Step, ...]) -> Location:
    return template.source.locate(*path)
