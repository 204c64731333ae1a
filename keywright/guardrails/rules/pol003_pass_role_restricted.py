"""POL003: iam:PassRole is restricted to certain roles or services.

What it checks
    An Allow of `iam:PassRole` names roles, by a resource that has more than wildcards as the role's name, or has a
    condition on `iam:PassedToService`.

Why it matters
    With `iam:PassRole` on `*` a principal can start a function or an instance with the strongest role of the account
    and use its permissions.

Refused
    {Effect: Allow, Action: "iam:PassRole", Resource: "*"}
    ---
    {Effect: Allow, Action: ["ec2:RunInstances", "iam:Pass*"], Resource: "arn:aws:iam::111111111111:role/*"}

Accepted
    {Effect: Allow, Action: "iam:PassRole", Resource: "arn:aws:iam::111111111111:role/access/worker-*"}
    ---
    Effect: Allow
    Action: "iam:PassRole"
    Resource: "*"
    Condition: {StringEquals: {"iam:PassedToService": ec2.amazonaws.com}}

Blind to
    Whether the named roles have more permissions than the principal that passes them, and what the named service
    allows with them.

See
    IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
"""

import re
from collections.abc import Iterator

from keywright.assembly.templates.value import Text
from keywright.guardrails.place import listed
from keywright.guardrails.subjects.allowed_principals import allows, covers_action
from keywright.guardrails.subjects.breadth import covers_everything
from keywright.guardrails.subjects.effective_conditions import effective_conditions
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "POL003"
SEVERITY = Severity.ERROR

_ANY_ROLE = re.compile(r"[*?:]*|arn:[^:]*:iam:[^:]*:[^:]*:(role/)?[*?/]*")


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Report permission to pass any role to any service."""
    written = statement.statement
    if covers_everything(written) is Truth.YES:
        return
    passes = min(allows(written), covers_action(written, "iam:passrole"))
    any_role = max((_is_any_role(value) for value in written.resources), default=Truth.NO)
    limited = effective_conditions(written, ()).restricts("iam:passedtoservice".__eq__)
    yield from statement.place.answer(
        min(passes, any_role, negation(limited)),
        CODE,
        f"policy {statement.label} allows passing any role to any service",
        found=f"Resource {listed(written.resources)}",
        accepted="the roles' ARNs, or a condition on `iam:PassedToService`",
    )


def _is_any_role(value: Text) -> Truth:
    # An unknown part that is one text, such as a reference, is the name of one role.
    if value.is_single:
        shown = "".join(part if isinstance(part, str) else "x" for part in value.parts)
        return Truth.YES if _ANY_ROLE.fullmatch(shown) else Truth.NO
    return Truth.MAYBE if value.may_be("*") else Truth.NO
