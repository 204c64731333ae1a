"""`actions.lock`: which actions an access level gives on a kind of resource, pinned, so that AWS's news widens nothing.

Where a tag of the resource decides, a level gives the actions alone that AWS holds to tags: they are pinned apart.

The file is written by `keywright lock` and reviewed like code: only what stands in it is granted by `allow:`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from keywright.model.grants.access_levels import HARMLESS, AccessLevel, actions_at
from keywright.model.grants.grant import ServiceGrant
from keywright.model.holders import granting
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import is_unambiguous, matching_forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.grants.service import ServiceAccess
    from keywright.model.source.places import Path


FILE = "actions.lock"
FORMATS = (1, 2)
"""The versions of the file's format: the second, which an older Keywright can't read, where a tag decides."""
BY_TAG = " by tag"
"""Stands in the file after a level of whose actions those are pinned that AWS holds to a resource's tags."""
NO_RESOURCE = "*"
"""Stands in the file for actions that AWS authorizes on no resource."""
_HEAD = """\
# Written by `keywright lock`: the actions that each access level gives. Only these are granted; review them like code.
version: {}
actions:"""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Entry(NamedTuple):
    """What is pinned as one: a level of a service on a type of resource; an empty type is no resource."""

    service: str
    resource_type: str
    level: AccessLevel
    by_tag: bool = False

    @property
    def key(self) -> str:
        """What stands in the file."""
        return f"{self.level}{BY_TAG if self.by_tag else ''}"

    def __str__(self) -> str:
        where = f" on `{self.resource_type}`" if self.resource_type else ""
        return f"`{self.service}`, {self.key}{where}"


@dataclass(frozen=True)
class ActionLock:
    """The pinned actions of each entry, by their names without the service, sorted."""

    entries: Mapping[Entry, tuple[str, ...]] = field(default_factory=dict)

    def actions(self, entry: Entry) -> tuple[str, ...] | None:
        """Give what is pinned; None where nothing is, which is not the same as no action.

        A file from before tags were pinned gives those of its level that are held to tags as far as is known today.
        """
        if entry in self.entries or not entry.by_tag:
            return self.entries.get(entry)
        whole = self.entries.get(entry._replace(by_tag=False))
        return whole and tuple(name for name in actions_at(*entry[:3], by_tag=True) if name in whole)

    def to_text(self) -> str:
        """Write the file: sorted, an action a line, so that a difference reads as what comes and goes."""
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
    """Write a name; one that YAML could take for something else stands in quotes."""
    odd = name.lower() in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    return name if _PLAIN.fullmatch(name) and not odd else json.dumps(name)


def needed(draft: Draft) -> dict[Entry, list[Path]]:
    """Give every entry that a grant needs, with the paths of the levels that do."""
    found: dict[Entry, list[Path]] = {}
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, ServiceGrant):
                at = (*path, "grants", index, "allow", "levels")
                for number, entry in _of(grant.allow):
                    paths = found.setdefault(entry, [])
                    if (*at, number) not in paths:
                        paths.append((*at, number))
    return found


def _of(access: ServiceAccess) -> Iterator[tuple[int, Entry]]:
    """Give a grant's entries; none for a service, a resource or a level that is a mistake of its own."""
    if access.service not in catalogue.services():
        return
    meant = [(each, matching_forms(access.service, each)) for each in access.resources]
    types = sorted(
        {form.name for each, forms in meant if forms and is_unambiguous(forms, each) for form in forms}
    )
    for number, level in enumerate(access.levels):
        if not access.resources and level not in HARMLESS:
            continue
        for kind in types if access.resources else ("",):
            yield number, Entry(access.service, kind, level, access.where is not None)


def in_catalogue(entry: Entry) -> tuple[str, ...]:
    """Give the actions that the catalogue has for an entry today."""
    return tuple(sorted(actions_at(*entry[:3], by_tag=entry.by_tag)))


@dataclass(frozen=True, slots=True)
class Relocking:
    """How a lock changes: `after` is the new one; `news` are entries for which the catalogue has something else."""

    before: ActionLock
    after: ActionLock
    news: Mapping[Entry, tuple[str, ...]]

    def added(self) -> list[Entry]:
        """List the entries that are new."""
        return [entry for entry in self.after.entries if entry not in self.before.entries]

    def taken_out(self) -> list[Entry]:
        """List the entries that nothing needs any more."""
        return [entry for entry in self.before.entries if entry not in self.after.entries]

    def changed(self) -> list[Entry]:
        """List the entries whose actions are others than before."""
        return [
            entry
            for entry, actions in self.after.entries.items()
            if self.before.entries.get(entry, actions) != actions
        ]


def relock(before: ActionLock, wanted: Mapping[Entry, list[Path]], *, upgrade: bool) -> Relocking:
    """Complete a lock for what is wanted; what it pins stays as it is, unless the catalogue's news are to be taken."""
    known = {entry: in_catalogue(entry) for entry in wanted}
    after = {entry: _kept(before, entry, actions, upgrade=upgrade) for entry, actions in known.items()}
    news = {entry: actions for entry, actions in known.items() if after[entry] != actions}
    return Relocking(before, ActionLock(dict(sorted(after.items()))), news)


def _kept(before: ActionLock, entry: Entry, known: tuple[str, ...], *, upgrade: bool) -> tuple[str, ...]:
    pinned = None if upgrade else before.actions(entry)
    return known if pinned is None else pinned
