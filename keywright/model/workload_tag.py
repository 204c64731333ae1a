"""The tag by which a workload's role and instances are known: their names are generated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.workload_trust import WorkloadTrust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations

WORKLOAD_TAG = "keywright-workload"
"""By it sessions are granted, and roles trust a workload."""


def roles_of_workload(declarations: Declarations, workload: str) -> Iterator[str]:
    """Name the roles that trust a workload."""
    for name, role in sorted(declarations.roles.items()):
        if any(isinstance(trust, WorkloadTrust) and trust.workload == workload for trust in role.trusts):
            yield name


def tag_of_workload(declarations: Declarations, workload: str) -> dict[str, str]:
    """Give the tag of a workload's role and instances, where something decides by it."""
    decides = declarations.workloads[workload].sessions or any(roles_of_workload(declarations, workload))
    return {WORKLOAD_TAG: workload} if decides else {}
