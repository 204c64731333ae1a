"""Repeat the comparison for each outcome of the template's conditions, and for each account that templates name.

What is proved in every case is proved. A gain in one case is a gain, because that case may be deployed. The
default parameters are a separate case, because they may differ between the sides.
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
"""How many cases are tried; with more, what depends on conditions stays undecided."""
BY_DEFAULTS = "with the default parameters"
Found = tuple["Sequence[Change]", "Sequence[Fact]"]
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Case:
    """One case: the conditions' outcomes on each side, and its description."""

    before: Mapping[Atom, bool]
    after: Mapping[Atom, bool]
    says: str


def compare_by_cases(
    found: Found, base: Snapshot, head: Snapshot, compare: Callable[[Assembly, Assembly], Found]
) -> Found:
    """Decide by cases what conditions leave open, if there are few; `compare` compares two assemblies."""
    cases = _condition_cases(base, head)
    if not cases:
        return found
    results = [
        (each.says, compare(assuming(base.assembly, each.before), assuming(head.assembly, each.after)))
        for each in cases
    ]
    changes = _merge_changes(found[0], [(says, each[0]) for says, each in results])
    return changes, _merge_facts(found[1], [(says, each[1]) for says, each in results])


def _condition_cases(base: Snapshot, head: Snapshot) -> list[_Case]:
    """Give all combinations of the conditions' outcomes, then those with the default parameters."""
    was, now = (
        {_relative_atom(snapshot, atom): atom for atom in undecided_conditions(snapshot.assembly)}
        for snapshot in (base, head)
    )
    cases = [
        _Case(_atom_values(case, was), _atom_values(case, now), describe_case(case))
        for case in condition_cases([*was, *now], MOST_CASES)
        if case
    ]
    usual = [
        conditions_by_default(snapshot.assembly, atoms.values())
        for snapshot, atoms in ((base, was), (head, now))
    ]
    known = [(each.before, each.after) for each in cases]
    for each in list(cases):
        sides = {**each.before, **usual[0]}, {**each.after, **usual[1]}
        # Both sides are often deployed with defaults only, and a default may differ between them.
        if sides not in known:
            known.append(sides)
            cases.append(_Case(*sides, BY_DEFAULTS))
    return cases


def _relative_atom(snapshot: Snapshot, atom: Atom) -> Atom:
    return snapshot.template_id(atom[0]), atom[1]


def _atom_values(case: Mapping[Atom, bool], atoms: Mapping[Atom, Atom]) -> dict[Atom, bool]:
    return {raw: case[plain] for plain, raw in atoms.items()}


# Changes


def _key(change: Change) -> _Key:
    return change.subject, change.arn, change.name


def _merge_changes(found: Sequence[Change], results: Sequence[tuple[str, Sequence[Change]]]) -> list[Change]:
    """Merge the cases into the changes; changes that are known without cases stay."""
    by_key: dict[_Key, list[tuple[str, Change]]] = {}
    for says, changes in results:
        for each in changes:
            by_key.setdefault(_key(each), []).append((says, each))
    known = {_key(each): each for each in found}
    for key, several in by_key.items():
        # A gain in one case is a gain, because that case may be deployed.
        if key not in known and any(each.gains for _, each in several):
            known[key] = several[0][1]
    return [_merge_cases(each, by_key.get(key, [])) for key, each in known.items()]


def _merge_cases(change: Change, several: Sequence[tuple[str, Change]]) -> Change:
    # A gain that holds without cases holds in each of them.
    if change.gains and not change.undecided:
        return change
    gains = _merge_steps(change.gains, [(says, each.gains) for says, each in several])
    losses = _merge_steps(change.losses, [(says, each.losses) for says, each in several])
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


def _merge_steps(known: Sequence[Step], results: Iterable[tuple[str, Sequence[Step]]]) -> tuple[Step, ...]:
    """Give every step once, with the first case that has it."""
    found = {_step_key(each): each for each in known}
    for says, steps in results:
        for each in steps:
            found.setdefault(_step_key(each), replace(each, where=says))
    return tuple(found.values())


def _step_key(step: Step) -> tuple[str, str, str]:
    return str(step.place), step.witness.action, step.witness.resource


# Facts


def _merge_facts(found: Sequence[Fact], results: Iterable[tuple[str, Sequence[Fact]]]) -> list[Fact]:
    """Add gains that occur only in a case."""
    known = {(each.about, each.name, each.says): each for each in found}
    for says, facts in results:
        for each in facts:
            if each.widens:
                known.setdefault(
                    (each.about, each.name, each.says), replace(each, says=f"{each.says}, {says}")
                )
    return list(known.values())


MOST_ACCOUNTS = 8
TOO_MANY = "no template states its account, and the templates name too many accounts to try each one"


def compare_by_accounts(found: Found, base: Assembly, head: Assembly, compare: Compare) -> tuple[Found, str]:
    """Repeat the comparison in each named account; with too many, give the reason. `compare` compares in one."""
    # A policy that names an account means something else inside of that account; all other accounts are
    # treated alike.
    accounts = sorted({*named_accounts(base), *named_accounts(head)} - {PLACEHOLDER_ACCOUNT})
    if not accounts or not (found[0] or found[1]):
        return found, ""
    if len(accounts) > MOST_ACCOUNTS:
        return found, TOO_MANY
    results = []
    for account in accounts:
        place = Environment(account)
        changes, facts = compare(in_environment(base, place), in_environment(head, place), account)
        normalized = [
            replace(
                each,
                arn=each.arn.replace(account, PLACEHOLDER_ACCOUNT),
                name=each.name.replace(account, PLACEHOLDER_ACCOUNT),
            )
            for each in changes
        ]
        results.append((account, normalized, list(_account_facts(found[1], facts, account))))
    changes = _merge_accounts(found[0], [(there, some) for there, some, _ in results])
    more = (
        replace(each, says=f"{each.says}, {_if_account(there)}")
        for there, _, facts in results
        for each in facts
    )
    return (changes, [*found[1], *more]), ""


def _merge_accounts(known: Sequence[Change], results: Iterable[tuple[str, Sequence[Change]]]) -> list[Change]:
    """Add gains and open questions that occur only in an account, and losses if none are known yet."""
    found = {_key(each): each for each in known}
    for account, changes in results:
        for each in changes:
            before = found.get(_key(each))
            if before is None and (each.gains or each.undecided):
                found[_key(each)] = replace(each, gains=_in_account(each.gains, account))
            elif before is not None and not before.gains:
                found[_key(each)] = _merge_account(before, each, account)
    return list(found.values())


def _merge_account(known: Change, there: Change, account: str) -> Change:
    gains, losses = _in_account(there.gains, account), known.losses or _in_account(there.losses, account)
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


def _in_account(steps: Iterable[Step], account: str) -> tuple[Step, ...]:
    return tuple(replace(each, where=each.where or _if_account(account), account=account) for each in steps)


def _if_account(account: str) -> str:
    return f"if the account is `{account}`"


def _account_facts(known: Sequence[Fact], facts: Sequence[Fact], account: str) -> Iterator[Fact]:
    """Yield facts that widen or are undecided only in one account."""

    def said(fact: Fact) -> tuple[str, ...]:
        return fact.about, *(each.replace(account, PLACEHOLDER_ACCOUNT) for each in (fact.name, fact.says))

    before = set(map(said, known))
    yield from (each for each in facts if (each.widens or each.undecided) and said(each) not in before)
