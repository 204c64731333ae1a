"""USR008: secrets are not disclosed in outputs, parameters or variables.

What it checks
    A parameter with a password's or key's name, or that is passed to a property which takes one, has `NoEcho`. The
    value of a parameter with `NoEcho`, or of a secret by dynamic reference, is used in no output,
    AWS::SSM::Parameter, environment variable, tag or metadata; no output has a secret's name.

Why it matters
    Everybody who can describe a stack or a function can read the value there, and every log of the description keeps
    it.

Refused
    Convert:
      Type: AWS::Lambda::Function
      Properties: {Environment: {Variables: {LOGIN: "{{resolve:secretsmanager:database:SecretString:password}}"}}}
    ---
    Login:
      Type: AWS::SSM::Parameter
      Properties: {Type: String, Value: "{{resolve:secretsmanager:database}}"}

Accepted
    Database:
      Type: AWS::RDS::DBInstance
      Properties: {MasterUserPassword: "{{resolve:secretsmanager:database:SecretString:password}}"}

Blind to
    What a function or a custom resource does with a secret that it reads itself, and secrets under harmless names.

See
    CloudFormation User Guide, "Security best practices for CloudFormation" and "Using dynamic references".
"""

from collections.abc import Iterator, Mapping

from keywright.assembly.sources.source import Node
from keywright.assembly.templates.template import Template
from keywright.guardrails.subjects.secrets import (
    SECRET_PROPERTIES,
    disclosed_secret,
    has_secret_name,
    is_user_data,
    no_echo_parameters,
    referenced_parameter,
)
from keywright.guardrails.subjects.template_nodes import Path, TemplateNode, template_contents, template_nodes
from keywright.reporting.finding import Finding, Severity

CODE = "USR008"
SEVERITY = Severity.ERROR

ACCEPTED = "the ARN of the secret, by which the value is read where it is needed"
_DISCLOSING = ("Environment", "EnvironmentVariables", "Tags", "Metadata")


def check(template: Template) -> Iterator[Finding]:
    """Report each place that discloses a secret."""
    yield from _parameters(template)
    hidden = no_echo_parameters(template)
    may_show = hidden or "{{resolve:" in template_contents(template).texts
    for section in ("Outputs", "Resources") if may_show else ():
        for node in template_nodes(template, section):
            found = disclosed_secret(node.value, hidden)
            if found and _is_disclosed(node):
                yield node.fault(
                    CODE, f"{_place_name(node)} discloses a secret", found=found, accepted=ACCEPTED
                )
    for name, output in template.outputs.items():
        if has_secret_name(name) and not _is_reference(output.value):
            node = TemplateNode(template, ("Outputs", name), output.value)
            yield node.fault(
                CODE, f"output `{name}` discloses a secret by its name", found=f"`{name}`", accepted=ACCEPTED
            )


def _parameters(template: Template) -> Iterator[Finding]:
    hidden, given = no_echo_parameters(template), _passed_as_secrets(template)
    for name, declared in template.parameters.items():
        is_lookup = str(declared.get("Type")).startswith("AWS::SSM::Parameter::")
        is_secret = name in given or (has_secret_name(name) and not _is_choice(declared))
        if is_secret and name not in hidden and not is_lookup:
            yield TemplateNode(template, ("Parameters", name), dict(declared)).fault(
                CODE, f"parameter `{name}` discloses a secret", found="no `NoEcho`", accepted="`NoEcho: true`"
            )


def _passed_as_secrets(template: Template) -> set[str]:
    """Return the parameters whose values properties take as passwords and keys."""
    if not template.parameters:
        return set()
    return {
        referenced_parameter(node.value, template)
        for node in template_nodes(template, "Resources")
        if node.path[2:3] == ("Properties",) and str(node.path[-1]).lower() in SECRET_PROPERTIES
    }


def _is_choice(declared: Mapping[str, Node]) -> bool:
    """Return whether a parameter takes one of a few known values."""
    return "AllowedValues" in declared or str(declared.get("Type")).startswith("AWS::")


def _is_reference(value: Node) -> bool:
    """Return whether an output is a name or an ARN, or is reported already."""
    if not isinstance(value, dict) or "Ref" in value:
        return True
    return any("Arn" in str(each) or "{{resolve:" in str(each) for each in value.values())


def _is_disclosed(node: TemplateNode) -> bool:
    path: Path = node.path
    if is_user_data(path):
        return False
    resource = node.resource
    if resource is None:
        return path[:1] == ("Outputs",) and path[2:3] == ("Value",)
    if resource.type == "AWS::SSM::Parameter":
        return path[2:4] == ("Properties", "Value")
    return any(step in path[2:] for step in _DISCLOSING)


def _place_name(node: TemplateNode) -> str:
    return f"output `{node.path[1]}`" if node.resource is None else f"`{node.resource.label}`"
