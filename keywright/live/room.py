"""How much room an account has left, as IAM itself counts: what others made in it too, and quotas that AWS has raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.near_quota import NEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COUNTED = {
    "Users": "users",
    "Groups": "groups",
    "Roles": "roles",
    "Policies": "managed policies",
    "InstanceProfiles": "instance profiles",
}
"""What `GetAccountSummary` counts together with its quota ("GetAccountSummary", IAM API Reference)."""


@dataclass(frozen=True, slots=True)
class Room:
    """The use of one quota of an account."""

    what: str
    used: int
    quota: int


def little_room(summary: Mapping[str, int]) -> Iterator[Room]:
    """Give each use of which less than a fifth of the quota is left."""
    for key, what in _COUNTED.items():
        used, quota = summary.get(key, 0), summary.get(f"{key}Quota", 0)
        if quota and used >= NEAR * quota:
            yield Room(what, used, quota)
