"""The declared control policies, for whoever reads the assembly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.organization import NONE, ControlLevel, Organization
from keywright.model.account.organization import control_documents

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.model.account.organization import ControlDocument
    from keywright.model.declarations import Declarations
    from keywright.policy.statement import Document


def organization_of(declarations: Declarations, folder: Path) -> Organization:
    """Gather them by level; the management account is limited by none."""
    declared = declarations.organization
    if declared is None or declared.management:
        return NONE
    found = tuple(control_documents(declared, folder))
    return Organization(
        declarations.account.id,
        tuple(
            ControlLevel(
                level.level,
                _documents(found, number, "service_control"),
                _documents(found, number, "resource_control"),
            )
            for number, level in enumerate(declared.levels)
        ),
    )


def _documents(found: tuple[ControlDocument, ...], level: int, key: str) -> tuple[Document, ...]:
    return tuple(
        each.document
        for each in found
        if (each.level, each.key) == (level, key) and each.document is not None
    )
