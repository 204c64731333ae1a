"""The kinds of change in a review, for labels and for required approvals.

Gains that `--allow` expects are included: expecting is not approving.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import MappingNode as YamlMapping
from keywright.model.source.yaml_tree import place, plain
from keywright.reporting.finding import Finding
from keywright.reporting.text import listed
from keywright.review.result import LEVELS, Approval, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.review.result import Review


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
"""Gains by access level; trust policies; resource-based policies; and other changes that need attention."""
_SIGN_IN = frozenset({"console", "key", "MFA"})
_LABEL = "access: "


def kinds(review: Review) -> dict[str, tuple[str, ...]]:
    """Give the names of changed principals and resources, by kind, in the order of `KINDS`."""
    found: dict[str, list[str]] = {}
    for kind, name in _kinds(review):
        found.setdefault(kind, []).append(name)
    return {kind: tuple(dict.fromkeys(found[kind])) for kind in KINDS if kind in found}


def _kinds(review: Review) -> Iterator[tuple[str, str]]:
    for change in review.gains:
        if change.subject is Subject.ACCESS:
            levels = {level for step in change.gains for level in step.levels}
            # A gain without a known level must not go unapproved.
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
    """Give the labels for a pull request: the verdict and the kinds of change."""
    if review.unusable:
        return (f"{_LABEL}unusable",)
    return tuple(dict.fromkeys(f"{_LABEL}{each}" for each in (review.verdict.value, *kinds(review))))


def approvals(review: Review, teams: Mapping[str, str]) -> tuple[Approval, ...]:
    """List the teams that have to approve, and what."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for kind, names in kinds(review).items():
        if kind in teams:
            found.setdefault(teams[kind], []).append((kind, names))
    return tuple(Approval(team, tuple(because)) for team, because in found.items())


_NEAREST = 3


def read_approvers(text: str, file: str) -> tuple[Mapping[str, str], list[Finding]]:
    """Read a mapping of kinds of change to teams, such as `permissions management: acme/security`."""
    document = parse(text, file)
    if document.findings or document.root is None:
        return {}, document.findings
    root = document.root
    if not isinstance(root, YamlMapping):
        return {}, [
            Finding(place(root), "the file is not a mapping", accepted="kinds of change with their teams")
        ]
    findings = [
        Finding(place(key), f"`{kind}` is not a kind of change", accepted=_nearest(kind))
        for kind, key in root.keys.items()
        if kind not in KINDS
    ]
    teams = {kind: plain(node) for kind, node in root.values.items()}
    findings += [
        Finding(place(root.values[kind]), f"`{kind}` has no team", accepted="a name, such as `acme/security`")
        for kind, team in teams.items()
        if not isinstance(team, str) or not team.strip()
    ]
    # A file with a mistake is refused as a whole, so that no team is left out unseen.
    return ({}, findings) if findings else (teams, [])


def _nearest(kind: str) -> str:
    near = get_close_matches(kind, KINDS, n=_NEAREST, cutoff=0.3) or KINDS
    return listed(near)
