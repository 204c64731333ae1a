"""Cause before consequence: what only follows from another mistake is left out while that mistake stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.draft import Consequence
from keywright.model.source.yaml_tree import MappingNode, place, places_in
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.source.places import Path, Places
    from keywright.reporting.finding import Finding, Location

_SEVERE = list(Severity)
"""The severities, the most severe first."""


def without_consequences(findings: list[Finding], places: Places) -> list[Finding]:
    """Leave out each consequence whose cause is reported too, with the same severity or a higher one.

    A warning never hides an error: what refuses a declaration must be reported itself, or follow from an error.
    """
    if not any(isinstance(each, Consequence) for each in findings):
        return findings
    mistakes = {severity: _locations(findings, severity) for severity in _SEVERE}
    return [each for each in findings if not _is_explained(each, mistakes[each.severity], places)]


def _locations(findings: list[Finding], severity: Severity) -> set[Location]:
    at_least = _SEVERE[: _SEVERE.index(severity) + 1]
    return {
        each.location for each in findings if each.severity in at_least and not isinstance(each, Consequence)
    }


def _is_explained(finding: Finding, mistakes: set[Location], places: Places) -> bool:
    return (
        isinstance(finding, Consequence)
        and bool(mistakes)
        and any(each in mistakes for path in finding.causes for each in _places_at(path, places))
    )


def _places_at(path: Path, places: Places) -> Iterator[Location]:
    """Give the places of everything at a path; if there is nothing, of the keys among which it may be misspelled."""
    steps = places.along(path)
    _, node, key = steps[-1]
    if key is not None:
        yield place(key)
    if len(steps) == len(path) + 1:
        yield from places_in(node)
    else:
        yield place(node)
        yield from map(place, node.keys.values() if isinstance(node, MappingNode) else ())
