"""POL007: every action exists.

What it checks
    Each action of any policy, in `Action` and `NotAction`, is in AWS's Service Authorization Reference; a pattern
    matches at least one of its actions. For a service that the reference does not list at all it is a warning.

Why it matters
    A misspelled action allows nothing, and is often fixed in a hurry with a wildcard; in a Deny it denies nothing,
    and nobody notices.

Refused
    {Effect: Allow, Action: "s3:GetObjects", Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, Action: ["iam:CreateUser", "iam:Erase*"], Resource: "*"}

Accepted
    {Effect: Allow, Action: ["S3:getobject", "s3:Get*Tagging"], Resource: "arn:aws:s3:::reports/*"}

Blind to
    Actions of services that AWS has retired, and names that are known only at deployment. An action that is newer
    than the reference is reported: declare an exception until the reference lists it. Of AWS's own 1,594 managed
    policies seven name actions that the reference does not list.

See
    Service Authorization Reference.
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.reference.action_names import is_known, is_misspelled, nearest_actions
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.reporting.finding import Finding, Severity

CODE = "POL007"
SEVERITY = Severity.ERROR
ONLY_WRITTEN = True


MOST_SHOWN = 3


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report unknown actions and patterns that match none, one finding for each element."""
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
                f"{statement.label} has {'unknown actions' if len(unknown) > 1 else 'an unknown action'}",
                found=f"{element} {listed(each for _, each in unknown)}",
                accepted=_suggestions([each for _, each in unknown[:MOST_SHOWN]]),
                severity=SEVERITY if any(is_misspelled(each) for _, each in unknown) else Severity.WARNING,
            )


def _suggestions(unknown: list[str]) -> str:
    near = [
        each for name in unknown for each in nearest_actions(name)[: MOST_SHOWN if len(unknown) == 1 else 1]
    ]
    return listed(near) or "actions of the Service Authorization Reference"
