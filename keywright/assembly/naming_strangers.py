"""Who it is that a policy of a resource lets in, of those whom no template declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.principals import PrincipalKind, is_everyone, principal

if TYPE_CHECKING:
    from keywright.policy.statement import Statement
    from keywright.reasoning.witness import Witness


def let_in_by(statement: Statement, witness: Witness) -> str:
    """Name whom a statement lets in the way it does: anybody, an account as a whole, or one principal."""
    who = principal(witness.principal)
    if is_everyone(statement.principals) or witness.principal == "*":
        return "anybody"
    if statement.not_principals or witness.principal in statement.principals.get("AWS", ()):
        return witness.principal
    named = map(principal, statement.principals.get("AWS", ()))
    is_whole = any(each.kind is PrincipalKind.ROOT and each.account == who.account for each in named)
    return f"account {who.account}" if is_whole else witness.principal


def may_name(statement: Statement, witness: Witness) -> bool:
    """Tell whether a statement may be what lets the witness in, by whom it names."""
    values = {each for some in statement.principals.values() for each in some}
    who = principal(witness.principal)
    return (
        "*" in values
        or witness.principal in values
        or bool(who.account and any(who.account == principal(each).account for each in values))
    )
