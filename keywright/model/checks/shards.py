"""A stack holds no more than CloudFormation takes; spreading what is declared over more stacks is said in time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from keywright.finding import Severity
from keywright.model.shards import stack_name
from keywright.model.stack_kinds import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft
    from keywright.model.stack_kinds import Kind

RESOURCES = 500
"""The most resources of a stack ("Understand CloudFormation quotas", AWS CloudFormation User Guide)."""
SOON = 0.8
_OF_EACH: dict[Kind, int] = {"people": 2, "groups": 1, "roles": 1, "workloads": 2, "buckets": 2}
"""Resources that each thing of a kind has at least; a user's second one ends what it had."""
_OF_A_LOGIN = 2
_OF_A_KEY = 2


def check(draft: Draft) -> Iterator[Finding]:
    """Warn where a stack comes near its quota of resources, and name the number of stacks that would do."""
    for kind, section in SECTIONS.items():
        counted: Counter[int] = Counter()
        for name, thing in getattr(draft, section).items():
            if not getattr(thing, "existing", None):
                counted[draft.shards.number(kind, name)] += _resources(kind, thing)
        for number, resources in sorted(counted.items()):
            if resources > SOON * RESOURCES:
                yield _near(draft, kind, number, resources)


def _resources(kind: Kind, thing: object) -> int:
    login = _OF_A_LOGIN if getattr(thing, "console", False) else 0
    return _OF_EACH[kind] + login + _OF_A_KEY * len(getattr(thing, "access_keys", ()))


def _near(draft: Draft, kind: Kind, number: int, resources: int) -> Finding:
    more = draft.shards.of(kind).stacks * 2
    return draft.finding(
        f"stack `{stack_name(kind, number)}` {'is over' if resources > RESOURCES else 'comes near'} its quota of resources",
        f"about {resources} for {SECTIONS[kind]}",
        f"at most {RESOURCES}: `keywright spread {kind} {more}`, and nobody moves",
        at=("shards", kind) if draft.places.along(("shards", kind))[2:] else (SECTIONS[kind],),
        severity=Severity.WARNING,
    )
