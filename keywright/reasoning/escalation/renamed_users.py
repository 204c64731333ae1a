"""Tests whether two users differ only in their name when compared with a third actor.

Many people of an account have the same policies, with `${aws:username}` as the only difference. Swapping two
of their names in every resource leaves each policy as it is, if no other pattern distinguishes these names:
each matches either every complete name or none. Then a comparison has the same result for both. Users for
which this is not obvious are never treated as equivalent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Actor

_VARIABLE = re.compile(r"\$\{\s*aws:username\s*(?:,\s*'[^']*'\s*)?\}", re.IGNORECASE)
"""The user name is in every request of a user, so a default value never applies."""
_WILD = re.compile(r"[*?]")
_FIELDS = 5
"""Colons before the last field of an ARN, the only field in which a wildcard matches everything."""
_ENDS = ("", "/", ":", ",")
"""What can follow a name, and is in no name that is compared here."""
_BY_NAME = frozenset({"aws:username", "aws:userid"})
_BY_ARN = "aws:principalarn"


@dataclass(frozen=True, eq=False)
class EquivalentUser:
    """A user, equal to every other user with the same policies and path."""

    user: Actor

    @cached_property
    def _likeness(self) -> tuple[object, ...]:
        bearing = (tuple(map(id, self.user.documents)), id(self.user.boundary), self.user.doubts)
        return (self.user.kind, self.path, *bearing)

    @property
    def path(self) -> str:
        """The part of the ARN before the name."""
        return self.user.arn.removesuffix(self.user.user_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EquivalentUser) and self._likeness == other._likeness

    def __hash__(self) -> int:
        return hash(self._likeness)


def is_equivalent_user(actor: Actor, other: Actor) -> bool:
    """Return whether the name of `other` makes no difference when it is compared with `actor`."""
    if other.kind is not ActorKind.USER or actor.user_name == other.user_name:
        return False
    if "," in other.user_name + actor.user_name:
        return False
    return _names_are_irrelevant(actor, EquivalentUser(other))


@lru_cache(maxsize=16_384)
def _names_are_irrelevant(actor: Actor, one: EquivalentUser) -> bool:
    documents = one.user.all_documents
    variable = {text for each in documents for text in _resources(each) if "${" in text}
    prefixes = {_prefix(text) for text in variable} | {one.path}
    if None in prefixes or not _is_disjoint({each for each in prefixes if each}):
        return False
    fixed = {text for each in documents for text in _resources(each)} - variable
    own = {_with_own_name(text, actor) for each in actor.all_documents for text in _resources(each)}
    tested = {text for each in documents for text in _tested(each, one.path)}
    return all(
        _ignores_names(text, prefix)
        for prefix in prefixes
        if prefix
        for text in (*fixed, *own, *tested)
        if not _is_of(text, prefix, actor)
    )


def _with_own_name(text: str, actor: Actor) -> str:
    """Replace the variable by the user's own name.

    Other actors keep it, and then no pattern ignores names.
    """
    return _VARIABLE.sub(actor.user_name, text) if actor.kind is ActorKind.USER else text


def _resources(document: Document) -> Iterator[str]:
    for statement in document.statements:
        yield from (*statement.resources, *statement.not_resources)


def _tested(document: Document, path: str) -> Iterator[str]:
    """Return the patterns by which conditions distinguish users.

    A condition that must not occur yields one that fails.
    """
    for statement in document.statements:
        for test in statement.condition_tests:
            if test.lowered_key == _BY_ARN:
                yield from test.values
            elif test.lowered_key in _BY_NAME or any("${" in value for value in test.values):
                yield f"{path}?"


def _prefix(text: str) -> str | None:
    """Return the text before the name variable; None where more than a name decides."""
    before, *rest = _VARIABLE.split(text)
    after = rest[0] if len(rest) == 1 else "${"
    is_plain = not _WILD.search(before) and before.count(":") >= _FIELDS and after[:1] in _ENDS
    return before if is_plain and "${" not in before + after else None


def _is_disjoint(prefixes: set[str]) -> bool:
    """Return whether no prefix continues another, so that a text contains one name at most."""
    return not any(one != other and one.startswith(other) for one in prefixes for other in prefixes)


def _ignores_names(text: str, prefix: str) -> bool:
    """Return whether a pattern matches everything after a prefix, or nothing that starts with it."""
    literal = _WILD.split(text, maxsplit=1)[0]
    if not literal.startswith(prefix) and not prefix.startswith(literal):
        return True
    if len(literal) > len(prefix) or "${" in text:
        return False
    return text in ("*", f"{literal}*") and (text == "*" or literal.count(":") >= _FIELDS)


def _is_of(text: str, prefix: str, actor: Actor) -> bool:
    """Return whether a pattern contains the actor's own name, which no other user has."""
    mine = prefix + actor.user_name
    return actor.kind is ActorKind.USER and text.startswith(mine) and text[len(mine) :][:1] in _ENDS
