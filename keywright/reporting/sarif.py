"""The parts of a SARIF 2.1.0 document that all reports share: the run of a tool, and places in files.

Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS Standard.
"""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.reporting.finding import Location

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_of(
    tool: str,
    rules: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    notifications: Sequence[Mapping[str, Any]],
    **more: Any,
) -> dict[str, Any]:
    """Give the document of one run; `more` are further members of the run."""
    failed = any(each["level"] == "error" for each in notifications)
    invocation = {"executionSuccessful": not failed, **more.pop("invocation", {})}
    run = {
        "tool": {"driver": {"name": tool, "rules": list(rules)}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{**invocation, "toolExecutionNotifications": list(notifications)}],
        "results": list(results),
        **more,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def notification(says: str, location: Location, *, level: str = "error") -> dict[str, Any]:
    """Give the notification for an unusable input, or a note about how the run came about."""
    return {
        "level": level,
        "message": {"text": says},
        "locations": [{"physicalLocation": physical(location)}],
    }


def physical(location: Location) -> dict[str, Any]:
    """Give the physical location; the whole file where no line is known."""
    found: dict[str, Any] = {"artifactLocation": {"uri": uri_of(location.file)}}
    if location.line:
        found["region"] = {"startLine": location.line, "startColumn": max(location.column, 1)}
    return found


def uri_of(file: str) -> str:
    """Give the URI of a file; relative if the path is."""
    path = PurePath(file)
    return Path(file).as_uri() if path.is_absolute() else quote(path.as_posix(), errors="replace")
