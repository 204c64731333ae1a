"""USR008: what is secret is not shown: in no output, no plain parameter, no variable.

What it checks
    A parameter whose name promises a password or key, or that is given to a property which takes one, has `NoEcho`. The
    value of a parameter with `NoEcho`, or of a secret
    by a dynamic reference, goes into no output, no AWS::SSM::Parameter, no environment variable, no tag and no metadata;
    no output's name promises one.

Why it matters
    Whoever may describe a stack or a function reads it there, and every log that copies the description keeps it.

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
    PROPERTIES,
    given_by,
    hidden_parameters,
    is_user_data,
    promises_secret,
    shows,
)
from keywright.guardrails.subjects.template_nodes import Path, Spot, contents, spots
from keywright.reporting.finding import Finding, Severity

CODE = "USR008"
TITLE = "what is secret is not shown: in no output, no plain parameter, no variable"
SEVERITY = Severity.ERROR

ACCEPTED = "the secret's ARN, which whoever needs the value reads it by"
_PLAIN = ("Environment", "EnvironmentVariables", "Tags", "Metadata")


def check(template: Template) -> Iterator[Finding]:
    """Refuse each place that shows a secret."""
    yield from _parameters(template)
    hidden = hidden_parameters(template)
    may_show = hidden or "{{resolve:" in contents(template).texts
    for section in ("Outputs", "Resources") if may_show else ():
        for spot in spots(template, section):
            found = shows(spot.node, hidden)
            if found and _is_shown(spot):
                yield spot.fault(CODE, f"{_where(spot)} shows a secret", found=found, accepted=ACCEPTED)
    for name, output in template.outputs.items():
        if promises_secret(name) and not _is_reference(output.value):
            spot = Spot(template, ("Outputs", name), output.value)
            yield spot.fault(
                CODE, f"output `{name}` promises to show a secret", found=f"`{name}`", accepted=ACCEPTED
            )


def _parameters(template: Template) -> Iterator[Finding]:
    hidden, given = hidden_parameters(template), _given_as_secrets(template)
    for name, declared in template.parameters.items():
        is_lookup = str(declared.get("Type")).startswith("AWS::SSM::Parameter::")
        is_secret = name in given or (promises_secret(name) and not _is_choice(declared))
        if is_secret and name not in hidden and not is_lookup:
            yield Spot(template, ("Parameters", name), dict(declared)).fault(
                CODE, f"parameter `{name}` shows a secret", found="no `NoEcho`", accepted="`NoEcho: true`"
            )


def _given_as_secrets(template: Template) -> set[str]:
    """Name the parameters that properties take as passwords and keys."""
    if not template.parameters:
        return set()
    return {
        given_by(spot.node, template)
        for spot in spots(template, "Resources")
        if spot.path[2:3] == ("Properties",) and str(spot.path[-1]).lower() in PROPERTIES
    }


def _is_choice(declared: Mapping[str, Node]) -> bool:
    """Tell whether a parameter takes one of a few values that everybody knows."""
    return "AllowedValues" in declared or str(declared.get("Type")).startswith("AWS::")


def _is_reference(value: Node) -> bool:
    """Tell whether an output hands on a name or an ARN, or is a finding already."""
    if not isinstance(value, dict) or "Ref" in value:
        return True
    return any("Arn" in str(each) or "{{resolve:" in str(each) for each in value.values())


def _is_shown(spot: Spot) -> bool:
    path: Path = spot.path
    if is_user_data(path):
        return False
    resource = spot.resource
    if resource is None:
        return path[:1] == ("Outputs",) and path[2:3] == ("Value",)
    if resource.type == "AWS::SSM::Parameter":
        return path[2:4] == ("Properties", "Value")
    return any(step in path[2:] for step in _PLAIN)


def _where(spot: Spot) -> str:
    return f"output `{spot.path[1]}`" if spot.resource is None else f"`{spot.resource.label}`"
