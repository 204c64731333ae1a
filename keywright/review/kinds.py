"""The kinds of change that a review shows, for whoever has to approve them: labels and teams.

What somebody expected by `--allow` is among them: to expect is not to approve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.review.change import LEVELS, Approval, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.review.change import Review

KINDS = (
    *LEVELS,
    "trust",
    "resource",
    "sign-in",
    "boundary",
    "escalation",
    "invariant",
    "exception",
    "replaced",
    "undecided",
    "other",
)
"""What widens by level; who can become a role; who reaches a resource by its own policy; and what else is loud."""
_SIGN_IN = frozenset({"console", "key", "MFA"})
_LABEL = "access: "


def kinds(review: Review) -> dict[str, tuple[str, ...]]:
    """Give the names of what changes, by kind, in the order of `KINDS`."""
    found: dict[str, list[str]] = {}
    for kind, name in _kinds(review):
        found.setdefault(kind, []).append(name)
    return {kind: tuple(dict.fromkeys(found[kind])) for kind in KINDS if kind in found}


def _kinds(review: Review) -> Iterator[tuple[str, str]]:
    for change in review.gains:
        if change.subject is Subject.ACCESS:
            levels = {level for step in change.gains for level in step.levels}
            yield from ((level, change.name) for level in levels or {"other"})
        else:
            yield change.subject.value, change.name
    for fact in review.facts:
        if fact.widens:
            kind = (
                "sign-in" if fact.about in _SIGN_IN else "boundary" if fact.about == "boundary" else "other"
            )
            yield kind, fact.name
    yield from (("escalation", each.principal) for each in review.paths)
    yield from ((each.about, each.name) for each in review.notes if each.weakens)
    yield from (("replaced", each.name) for each in review.replaced)
    yield from (("undecided", each) for each in review.open_questions)


def labels(review: Review) -> tuple[str, ...]:
    """Give the labels of a pull request: its verdict, and the kinds of change in it. All are words of ours."""
    if review.unusable:
        return (f"{_LABEL}unusable",)
    return tuple(dict.fromkeys(f"{_LABEL}{each}" for each in (review.verdict.value, *kinds(review))))


def approvals(review: Review, teams: Mapping[str, str]) -> tuple[Approval, ...]:
    """Say which teams have to approve, and for what."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for kind, names in kinds(review).items():
        if kind in teams:
            found.setdefault(teams[kind], []).append((kind, names))
    return tuple(Approval(team, tuple(because)) for team, because in found.items())
