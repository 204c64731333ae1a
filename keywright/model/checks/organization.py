"""Control policies lie beside the declarations, and are what AWS Organizations would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse what can't be read, and what AWS would refuse, at its own line."""
    if draft.folder is None or draft.organization is None:
        return
    from keywright.model.control_documents import control_documents  # noqa: PLC0415 - few have an organization

    for each in control_documents(draft.organization, draft.folder):
        if each.unfit is not None:
            what, found, accepted = each.unfit.args
            at = ("organization", "levels", each.level, each.key, each.index)
            yield draft.finding(f"{each.control} `{each.file}` {what}", found, accepted, at=at)
        yield from each.findings
