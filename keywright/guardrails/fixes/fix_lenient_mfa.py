"""A test that a missing key passes becomes one that asks for the key: `BoolIfExists` becomes `Bool`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, value_of
from keywright.guardrails.subjects.allowed_principals import MFA_AGE, MFA_PRESENT
from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from keywright.guardrails.subjects.kinds import PolicyStatement
    from keywright.guardrails.subjects.trusts import TrustStatement
    from keywright.reporting.finding import Finding

CODES = ("TRU002", "TRU007", "POL004")

_SUFFIX = "ifexists"


def fix(statement: TrustStatement | PolicyStatement, _finding: Finding) -> Proposal:
    """Ask for the second factor where its absence passes; a Deny is right as it is."""
    if statement.statement.effect is not Effect.ALLOW:
        raise CannotRewriteError
    place = statement.place.below("Condition")
    conditions = value_of(place)
    rewrite, said = rewrite_at(place), []
    for operator, tests in conditions.items() if isinstance(conditions, dict) else ():
        keys = {key.lower() for key in tests} if isinstance(tests, dict) else set()
        if operator.lower().endswith(_SUFFIX) and keys and keys <= {MFA_PRESENT, MFA_AGE}:
            strict = operator[: -len(_SUFFIX)]
            rewrite = rewrite.with_key((*path_of(place), operator), strict)
            said.append(f"`{operator}` becomes `{strict}`")
    if not said:
        raise CannotRewriteError
    return Proposal(", ".join(said), rewrite)
