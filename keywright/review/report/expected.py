"""Expected gains: a file that lists intended gains with reasons, for strict merge gates; and the lines of declarations.

Each entry covers one statement of one name, exactly as the review shows it, or one change outside of policies. Other gains
still count, and an entry that covers nothing is reported. A gain without a statement (a removed Deny statement or
boundary) cannot be expected: a person has to review it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.declaration_locations import assignment_name
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import SequenceNode as YamlSequence
from keywright.model.source.yaml_tree import place, plain
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import listed
from keywright.review.result import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.assembly.sources.declaration_locations import DeclarationLocations
    from keywright.review.result import Change, Fact, ReplacedIdentity, Review, Step


_KEYS = ("on", "statement", "about", "because", "until")


@dataclass(frozen=True)
class Expected:
    """One expected gain: `on` is the name as the review shows it; `until` is the last day on which it counts.

    `statement` is the new statement; `about` is the kind of a change outside of policies, such as `key`.
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
            # A step with a reason has no new statement that an entry could quote.
            bool(self.statement) and not step.because and (self.on, self.statement) == (name, step.statement)
        )

    def covers_fact(self, fact: Fact) -> bool:
        """Tell whether a change outside of policies is expected."""
        return bool(self.about) and (self.on, self.about) == (fact.name, fact.about)

    def __str__(self) -> str:
        return f"{self.location}: {self.on}: {self.because}"


def _written(statement: Mapping[str, Any]) -> str:
    return json.dumps(statement, sort_keys=True)


def read_expected(text: str, file: str) -> tuple[list[Expected], list[Finding]]:
    """Read a YAML list of expected gains, or an empty file; every error has its location."""
    document = parse(text, file)
    if document.findings or document.root is None:
        return [], document.findings
    if not isinstance(document.root, YamlSequence):
        wanted = "a list of expected gains"
        return [], [Finding(place(document.root), "the file is not a list", accepted=wanted)]
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
        yield Finding(where, "the expected gain is not a mapping", accepted=_named(_KEYS))
        return
    for key in content:
        if key not in _KEYS:
            yield Finding(where, "the expected gain has an unknown key", f"`{key}`", _named(_KEYS))
    for key in ("on", "because"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            yield Finding(where, f"the expected gain has no `{key}`", accepted="a string")
    has_statement, has_about = (
        isinstance(content.get("statement"), dict),
        isinstance(content.get("about"), str),
    )
    if has_statement == has_about:
        accepted = "one of `statement`, as the review shows it, and `about`, such as `key`"
        yield Finding(where, "the expected gain does not say what is expected", accepted=accepted)

    if "until" in content and not _is_day(content["until"]):
        yield Finding(
            where, "`until` of the expected gain is not a date", accepted="a date, such as `2027-01-31`"
        )


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _named(keys: tuple[str, ...]) -> str:
    return listed(keys)


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
    """Mark expected gains; expired entries cover nothing."""
    in_force = [each for each in expected if not each.until or each.until >= today.isoformat()]
    marker = _Marker(in_force, [])
    changes = tuple(marker.change(each) for each in review.changes)
    facts = tuple(marker.fact(each) for each in review.facts)
    # Compared by identity: of two equal entries, one is unused.
    unused = tuple(str(each) for each in expected if not any(each is one for one in marker.used))
    return replace(review, changes=changes, facts=facts, unused=unused)


@dataclass
class _Marker:
    """Marks expected gains, and remembers the entries that were used."""

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
        # One unexpected step makes the whole change unexpected.
        if not found or len(found) < len(covering):
            return change
        return replace(change, expected="; ".join(dict.fromkeys(each.because for each in found)))

    def fact(self, fact: Fact) -> Fact:
        """Mark a change outside of policies."""
        found = next((one for one in self.expected if fact.widens and one.covers_fact(fact)), None)
        if found is None:
            return fact
        self.used.append(found)
        return replace(fact, expected=found.because)


_QUOTED = re.compile(r"`([^`]*)`")


def with_declared(review: Review, base: DeclarationLocations, head: DeclarationLocations) -> Review:
    """Add the lines of declarations: of gains on the later side, of losses on the earlier side."""
    if not (base.names or head.names):
        return review
    return replace(
        review,
        changes=tuple(_change(each, base, head) for each in review.changes),
        facts=tuple(_fact(each, base, head) for each in review.facts),
        replaced=tuple(_replaced(each, base, head) for each in review.replaced),
    )


def _change(change: Change, base: DeclarationLocations, head: DeclarationLocations) -> Change:
    gains, losses = (
        tuple(replace(each, declared=_line(change, each, places)) for each in steps)
        for steps, places in ((change.gains, head), (change.losses, base))
    )
    return replace(change, gains=gains, losses=losses)


def _line(change: Change, step: Step, places: DeclarationLocations) -> Location | None:
    if change.subject is Subject.TRUST:
        return places.of_trust(change.name)
    holder = f"group/{step.through.rpartition('/')[2]}" if step.through else change.name
    return places.of_grant(holder, _actions(step)) or places.of(change.name)


def _actions(step: Step) -> Sequence[str]:
    written = step.statement.get("Action", ())
    return [written] if isinstance(written, str) else list(written)


def _fact(fact: Fact, base: DeclarationLocations, head: DeclarationLocations) -> Fact:
    first, second = (base, head) if fact.narrows else (head, base)
    name = _assigned(fact) if fact.about == "assignment" else fact.name
    return replace(fact, declared=first.of(name) or second.of(name))


def _assigned(fact: Fact) -> str:
    """Give the name of an assignment's declaration from the quoted parts of its message."""
    what, account, *_ = (*_QUOTED.findall(fact.says), "", "")
    return assignment_name(fact.name, what, account)


def _replaced(
    replaced: ReplacedIdentity, base: DeclarationLocations, head: DeclarationLocations
) -> ReplacedIdentity:
    return replace(replaced, declared=head.of(replaced.name) or base.of(replaced.name))
