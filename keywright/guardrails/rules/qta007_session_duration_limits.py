"""QTA007: a role's sessions last as long as IAM lets them.

What it checks
    `MaxSessionDuration` of an AWS::IAM::Role is a number of seconds between 3,600 and 43,200.

Why it matters
    IAM refuses any other in the middle of a deployment, which rolls back.

Refused
    Operate: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 900}}
    ---
    Operate: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 1h}}

Accepted
    Operate: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 3600}}

Blind to
    Role chaining, which ends after an hour whatever the role says.

See
    IAM User Guide, "Update the maximum session duration for a role".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Absent, as_text, readings
from keywright.guardrails.subjects.kinds import Setting
from keywright.policy.quotas import SESSION
from keywright.reporting.finding import Finding, Severity

CODE = "QTA007"
TITLE = "a role's sessions last as long as IAM lets them"
SEVERITY = Severity.ERROR


def check(setting: Setting) -> Iterator[Finding]:
    """Refuse what is no such number."""
    if setting.resource.type != "AWS::IAM::Role":
        return
    shortest, longest = SESSION
    for value in readings(setting.resource.properties.get("MaxSessionDuration", ABSENT)):
        literal = as_text(value).literal
        if isinstance(value, Absent) or literal is None:
            continue
        if not literal.isdecimal() or not shortest <= int(literal) <= longest:
            yield setting.place.below("Properties", "MaxSessionDuration").fault(
                CODE,
                f"sessions of role `{setting.resource.label}` cannot last so long",
                found=f"MaxSessionDuration `{literal}`",
                accepted=f"`{shortest}` to `{longest}` seconds",
            )
