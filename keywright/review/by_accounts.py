"""Where no template says its account: the same comparison in each that is named, for any of these may be its own.

Within an account to be named is enough, from another one it is not; so what narrows for a stranger may widen for the
account's own. What is gained in one account is a gain: somebody may deploy there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.queries.account_cases import Place, accounts_named, in_place
from keywright.review.symbols import STAND_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from keywright.assembly.templates.template import Assembly
    from keywright.review.by_cases import Found
    from keywright.review.change import Change, Fact, Step

    Compare = Callable[[Assembly, Assembly, str], Found]

MOST_ACCOUNTS = 8
TOO_MANY = "no template says its account, and more accounts are named than are tried"


def by_accounts(found: Found, base: Assembly, head: Assembly, compare: Compare) -> tuple[Found, str]:
    """Tell again what accounts leave open, and why not where they are too many; `compare` compares in one."""
    accounts = sorted({*accounts_named(base), *accounts_named(head)} - {STAND_IN})
    if not accounts or not (found[0] or found[1]):
        return found, ""
    if len(accounts) > MOST_ACCOUNTS:
        return found, TOO_MANY
    told = []
    for account in accounts:
        place = Place(account)
        changes, facts = compare(in_place(base, place), in_place(head, place), account)
        alike = [
            replace(each, arn=each.arn.replace(account, STAND_IN), name=each.name.replace(account, STAND_IN))
            for each in changes
        ]
        told.append((f"where the account is `{account}`", alike, list(_beyond(found[1], facts, account))))
    changes = _changes(found[0], [(says, some) for says, some, _ in told])
    more = (replace(each, says=f"{each.says}, {says}") for says, _, facts in told for each in facts)
    return (changes, [*found[1], *more]), ""


def _changes(known: Sequence[Change], told: Iterable[tuple[str, Sequence[Change]]]) -> list[Change]:
    """Take over what is gained in an account, or open, where nothing is gained without one; of losses, what is known of none."""
    found = {_key(each): each for each in known}
    for says, changes in told:
        for each in changes:
            before = found.get(_key(each))
            if before is None and (each.gains or each.undecided):
                found[_key(each)] = replace(each, gains=_where(each.gains, says))
            elif before is not None and not before.gains:
                found[_key(each)] = _more(before, each, says)
    return list(found.values())


def _more(known: Change, there: Change, says: str) -> Change:
    gains, losses = _where(there.gains, says), known.losses or _where(there.losses, says)
    undecided = tuple(dict.fromkeys((*known.undecided, *there.undecided)))
    may_lose = known.may_lose or there.may_lose
    is_rewritten = known.is_rewritten and not (gains or losses or undecided or may_lose)
    return replace(
        known,
        gains=gains,
        losses=losses,
        undecided=undecided,
        may_lose=may_lose,
        is_rewritten=is_rewritten,
        concerns=known.concerns or there.concerns,
    )


def _key(change: Change) -> tuple[str, str, str]:
    return change.subject, change.arn, change.name


def _where(steps: Iterable[Step], says: str) -> tuple[Step, ...]:
    return tuple(replace(each, where=each.where or says) for each in steps)


def _beyond(known: Sequence[Fact], facts: Sequence[Fact], account: str) -> Iterator[Fact]:
    """Give what widens, or is open, in one account alone."""

    def said(fact: Fact) -> tuple[str, ...]:
        return fact.about, *(each.replace(account, STAND_IN) for each in (fact.name, fact.says))

    before = set(map(said, known))
    yield from (each for each in facts if (each.widens or each.undecided) and said(each) not in before)
