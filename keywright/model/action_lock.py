"""`actions.lock`: which actions an access level gives on a kind of resource, pinned, so that AWS's news widens nothing.

The file is written by `keywright lock` and reviewed like code: only what stands in it is granted by `allow:`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from keywright.model.access_level import AccessLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = "actions.lock"
FORMAT = 1
"""The version of the file's format, which changes only where an older Keywright could not read it."""
NO_RESOURCE = "*"
"""Stands in the file for actions that AWS authorizes on no resource."""
_HEAD = f"""\
# Written by `keywright lock`: the actions that each access level gives. Only these are granted; review them like code.
version: {FORMAT}
actions:"""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Entry(NamedTuple):
    """What is pinned as one: a level of a service on a type of resource; an empty type is no resource."""

    service: str
    resource_type: str
    level: AccessLevel

    def __str__(self) -> str:
        where = f" on `{self.resource_type}`" if self.resource_type else ""
        return f"`{self.service}`, {self.level}{where}"


@dataclass(frozen=True)
class ActionLock:
    """The pinned actions of each entry, by their names without the service, sorted."""

    entries: Mapping[Entry, tuple[str, ...]] = field(default_factory=dict)

    def actions(self, service: str, resource_type: str, level: AccessLevel) -> tuple[str, ...] | None:
        """Give what is pinned; None where nothing is, which is not the same as no action."""
        return self.entries.get(Entry(service, resource_type, level))

    def to_text(self) -> str:
        """Write the file: sorted, an action a line, so that a difference reads as what comes and goes."""
        return "\n".join((_HEAD, *self._lines())) + "\n" if self.entries else f"{_HEAD} {{}}\n"

    def _lines(self) -> Iterator[str]:
        levels = list(AccessLevel)
        entries = sorted(self.entries, key=lambda each: (*each[:2], levels.index(each.level)))
        for service, of_service in groupby(entries, key=lambda each: each.service):
            yield f"  {_key(service)}:"
            for kind, of_kind in groupby(of_service, key=lambda each: each.resource_type):
                yield f"    {_key(kind or NO_RESOURCE)}:"
                for entry in of_kind:
                    actions = self.entries[entry]
                    yield f"      {entry.level}:{'' if actions else ' []'}"
                    yield from (f"        - {_key(action)}" for action in actions)


def _key(name: str) -> str:
    """Write a name; one that YAML could take for something else stands in quotes."""
    odd = name.lower() in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    return name if _PLAIN.fullmatch(name) and not odd else json.dumps(name)
