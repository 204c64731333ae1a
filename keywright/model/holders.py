"""Everything that holds access."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.delegation import Delegation
    from keywright.model.draft import Draft
    from keywright.model.group import Group
    from keywright.model.role import Role
    from keywright.model.subject import Path
    from keywright.model.user import User
    from keywright.model.workload import Workload

    Holder = Group | User | Role | Workload | Delegation

SECTIONS = ("groups", "users", "roles", "workloads", "delegations")


def holders(draft: Draft) -> Iterator[tuple[Path, Holder]]:
    """Give every group, user, role, workload and delegation with its path."""
    for section in SECTIONS:
        for name, holder in getattr(draft, section).items():
            yield (section, name), holder
