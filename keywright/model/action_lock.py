"""`actions.lock`: the actions of each access level on a resource type, so that new actions of AWS widen no grant.

A grant with a tag condition gets only the actions that support the condition; these are locked separately.
`keywright lock` writes the file, which is reviewed like code: `allow:` grants only the actions in it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from keywright.model.grants.access_levels import WITHOUT_RESOURCE, AccessLevel, actions_at
from keywright.model.grants.grant import ServiceGrant
from keywright.model.queries import granting
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import is_unambiguous, matching_forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.grants.service import ServiceAccess
    from keywright.model.source.places import Path


FILE = "actions.lock"
# The first format is still written where it is enough, so that an update of Keywright changes no lock file.
FORMATS = (1, 2)
"""The versions of the file's format; the second, which an older Keywright can't read, if an entry is by tag."""
BY_TAG = " by tag"
"""In the file, follows an access level whose actions support a condition on the resource's tags."""
NO_RESOURCE = "*"
"""In the file, stands for actions that AWS authorizes without a resource."""
_HEAD = """\
# Written by `keywright lock`: the actions that each access level gives. Only these are granted; review them like code.
version: {}
actions:"""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Entry(NamedTuple):
    """An access level of a service on a resource type; an empty type means no resource."""

    service: str
    resource_type: str
    level: AccessLevel
    by_tag: bool = False

    @property
    def key(self) -> str:
        """The key in the file."""
        return f"{self.level}{BY_TAG if self.by_tag else ''}"

    def __str__(self) -> str:
        where = f" on `{self.resource_type}`" if self.resource_type else ""
        return f"`{self.service}`, {self.key}{where}"


@dataclass(frozen=True)
class ActionLock:
    """The locked actions of each entry, by their names without the service, sorted."""

    entries: Mapping[Entry, tuple[str, ...]] = field(default_factory=dict)

    def actions(self, entry: Entry) -> tuple[str, ...] | None:
        """Give the locked actions; `None` without an entry, which is not the same as no action.

        In a file of the first format, an entry by tag has the actions of its level that support tag conditions today.
        """
        if entry in self.entries or not entry.by_tag:
            return self.entries.get(entry)
        whole = self.entries.get(entry._replace(by_tag=False))
        return whole and tuple(name for name in actions_at(*entry[:3], by_tag=True) if name in whole)

    def to_text(self) -> str:
        """Write the file: sorted, with one action a line, so that a diff shows added and removed actions."""
        head = _HEAD.format(FORMATS[any(entry.by_tag for entry in self.entries)])
        return "\n".join((head, *self._lines())) + "\n" if self.entries else f"{head} {{}}\n"

    def _lines(self) -> Iterator[str]:
        levels = list(AccessLevel)
        entries = sorted(self.entries, key=lambda each: (*each[:2], levels.index(each.level), each.by_tag))
        for service, of_service in groupby(entries, key=lambda each: each.service):
            yield f"  {_key(service)}:"
            for kind, of_kind in groupby(of_service, key=lambda each: each.resource_type):
                yield f"    {_key(kind or NO_RESOURCE)}:"
                for entry in of_kind:
                    actions = self.entries[entry]
                    yield f"      {entry.key}:{'' if actions else ' []'}"
                    yield from (f"        - {_key(action)}" for action in actions)


def _key(name: str) -> str:
    """Write a name, in quotes if YAML could read it as another type."""
    is_ambiguous = name.lower() in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    return name if _PLAIN.fullmatch(name) and not is_ambiguous else json.dumps(name)


def needed(draft: Draft) -> dict[Entry, list[Path]]:
    """Give every entry that a grant needs, with the paths of the access levels that need it."""
    found: dict[Entry, list[Path]] = {}
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, ServiceGrant):
                at = (*path, "grants", index, "allow", "levels")
                for number, entry in _of(grant.allow):
                    paths = found.setdefault(entry, [])
                    # Several resources of a grant can need the same entry, which is reported once for each
                    # level.
                    if (*at, number) not in paths:
                        paths.append((*at, number))
    return found


def _of(access: ServiceAccess) -> Iterator[tuple[int, Entry]]:
    """Give the entries of a grant; none for a service, a resource or a level that is reported as a mistake."""
    if access.service not in catalogue.services():
        return
    matches = [(each, matching_forms(access.service, each)) for each in access.resources]
    types = sorted(
        {form.name for each, forms in matches if forms and is_unambiguous(forms, each) for form in forms}
    )
    for number, level in enumerate(access.levels):
        if not access.resources and level not in WITHOUT_RESOURCE:
            continue
        for kind in types if access.resources else ("",):
            yield number, Entry(access.service, kind, level, access.where is not None)


def in_catalogue(entry: Entry) -> tuple[str, ...]:
    """Give the actions of an entry in the catalogue."""
    return tuple(sorted(actions_at(*entry[:3], by_tag=entry.by_tag)))


@dataclass(frozen=True, slots=True)
class Relocking:
    """The change of a lock; `differing` are entries whose actions in the catalogue differ from those in `after`."""

    before: ActionLock
    after: ActionLock
    differing: Mapping[Entry, tuple[str, ...]]

    def added(self) -> list[Entry]:
        """List the entries that are new."""
        return [entry for entry in self.after.entries if entry not in self.before.entries]

    def removed(self) -> list[Entry]:
        """List the entries that no grant needs any more."""
        return [entry for entry in self.before.entries if entry not in self.after.entries]

    def changed(self) -> list[Entry]:
        """List the entries whose actions changed."""
        return [
            entry
            for entry, actions in self.after.entries.items()
            if self.before.entries.get(entry, actions) != actions
        ]


def relock(before: ActionLock, needed_entries: Mapping[Entry, list[Path]], *, upgrade: bool) -> Relocking:
    """Update a lock to the entries that are needed; `upgrade` takes all actions from the catalogue."""
    known = {entry: in_catalogue(entry) for entry in needed_entries}
    after = {entry: _kept(before, entry, actions, upgrade=upgrade) for entry, actions in known.items()}
    differing = {entry: actions for entry, actions in known.items() if after[entry] != actions}
    return Relocking(before, ActionLock(dict(sorted(after.items()))), differing)


def _kept(before: ActionLock, entry: Entry, known: tuple[str, ...], *, upgrade: bool) -> tuple[str, ...]:
    locked = None if upgrade else before.actions(entry)
    # An empty entry is locked too: otherwise a level without actions would gain the first new one.
    return known if locked is None else locked
