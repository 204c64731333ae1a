"""Where users, roles and grants are declared: a record that our synthesis writes beside the manifest.

It is as untrusted as the templates: its size is limited, and its paths are displayed but never opened.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.reporting.finding import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE = "declared.json"
LARGEST = 16 << 20
_TIME_BOUND = ".until-"
"""The beginning of the suffix in the name of a group's time-bound copy."""
_SETS = "permissionset/"
_DAY = re.compile(r"\.\d{4}-\d{2}-\d{2}$", re.ASCII)
"""The suffix in the name of a permission set's time-bound copy."""


@dataclass(frozen=True)
class DeclaredGrant:
    """One grant of a holder: its line, and the actions that come of it, in lower case."""

    place: Location
    actions: frozenset[str]


@dataclass(frozen=True)
class DeclarationLocations:
    """The line of each declared name, such as `group/analysts`, and of its grants and trusts; of an assignment by `assigned`."""

    names: Mapping[str, Location] = field(default_factory=dict)
    grants: Mapping[str, tuple[DeclaredGrant, ...]] = field(default_factory=dict)
    trusts: Mapping[str, tuple[Location, ...]] = field(default_factory=dict)

    def of(self, name: str) -> Location | None:
        """Give the location of a declaration; None if there is none."""
        return self.names.get(_without_expiry(name))

    def of_grant(self, name: str, actions: Iterable[str]) -> Location | None:
        """Give the location of the grant of some actions; the holder's own if no single grant gives them."""
        wanted = frozenset(each.lower() for each in actions)
        found = [
            each.place
            for each in self.grants.get(_without_expiry(name), ())
            if wanted and wanted <= each.actions
        ]
        return found[0] if len(found) == 1 else self.of(name)

    def of_trust(self, name: str) -> Location | None:
        """Give the location of a role's trust; the role's own if it has several."""
        found = self.trusts.get(_without_expiry(name), ())
        return found[0] if len(found) == 1 else self.of(name)

    def write(self, folder: Path) -> None:
        """Leave it in an assembly's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        grants = {
            name: [{"place": _written(each.place), "actions": sorted(each.actions)} for each in several]
            for name, several in self.grants.items()
        }
        content = {
            "names": {name: _written(place) for name, place in self.names.items()},
            "grants": grants,
            "trusts": {name: list(map(_written, several)) for name, several in self.trusts.items()},
        }
        (folder / FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> DeclarationLocations:
        """Read the record of a synthesis; empty if it is absent or invalid."""
        file = folder / FILE
        try:
            # Without the record only the lines of declarations are missing, so an unusable one is no error.
            if file.is_symlink() or file.stat().st_size > LARGEST:
                return cls()
            content = json.loads(file.read_text(encoding="utf-8"))
            return cls(
                {str(name): _read(place) for name, place in content["names"].items()},
                {
                    str(name): tuple(
                        DeclaredGrant(_read(each["place"]), frozenset(map(str, each["actions"])))
                        for each in several
                    )
                    for name, several in content["grants"].items()
                },
                {str(name): tuple(map(_read, several)) for name, several in content["trusts"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls()


def assignment_name(who: str, what: str, account: str) -> str:
    """Name an assignment as a review does: principal, permission set, account."""
    return f"{who} {what} {account}"


def _without_expiry(name: str) -> str:
    """Name the group or permission set of a time-bound copy."""
    if name.startswith(_SETS):
        return _DAY.sub("", name)
    return name.partition(_TIME_BOUND)[0]


def _written(place: Location) -> list[Any]:
    return [place.file, place.line, place.column]


def _read(content: Any) -> Location:
    file, line, column = content
    return Location(str(file), int(line), int(column))
