"""QTA007: the maximum session duration of a role is valid.

What it checks
    `MaxSessionDuration` of an AWS::IAM::Role is a number of seconds between 3,600 and 43,200.

Why it matters
    IAM refuses any other value in the middle of a deployment, which rolls back.

Refused
    Operate: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 900}}
    ---
    Operate: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 1h}}

Accepted
    Operate: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 3600}}

Blind to
    Role chaining, which limits sessions to one hour whatever the role says.

See
    IAM User Guide, "Update the maximum session duration for a role".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Absent, as_text, possible_values
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.policy.quotas import SESSION
from keywright.reporting.finding import Finding, Severity

CODE = "QTA007"
SEVERITY = Severity.ERROR


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report any other value."""
    if setting.resource.type != "AWS::IAM::Role":
        return
    shortest, longest = SESSION
    for value in possible_values(setting.resource.properties.get("MaxSessionDuration", ABSENT)):
        literal = as_text(value).literal
        if isinstance(value, Absent) or literal is None:
            continue
        if not literal.isdecimal() or not shortest <= int(literal) <= longest:
            yield setting.place.below("Properties", "MaxSessionDuration").fault(
                CODE,
                f"role `{setting.resource.label}` has an invalid maximum session duration",
                found=f"MaxSessionDuration `{literal}`",
                accepted=f"`{shortest}` to `{longest}` seconds",
            )
