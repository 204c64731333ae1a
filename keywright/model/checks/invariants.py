"""Invariants name actions that exist: an invariant about a misspelled action is always true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.nearest import nearest
from keywright.model.fields.strict import several
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.invariants import Invariant
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding

_DECLARED = ("user", "group", "role", "workload", "bucket")
"""Kinds of declared things that can be the target of an action."""


def check_invariants(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown kinds of targets, and warn of unknown actions."""
    yield from unknown_actions(draft)
    for path, invariant in _invariants(draft):
        for target in several(invariant.on):
            kind, slash, _ = target.partition("/")
            # The part of an ARN before a slash is not a kind.
            if slash and kind not in _DECLARED and not target.startswith("arn:"):
                accepted = f"{listed(f'{each}/' for each in nearest(kind, _DECLARED))} and a declared name, or an ARN"
                yield draft.finding(
                    "there is no such kind of declared things", quoted(target), accepted, at=(*path, "on")
                )


def unknown_actions(draft: Draft) -> Iterator[Finding]:
    """Warn of actions and patterns that match no action of AWS; our reference may be older than a new action."""
    for path, invariant in _invariants(draft):
        for action in several(invariant.can):
            if next(catalogue.matching_actions(action), None) is None:
                yield draft.finding(
                    "no AWS action matches",
                    quoted(action),
                    listed(_near(action)) or "an action that exists",
                    at=(*path, "can"),
                    severity=Severity.WARNING,
                )


def _near(action: str) -> list[str]:
    service, _, name = action.partition(":")
    if service not in catalogue.services():
        return [f"{each}:{name}" for each in nearest(service, catalogue.services())]
    return [
        f"{service}:{each}" for each in nearest(name, (one.name for one in catalogue.actions_of(service)))
    ]


def _invariants(draft: Draft) -> Iterator[tuple[Path, Invariant]]:
    for index, never in draft.indexed("never", draft.declared.never):
        yield ("never", index), never
    for index, always in draft.indexed("always", draft.declared.always):
        yield ("always", index), always
