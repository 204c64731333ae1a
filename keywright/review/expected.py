"""Expected widenings: a file that says which gains are meant, and why, so that a merge gate can be strict.

Each covers one statement of one name, word for word as the review shows it, or one change beside policies. What it does
not cover still counts, and one that covers nothing is said. A gain that no statement makes (a denial or a boundary that
went) can't be expected: it is for people to look at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from keywright.model.yaml_text import parse
from keywright.model.yaml_tree import Sequence as YamlSequence
from keywright.model.yaml_tree import place, plain
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.review.change import Change, Fact, Review, Step

_KEYS = ("on", "statement", "about", "because", "until")


@dataclass(frozen=True)
class Expected:
    """One expected widening: `on` is the name as the review shows it; `until` is the last day it counts.

    `statement` is the one that newly allows; `about` is the sort of a change beside policies, such as `key`.
    """

    on: str
    because: str
    statement: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    until: str = ""
    location: Location = field(default_factory=lambda: Location(""))

    def covers(self, name: str, step: Step) -> bool:
        """Tell whether a step is expected."""
        return (
            bool(self.statement) and not step.because and (self.on, self.statement) == (name, step.statement)
        )

    def covers_fact(self, fact: Fact) -> bool:
        """Tell whether a change beside policies is expected."""
        return bool(self.about) and (self.on, self.about) == (fact.name, fact.about)

    def __str__(self) -> str:
        return f"{self.location}: {self.on}: {self.because}"


def _written(statement: Mapping[str, Any]) -> str:
    return json.dumps(statement, sort_keys=True)


def read_expected(text: str, file: str) -> tuple[list[Expected], list[Finding]]:
    """Read a file's text: a YAML list of expected widenings, or nothing; every mistake has its place."""
    document = parse(text, file)
    if document.findings or document.root is None:
        return [], document.findings
    if not isinstance(document.root, YamlSequence):
        wanted = "a list of expected widenings"
        return [], [Finding(place(document.root), "the file holds no list", accepted=wanted)]
    found: list[Expected] = []
    findings: list[Finding] = []
    for node in document.root.items:
        content, where = plain(node), place(node)
        faults = list(_faults(content, where))
        findings += faults
        if not faults:
            found.append(_expected(content, where))
    return found, findings


def _faults(content: Any, where: Location) -> Iterator[Finding]:
    if not isinstance(content, dict):
        yield Finding(where, "the expected widening is no mapping", accepted=_named(_KEYS))
        return
    for key in content:
        if key not in _KEYS:
            yield Finding(where, "the expected widening has an unknown key", f"`{key}`", _named(_KEYS))
    for key in ("on", "because"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            yield Finding(where, f"the expected widening has no `{key}`", accepted="a text")
    has_statement, has_about = (
        isinstance(content.get("statement"), dict),
        isinstance(content.get("about"), str),
    )
    if has_statement == has_about:
        accepted = "one of `statement`, as the review shows it, and `about`, such as `key`"
        yield Finding(where, "the expected widening says not what is expected", accepted=accepted)

    if "until" in content and not _is_day(content["until"]):
        yield Finding(
            where, "the expected widening's `until` is no day", accepted="a day, such as `2027-01-31`"
        )


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _named(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _expected(content: dict[str, Any], where: Location) -> Expected:
    return Expected(
        content["on"],
        content["because"],
        content.get("statement") or {},
        content.get("about") or "",
        str(content.get("until") or ""),
        where,
    )


def with_expected(review: Review, expected: Sequence[Expected], today: date) -> Review:
    """Mark what is expected; what has expired covers nothing."""
    in_force = [each for each in expected if not each.until or each.until >= today.isoformat()]
    marking = _Marking(in_force, [])
    changes = tuple(marking.change(each) for each in review.changes)
    facts = tuple(marking.fact(each) for each in review.facts)
    unused = tuple(str(each) for each in expected if not any(each is one for one in marking.used))
    return replace(review, changes=changes, facts=facts, unused=unused)


@dataclass
class _Marking:
    """Marks what is expected, and keeps what was used for it."""

    expected: Sequence[Expected]
    used: list[Expected]

    def change(self, change: Change) -> Change:
        """Mark a change whose every step is expected."""
        covering = [
            next((one for one in self.expected if one.covers(change.name, step)), None)
            for step in change.gains
        ]
        found = [each for each in covering if each is not None]
        self.used += found
        if not found or len(found) < len(covering):
            return change
        return replace(change, expected="; ".join(dict.fromkeys(each.because for each in found)))

    def fact(self, fact: Fact) -> Fact:
        """Mark a change beside policies."""
        found = next((one for one in self.expected if fact.widens and one.covers_fact(fact)), None)
        if found is None:
            return fact
        self.used.append(found)
        return replace(fact, expected=found.because)
