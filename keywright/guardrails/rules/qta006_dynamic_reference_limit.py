"""QTA006: a stack has at most 60 dynamic references.

What it checks
    The values of a template contain at most 60 references such as `{{resolve:secretsmanager:…}}`, written as such or
    built by `Fn::Join` and `Fn::Sub`.

Why it matters
    CloudFormation refuses the stack when somebody adds the 61st: about 60 people with an initial password.

Refused
    HUNDREDS: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: "{{resolve:secretsmanager:first}}"}}  # and more

Accepted
    One: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: "{{resolve:secretsmanager:first}}"}}

Blind to
    References in a value that `Fn::Transform` or a nested stack produces.

See
    CloudFormation User Guide, "Using dynamic references": considerations.
"""

from collections.abc import Iterator, Mapping

from keywright.assembly.templates.template import Resource, Template
from keywright.assembly.templates.value import Alternatives, Encoded, Text, Unknown, Value, possible_values
from keywright.guardrails.subjects.template_nodes import TemplateNode, template_contents
from keywright.policy.quotas import DYNAMIC_REFERENCES
from keywright.reporting.finding import Finding, Severity

CODE = "QTA006"
SEVERITY = Severity.ERROR

_REFERENCE_START = "{{resolve:"


def check(template: Template) -> Iterator[Finding]:
    """Report more than 60 references; of several possible values, the one with the most references counts."""
    # Searching the joined text is much faster than evaluating the values.
    texts, keys = template_contents(template)
    if _REFERENCE_START not in texts and not any(_REFERENCE_START in key for key in keys):
        return
    count = sum(_count_in_resource(each) for each in template.resources.values())
    count += sum(max(map(_count, each.possible_values), default=0) for each in template.outputs.values())
    if count > DYNAMIC_REFERENCES.default:
        yield TemplateNode(template, ("Resources",), None).fault(
            CODE,
            "the stack exceeds the quota for dynamic references",
            found=f"{count} references",
            accepted=DYNAMIC_REFERENCES.accepted,
        )


def _count_in_resource(resource: Resource) -> int:
    if "{{resolve" not in str(resource.raw):
        return 0
    return sum(max(map(_count, possible_values(value)), default=0) for value in resource.properties.values())


def _count(value: Value) -> int:
    match value:
        case Text() | Unknown():
            return str(value).count(_REFERENCE_START)
        case Mapping():
            return sum(map(_count, value.values()))
        case tuple():
            return sum(map(_count, value))
        case Alternatives():
            return max(map(_count, value.values))
        case Encoded():
            return _count(value.content)
        case _:
            return 0
