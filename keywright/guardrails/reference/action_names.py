"""Names of actions: whether an action exists, and the nearest names of one that does not.

Source: Service Authorization Reference.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from keywright.guardrails.reference.tables import table
from keywright.model.fields.nearest import nearest
from keywright.policy.matching.patterns import service_of
from keywright.policy.reference import catalogue

_LONGEST = 100

RETIRED = frozenset(table("retired_services"))
"""Services that AWS has retired or never documented; its own managed policies still name them."""


@lru_cache(maxsize=4096)
def is_known(pattern: str) -> bool:
    """Return whether an action or pattern covers any documented action."""
    if service_of(pattern) in RETIRED or not pattern.strip("*"):
        return True
    if "*" in pattern or "?" in pattern:
        return next(catalogue.matching_actions(pattern), None) is not None
    return catalogue.action(pattern) is not None


def is_misspelled(pattern: str) -> bool:
    """Return whether an unknown action is certainly a mistake: its service is known, or a known service has the action."""
    service = service_of(pattern)
    return (
        not service
        or service in catalogue.services()
        or any(":*" not in each for each in nearest_actions(pattern))
    )


def nearest_actions(pattern: str) -> list[str]:
    """Return the nearest actions, at most three; for an unknown service, those of the nearest service."""
    service, colon, name = pattern.partition(":")
    if not colon:
        return [f"{each}:{pattern}" for each in _services_with(pattern)]
    lowered = service.lower()
    if lowered not in catalogue.services():
        services = nearest(lowered, catalogue.services())
        same = [f"{each}:{name}" for each in services if is_known(f"{each}:{name}")]
        return same or [f"{each}:*" for each in services]
    return [f"{lowered}:{each}" for each in _similar_names(lowered, name.lower()[:_LONGEST])]


@lru_cache(maxsize=1024)
def _similar_names(service: str, name: str) -> tuple[str, ...]:
    """Return the nearest action names of a service. Only names with the same beginning or end are compared: that is faster."""
    names = {each.name.lower(): each.name for each in catalogue.actions_of(service)}
    head, tail = name[: len(name) // 2], name[len(name) // 2 :]
    few = [each for each in names if each.startswith(head) or each.endswith(tail)] or list(names)
    return tuple(names[each] for each in get_close_matches(name, few, n=3, cutoff=0.6))


_COMMON = table("common_services")


def _services_with(name: str) -> list[str]:
    """Return the services, common ones first, that have an action of this name."""
    services = (*_COMMON, *(each for each in catalogue.services() if each not in _COMMON))
    return [each for each in services if is_known(f"{each}:{name}")][:3] if name.strip("*?") else []
