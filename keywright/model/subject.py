"""What a path of the declarations is called in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Where something is declared, such as ("users", "alice", "groups", 0)."""

SINGULAR: Mapping[str, str] = {
    "groups": "group",
    "users": "user",
    "buckets": "bucket",
    "workloads": "workload",
    "identity_providers": "identity provider",
    "trust_anchors": "trust anchor",
    "roles": "role",
    "delegations": "delegation",
    "policies": "policy",
    "permission_sets": "permission set",
}
"""The sections that map names to things, and what one of these things is called."""

_LISTED: Mapping[str, str] = {
    "never": "an invariant",
    "always": "an invariant",
    "exceptions": "an exception",
    "assignments": "an assignment",
}
_WHOLE = ("account", "organization", "identity_center")
"""Sections that are one thing."""


def owner(path: Path) -> str:
    """Name the declared thing that a path leads into, such as user `alice`."""
    section = str(path[0]) if path else ""
    if section in _WHOLE:
        return f"the {section.replace('_', ' ')}"
    if section in _LISTED and len(path) > 1:
        return _LISTED[section]
    if section in SINGULAR and len(path) > 1:
        return f"{SINGULAR[section]} {quoted(str(path[1]))}"
    return f"section {quoted(section)}" if section else "the declarations"


def subject(path: Path) -> str:
    """Name the very thing a path leads to, such as `email` of user `alice`."""
    depth = 1 if not path or path[0] in _WHOLE else 2
    inner = path[depth:]
    if not inner:
        return owner(path)
    if isinstance(inner[-1], str):
        return f"{quoted(inner[-1])} of {owner(path)}"
    key = next((part for part in reversed(inner) if isinstance(part, str)), "")
    return f"item {inner[-1] + 1} of {quoted(key)} of {owner(path)}"
