"""Where the template's conditions decide: the same comparison for each way in which they may turn out together.

What is proved in every case is proved. What is gained in one case is a gain: somebody may deploy that case. The
defaults of the parameters are a case of their own, for they may differ between the two sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.queries.environments import Environment, in_environment, named_accounts
from keywright.assembly.templates.conditions import (
    assuming,
    condition_cases,
    conditions_by_default,
    describe_case,
    undecided_conditions,
)
from keywright.review.comparison.symbols import PLACEHOLDER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from keywright.assembly.templates.resolve import Atom
    from keywright.assembly.templates.template import Assembly
    from keywright.review.comparison.snapshot import Snapshot
    from keywright.review.result import Change, Fact, Step

    Compare = Callable[[Assembly, Assembly, str], "Found"]

MOST_CASES = 16
"""Ways that are tried; beyond them what hangs on conditions stays undecided."""
BY_DEFAULTS = "with the default parameters"
Found = tuple["Sequence[Change]", "Sequence[Fact]"]
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Case:
    """One way: what is supposed on each side, and how to say it."""

    before: Mapping[Atom, bool]
    after: Mapping[Atom, bool]
    says: str


def compare_by_cases(
    found: Found, base: Snapshot, head: Snapshot, compare: Callable[[Assembly, Assembly], Found]
) -> Found:
    """Tell again what conditions leave open, if they are few; `compare` compares two assemblies."""
    ways = _ways(base, head)
    if not ways:
        return found
    told = [
        (way.says, compare(assuming(base.assembly, way.before), assuming(head.assembly, way.after)))
        for way in ways
    ]
    changes = _changes(found[0], [(says, each[0]) for says, each in told])
    return changes, _facts(found[1], [(says, each[1]) for says, each in told])


def _ways(base: Snapshot, head: Snapshot) -> list[_Case]:
    """Give all ways in which the conditions may turn out on both sides; those that defaults decide come after them."""
    was, now = (
        {_plain(side, atom): atom for atom in undecided_conditions(side.assembly)} for side in (base, head)
    )
    ways = [
        _Case(_of(case, was), _of(case, now), describe_case(case))
        for case in condition_cases([*was, *now], MOST_CASES)
        if case
    ]
    usual = [
        conditions_by_default(side.assembly, atoms.values()) for side, atoms in ((base, was), (head, now))
    ]
    known = [(each.before, each.after) for each in ways]
    for way in list(ways):
        sides = {**way.before, **usual[0]}, {**way.after, **usual[1]}
        if sides not in known:
            known.append(sides)
            ways.append(_Case(*sides, BY_DEFAULTS))
    return ways


def _plain(side: Snapshot, atom: Atom) -> Atom:
    return side.template_id(atom[0]), atom[1]


def _of(case: Mapping[Atom, bool], atoms: Mapping[Atom, Atom]) -> dict[Atom, bool]:
    return {raw: case[plain] for plain, raw in atoms.items()}


# Changes


def _key(change: Change) -> _Key:
    return change.subject, change.arn, change.name


def _changes(found: Sequence[Change], told: Sequence[tuple[str, Sequence[Change]]]) -> list[Change]:
    """Put the cases together; what is known without them stays as it is."""
    by_key: dict[_Key, list[tuple[str, Change]]] = {}
    for says, changes in told:
        for each in changes:
            by_key.setdefault(_key(each), []).append((says, each))
    known = {_key(each): each for each in found}
    for key, several in by_key.items():
        if key not in known and any(each.gains for _, each in several):
            known[key] = several[0][1]
    return [_together(each, by_key.get(key, [])) for key, each in known.items()]


def _together(change: Change, several: Sequence[tuple[str, Change]]) -> Change:
    if change.gains and not change.undecided:
        return change
    gains = _steps(change.gains, [(says, each.gains) for says, each in several])
    losses = _steps(change.losses, [(says, each.losses) for says, each in several])
    undecided = tuple(dict.fromkeys(reason for _, each in several for reason in each.undecided))
    may_lose = next((each.may_lose for _, each in several if each.may_lose), "")
    return replace(
        change,
        gains=gains,
        losses=losses,
        concerns=change.concerns or next((each.concerns for _, each in several if each.concerns), ()),
        undecided=undecided,
        may_lose=may_lose,
        is_rewritten=not (gains or losses or undecided or may_lose),
    )


def _steps(known: Sequence[Step], told: Iterable[tuple[str, Sequence[Step]]]) -> tuple[Step, ...]:
    """Give every step once, with the first case that shows it."""
    found = {_what(each): each for each in known}
    for says, steps in told:
        for each in steps:
            found.setdefault(_what(each), replace(each, where=says))
    return tuple(found.values())


def _what(step: Step) -> tuple[str, str, str]:
    return str(step.place), step.witness.action, step.witness.resource


# Facts


def _facts(found: Sequence[Fact], told: Iterable[tuple[str, Sequence[Fact]]]) -> list[Fact]:
    """Add what widens in a case alone."""
    known = {(each.about, each.name, each.says): each for each in found}
    for says, facts in told:
        for each in facts:
            if each.widens:
                known.setdefault(
                    (each.about, each.name, each.says), replace(each, says=f"{each.says}, {says}")
                )
    return list(known.values())


MOST_ACCOUNTS = 8
TOO_MANY = "no template states its account, and the templates name too many accounts to try each one"


def compare_by_accounts(found: Found, base: Assembly, head: Assembly, compare: Compare) -> tuple[Found, str]:
    """Tell again what accounts leave open, and why not where they are too many; `compare` compares in one."""
    accounts = sorted({*named_accounts(base), *named_accounts(head)} - {PLACEHOLDER_ACCOUNT})
    if not accounts or not (found[0] or found[1]):
        return found, ""
    if len(accounts) > MOST_ACCOUNTS:
        return found, TOO_MANY
    told = []
    for account in accounts:
        place = Environment(account)
        changes, facts = compare(in_environment(base, place), in_environment(head, place), account)
        alike = [
            replace(
                each,
                arn=each.arn.replace(account, PLACEHOLDER_ACCOUNT),
                name=each.name.replace(account, PLACEHOLDER_ACCOUNT),
            )
            for each in changes
        ]
        told.append((f"if the account is `{account}`", alike, list(_beyond(found[1], facts, account))))
    changes = _merge_accounts(found[0], [(says, some) for says, some, _ in told])
    more = (replace(each, says=f"{each.says}, {says}") for says, _, facts in told for each in facts)
    return (changes, [*found[1], *more]), ""


def _merge_accounts(known: Sequence[Change], told: Iterable[tuple[str, Sequence[Change]]]) -> list[Change]:
    """Take over what is gained in an account, or open, where nothing is gained without one; of losses, what is known of none."""
    found = {_change_key(each): each for each in known}
    for says, changes in told:
        for each in changes:
            before = found.get(_change_key(each))
            if before is None and (each.gains or each.undecided):
                found[_change_key(each)] = replace(each, gains=_where(each.gains, says))
            elif before is not None and not before.gains:
                found[_change_key(each)] = _more(before, each, says)
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


def _change_key(change: Change) -> tuple[str, str, str]:
    return change.subject, change.arn, change.name


def _where(steps: Iterable[Step], says: str) -> tuple[Step, ...]:
    return tuple(replace(each, where=each.where or says) for each in steps)


def _beyond(known: Sequence[Fact], facts: Sequence[Fact], account: str) -> Iterator[Fact]:
    """Give what widens, or is open, in one account alone."""

    def said(fact: Fact) -> tuple[str, ...]:
        return fact.about, *(each.replace(account, PLACEHOLDER_ACCOUNT) for each in (fact.name, fact.says))

    before = set(map(said, known))
    yield from (each for each in facts if (each.widens or each.undecided) and said(each) not in before)
