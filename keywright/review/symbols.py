"""Where a proof would rest on two unknown things being different: it must not.

A part that only the deployment knows, `<Reference>`, equals itself. Whether it differs from something else is not known,
and exclusions (a Deny, `NotResource`, a negated condition) are where that decides. Nor is known how long it is, which
`?` counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.known import SOMEBODY
from keywright.policy.statement import Effect
from keywright.reasoning.circumstances import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.document import Document
    from keywright.policy.statement import Statement

STAND_IN = "000000000000"
"""Stands for the account of a template that is pinned to none: a number that AWS gives nobody, and a symbol here."""
_ACCOUNT = "<account>"

Place = tuple[str, str]
"""What a text is about (`resource`, `principal`, a condition key), and the text."""


def doubtful(before: Iterable[Document], after: Iterable[Document]) -> str:
    """Name a symbol that an exclusion may or may not mean; empty where none is.

    What stands on both sides weighs the same on both, so one of the two must be of one side alone.
    """
    was, now = ({repr(each.to_json()): each for each in _statements(one)} for one in (before, after))
    common = [was[key] for key in was.keys() & now.keys()]
    changed = [side[key] for side in (was, now) for key in was.keys() ^ now.keys() if key in side]
    if not changed:
        return ""
    everything = [*common, *changed]
    return (
        _doubted(_texts(everything), _excluded(changed))
        or _doubted(_texts(changed), _excluded(common))
        or _doubted(_texts(changed), _counted(common))
        or _doubted(_texts(everything), _counted(changed))
    )


def _statements(documents: Iterable[Document]) -> Iterator[Statement]:
    return (replace(each, sid="") for document in documents for each in document.statements)


def _doubted(texts: Iterable[Place], excluded: Iterable[Place]) -> str:
    named = {(about, text.replace(STAND_IN, _ACCOUNT)) for about, text in texts}
    symbols = sorted((about, text) for about, text in named if SYMBOL.search(text))
    taken = {(about, text.replace(STAND_IN, _ACCOUNT)) for about, text in excluded} if symbols else set()
    for about, text in sorted(taken):
        for kind, symbol in symbols:
            if kind == about and symbol != text and _may_be(symbol, text):
                return symbol
    return ""


def _texts(statements: Iterable[Statement]) -> Iterator[Place]:
    for each in statements:
        yield from (("resource", text) for text in (*each.resources, *each.not_resources))
        for element in (each.principals, each.not_principals):
            yield from (("principal", text) for values in element.values() for text in values)
        for test in each.condition_tests:
            yield from ((test.lowered_key, text) for text in test.values)


def _counted(statements: Iterable[Statement]) -> Iterator[Place]:
    """Give the texts that count characters: nobody knows how many a symbol stands for."""
    return ((about, text) for about, text in _texts(statements) if "?" in text and text != SOMEBODY)


def _excluded(statements: Iterable[Statement]) -> Iterator[Place]:
    """Give the texts that take something away; what means everything takes it away whatever a symbol is."""
    for each in statements:
        denies = each.effect is Effect.DENY
        yield from (("resource", text) for text in each.not_resources)
        yield from (("principal", text) for values in each.not_principals.values() for text in values)
        if denies:
            yield from (("resource", text) for text in each.resources if text != "*")
            yield from (
                ("principal", text) for values in each.principals.values() for text in values if text != "*"
            )
        for test in each.condition_tests:
            if denies or test.operator is None or test.operator.negated:
                yield from ((test.lowered_key, text) for text in test.values)


def _may_be(one: str, other: str) -> bool:
    """Tell whether two patterns may have a text in common that they do not have as written.

    What AWS makes up is different for different things, and the same for the same thing.
    """
    own, others = set(SYMBOL.findall(one)), set(SYMBOL.findall(other))
    if others - own:
        return False
    if others:
        end = max(other.rfind(symbol) + len(symbol) for symbol in others)
        if one.startswith(other[:end]) and not SYMBOL.search(one[end:]):
            return False
    return _overlap(SYMBOL.sub("*", one), SYMBOL.sub("*", other))


def _overlap(one: str, other: str) -> bool:
    """Tell whether two patterns share a text, by the places that both may have come to."""
    reached = {0}
    reached = _past_wildcards(reached, other)
    for letter in one:
        if letter == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else set()
        else:
            stepped = {
                at + (other[at] != "*")
                for at in reached
                if at < len(other) and (other[at] in {"*", "?", letter} or letter == "?")
            }
            reached = _past_wildcards(stepped, other)
    return len(other) in reached


def _past_wildcards(reached: set[int], pattern: str) -> set[int]:
    found = set(reached)
    for at in sorted(reached):
        place = at
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found
