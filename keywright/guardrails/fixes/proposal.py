"""A proposed rewrite for a finding, and the places of a subject in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError, exact_path, value_at
from keywright.guardrails.fixes.rewrite import Rewrite

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node
    from keywright.guardrails.fixes.changes import Path
    from keywright.guardrails.place import Place


@dataclass(frozen=True)
class Proposal:
    """A rewrite, and a message that describes it. It is checked before it is offered."""

    message: str
    rewrite: Rewrite


def rewrite_at(place: Place) -> Rewrite:
    """Begin a rewrite of a place's template."""
    return Rewrite(place.resource.template.source)


def path_of(place: Place) -> Path:
    """Return the path of a place from the template's top, as the source spells it."""
    whole = ("Resources", place.resource.logical_id, *place.path)
    return exact_path(place.resource.template.source.tree, whole)


def value_of(place: Place) -> Node:
    """Return the value at a place."""
    return value_at(place.resource.template.source.tree, path_of(place))


def texts_at(place: Place) -> list[tuple[Place, str]]:
    """Return the texts at a place, one or a list, each with its own place.

    Raises:
        UnfitError: Another value is among them.
    """
    value = value_of(place)
    items = value if isinstance(value, list) else [value]
    found = [
        (place.below(index) if isinstance(value, list) else place, item)
        for index, item in enumerate(items)
        if isinstance(item, str)
    ]
    if len(found) != len(items):
        raise CannotRewriteError
    return found
