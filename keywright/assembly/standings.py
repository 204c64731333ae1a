"""How everybody of an assembly stands, in each account that it names where a template says none of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.actors import account_of
from keywright.assembly.in_each_place import MOST_PLACES, TOO_MANY, Place, accounts_named, in_place
from keywright.reasoning.escalation import Contained, Unclear, escalations

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from keywright.assembly.template import Assembly
    from keywright.reasoning.actor import Account, Actor
    from keywright.reasoning.escalation import Standing

    Search = Callable[[Account, Collection[Actor]], Iterable[Standing]]


def standings(assembly: Assembly, now: datetime) -> tuple[Standing, ...]:
    """Tell how all stand at a time."""
    found = escalations(account_of(assembly, now))
    return in_each_account(assembly, found, lambda account, some: escalations(account, of=some), now)


def in_each_account(
    assembly: Assembly, found: tuple[Standing, ...], search: Search, now: datetime | None = None
) -> tuple[Standing, ...]:
    """Leave open whether somebody goes no further who does in an account that may be the assembly's own."""
    contained = {each.actor.arn: each.actor for each in found if isinstance(each, Contained)}
    accounts = accounts_named(assembly) if contained else ()
    if len(accounts) > MOST_PLACES:
        return tuple(_unclear(each, TOO_MANY) if isinstance(each, Contained) else each for each in found)
    because: dict[str, str] = {}
    for account in accounts:
        place = Place(account)
        there = account_of(in_place(assembly, place), now)
        asked = {there.actor(place.written(arn)): arn for arn in contained if arn not in because}
        for each in search(there, [actor for actor in asked if actor is not None]):
            if not isinstance(each, Contained) and each.actor in asked:
                says = f"no template says its account; where that is {account}, it can come to more, perhaps"
                because[asked[each.actor]] = says
    return tuple(
        _unclear(each, because[each.actor.arn])
        if isinstance(each, Contained) and each.actor.arn in because
        else each
        for each in found
    )


def _unclear(standing: Standing, because: str) -> Unclear:
    return Unclear(standing.actor, (because,))
