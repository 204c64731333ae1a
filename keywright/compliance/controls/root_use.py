"""1.6: nobody needs the root user, where somebody else can always still administer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.answer import Answer, Enforcer

if TYPE_CHECKING:
    from keywright.compliance.seen import Seen


def root_use(seen: Seen) -> Answer:
    """Name the role of last resort; that the root user rests, only the account can show."""
    role = seen.declarations.account.break_glass if seen.declarations else None
    if role is None:
        return Answer()
    place = seen.places.at("account", "break_glass")
    return Answer(
        by=(Enforcer(f"`{role}` administers in an emergency, so that nobody needs the root user", place),)
    )
