"""What declarations need from the lock, and what the lock becomes: entries come and go, and stay as they are unless asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.access_level import HARMLESS, actions_at
from keywright.model.action_lock import ActionLock, Entry
from keywright.model.grant import ServiceGrant
from keywright.model.holders import granting
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import is_clear, meant_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.service_access import ServiceAccess
    from keywright.model.subject import Path


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
    meant = [(each, meant_by(access.service, each)) for each in access.resources]
    types = sorted({form.name for each, forms in meant if forms and is_clear(forms, each) for form in forms})
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
