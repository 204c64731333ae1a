"""POL007: every action is one that AWS has.

What it checks
    Each action of any policy, in `Action` and `NotAction`, is in AWS's Service Authorization Reference; a pattern covers
    at least one that is. For a service that the reference does not know at all it is a warning.

Why it matters
    A misspelled action allows nothing, which somebody will mend in a hurry by a wildcard; in a Deny it denies nothing,
    and nobody notices.

Refused
    {Effect: Allow, Action: "s3:GetObjects", Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, Action: ["iam:CreateUser", "iam:Erase*"], Resource: "*"}

Accepted
    {Effect: Allow, Action: ["S3:getobject", "s3:Get*Tagging"], Resource: "arn:aws:s3:::reports/*"}

Blind to
    Actions of services that AWS has ended, and names that only the deployment knows. An action that is newer than the
    reference is taken for a mistake: an exception says so until the reference knows it. Of AWS's own 1,594 managed
    policies seven name actions that the reference lacks.

See
    Service Authorization Reference.
"""

from collections.abc import Iterator

from keywright.guardrails.reference.action_names import is_known, is_misspelled, meant
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.guardrails.value_list import listed
from keywright.reporting.finding import Finding, Severity

CODE = "POL007"
TITLE = "every action is one that AWS has"
SEVERITY = Severity.ERROR


MOST_SHOWN = 3


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Refuse actions and patterns that name nothing, one finding an element."""
    written = statement.statement
    for element, values in (("Action", written.actions), ("NotAction", written.not_actions)):
        unknown = [
            (index, each.literal)
            for index, each in enumerate(values)
            if each.literal and not is_known(each.literal)
        ]
        if unknown:
            yield statement.place.below(element, unknown[0][0]).fault(
                CODE,
                f"{statement.label} names {'actions' if len(unknown) > 1 else 'an action'} that AWS does not have",
                found=f"{element} {listed(each for _, each in unknown)}",
                accepted=_offered([each for _, each in unknown[:MOST_SHOWN]]),
                severity=SEVERITY if any(is_misspelled(each) for _, each in unknown) else Severity.WARNING,
            )


def _offered(unknown: list[str]) -> str:
    near = [each for name in unknown for each in meant(name)[: MOST_SHOWN if len(unknown) == 1 else 1]]
    return listed(near) or "actions of the Service Authorization Reference"
