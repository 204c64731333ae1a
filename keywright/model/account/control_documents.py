"""Reading the control policy documents that `organization:` lists.

A module of its own: few accounts declare an organization, and the policy parser takes a while to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.source.folder import UnfitFileError, content_beside
from keywright.policy.parsing.control_policies import FULL_ACCESS, Control, full_access, read_control_policy
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.model.account.organization import Organization
    from keywright.policy.statement import Document
    from keywright.reporting.finding import Finding

_SIZES = range(2, 200_001)
"""Bytes of a file, which may exceed the quota for characters: AWS does not count white space."""
_KEYS = {"service_control": Control.SERVICE, "resource_control": Control.RESOURCE}


@dataclass(frozen=True, slots=True)
class ControlDocument:
    """One document of a level, or why it can't be used."""

    level: int
    key: str
    index: int
    file: str
    document: Document | None = None
    findings: tuple[Finding, ...] = ()
    unfit: UnfitFileError | None = None

    @property
    def control(self) -> Control:
        """The type of the control policy."""
        return _KEYS[self.key]


def control_documents(organization: Organization, folder: Path) -> Iterator[ControlDocument]:
    """Read each document that a level lists."""
    for number, level in enumerate(organization.levels):
        for key, control in _KEYS.items():
            for index, file in enumerate(getattr(level, key)):
                yield _read(ControlDocument(number, key, index, file), control, folder)


def _read(place: ControlDocument, control: Control, folder: Path) -> ControlDocument:
    where = (place.level, place.key, place.index, place.file)
    # AWS's own policy, which needs no file.
    if place.file == FULL_ACCESS[Control.SERVICE]:
        return ControlDocument(*where, full_access(control))
    try:
        text = content_beside(folder, place.file, _SIZES).decode("utf-8")
    except UnfitFileError as error:
        return ControlDocument(*where, unfit=error)
    except UnicodeDecodeError:
        unfit = UnfitFileError("is not text", quoted(place.file), "JSON in UTF-8")
        return ControlDocument(*where, unfit=unfit)
    document, findings = read_control_policy(text, (folder / place.file).as_posix(), control)
    return ControlDocument(*where, document, tuple(findings))
