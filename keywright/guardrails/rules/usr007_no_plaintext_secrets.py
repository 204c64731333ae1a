"""USR007: templates contain no plaintext secrets.

What it checks
    No text has the format of a secret (private keys, tokens of known issuers, passwords in URLs); no property that
    takes a secret (`Password`, `MasterUserPassword`, `SecretString` …), no environment variable, no job argument and
    no parameter default with a secret's name contains a plaintext value.

Why it matters
    A template is readable by everybody who can describe the stack, is stored in buckets and repositories, and stays
    in their history.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, LoginProfile: {Password: correct-horse-battery-staple}}
    ---
    Convert:
      Type: AWS::Lambda::Function
      Properties: {Environment: {Variables: {DB_PASSWORD: hunter2hunter2}}}
    ---
    Mirror:
      Type: AWS::SSM::Parameter
      Properties: {Type: String, Value: "https://mirror:hunter2hunter2@git.example.com/web"}

Accepted
    Database:
      Type: AWS::RDS::DBInstance
      Properties:
        MasterUserPassword: "{{resolve:secretsmanager:database:SecretString:password}}"
    Convert:
      Type: AWS::Lambda::Function
      Properties: {Environment: {Variables: {DB_PASSWORD_ARN: "arn:aws:secretsmanager:eu-central-1:111111111111:secret:a"}}}

Blind to
    Secrets without a known format in places with other names. USR003 checks access keys, INS003 user data. A template
    for a secret's value (`GenerateSecretString`) contains none.

See
    CloudFormation User Guide, "Security best practices for CloudFormation": do not embed credentials.
"""

from collections.abc import Iterator

from keywright.assembly.sources.source import Node
from keywright.assembly.templates.template import Template
from keywright.guardrails.subjects.secrets import (
    SECRET_FORMATS,
    SECRET_PROPERTIES,
    environment_variables,
    has_secret_format,
    has_secret_name,
    is_plaintext,
    is_user_data,
    secret_format,
)
from keywright.guardrails.subjects.template_nodes import Path, TemplateNode, template_contents, template_nodes
from keywright.reporting.finding import Finding, Severity

CODE = "USR007"
SEVERITY = Severity.ERROR

ACCEPTED = "a dynamic reference to AWS Secrets Manager, or `GenerateSecretString`"
_ACCESS_KEY = SECRET_FORMATS[0][0]
_ARGUMENTS = (("DefaultArguments",), ("Parameters",), ("Options",), ("Configuration",))
"""Properties that pass settings of any name to a job, a nested stack or an action."""
_ENVIRONMENTS = ("Environment", "EnvironmentVariables")


def check(template: Template) -> Iterator[Finding]:
    """Report each text that is a secret by its format or by its place."""
    for node in template_nodes(template) if _may_contain_secret(template) else ():
        if is_user_data(node.path):
            continue
        what = _secret_at(node)
        if what:
            yield _fault(node, what)
        for name, value, path in _variables(node):
            if has_secret_name(name) and is_plaintext(value) and not secret_format(str(value)):
                yield _fault(TemplateNode(template, (*node.path, *path), value), f"the value of `{name}`")
    for name, declared in template.parameters.items():
        default = declared.get("Default")
        if has_secret_name(name) and is_plaintext(default):
            yield _fault(
                TemplateNode(template, ("Parameters", name, "Default"), default), f"the default of `{name}`"
            )


def _may_contain_secret(template: Template) -> bool:
    """Return whether to search the template: some text has a secret's format, or some key names a secret."""
    texts, keys = template_contents(template)
    return has_secret_format(texts) or any(map(_names_secret, keys))


def _names_secret(key: str) -> bool:
    return key in _ENVIRONMENTS or key.lower() in SECRET_PROPERTIES or has_secret_name(key)


def _secret_at(node: TemplateNode) -> str:
    if not isinstance(node.value, str):
        return ""
    form = secret_format(node.value)
    if form:
        return "" if form == _ACCESS_KEY else form
    name = str(node.path[-1])
    is_property = node.path[:1] == ("Resources",) and node.path[2:3] == ("Properties",)
    takes_secret = name.lower() in SECRET_PROPERTIES or (
        node.path[-2:-1] in _ARGUMENTS and has_secret_name(name)
    )
    return f"`{name}`" if is_property and takes_secret and is_plaintext(node.value) else ""


def _variables(node: TemplateNode) -> Iterator[tuple[str, Node, Path]]:
    if node.path and node.path[-1] in _ENVIRONMENTS:
        yield from environment_variables(node.value)


def _fault(node: TemplateNode, what: str) -> Finding:
    return node.fault(
        CODE, "the template contains a plaintext secret", found=f"{what}, not shown", accepted=ACCEPTED
    )
