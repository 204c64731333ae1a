"""Every grant by access level is pinned in the lock file, and what is pinned is of the level it is pinned for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.finding import Finding, Severity
from keywright.model.access_level import actions_on, level_of
from keywright.model.action_lock import FILE
from keywright.model.locking import needed
from keywright.model.quoting import printable
from keywright.policy import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.action_lock import Entry
    from keywright.model.draft import Draft
    from keywright.model.reading_lock import LockReading

COMMAND = "`keywright lock`, and what it writes reviewed"


def check(draft: Draft, reading: LockReading) -> Iterator[Finding]:
    """Refuse grants whose actions are not pinned; say what is pinned in vain or for another level than AWS's."""
    wanted = needed(draft)
    file = f"{draft.folder.as_posix()}/{FILE}" if draft.folder else FILE
    for entry, paths in wanted.items():
        if reading.lock is None or entry not in reading.lock.entries:
            found = f"no entry in {file}" if reading.lock else f"no {file}"
            for path in paths:
                yield draft.finding(f"the actions of {entry} are not locked", found, COMMAND, at=path)
    for entry, place in reading.places.items():
        if entry not in wanted:
            message = printable(f"nothing declared needs the actions of {entry}")
            yield Finding(place, message, f"`{entry.level}`", "`keywright lock`", severity=Severity.ADVICE)
        else:
            yield from _told_apart(entry, reading)


def _told_apart(entry: Entry, reading: LockReading) -> Iterator[Finding]:
    """Say which actions of an entry are none of it, as AWS files them: a hand may have put them there."""
    there = {action.name for action in actions_on(entry.service, entry.resource_type)}
    for name in reading.lock.entries[entry] if reading.lock else ():
        known = catalogue.action(f"{entry.service}:{name}")
        place, found, severity = reading.actions[entry, name], f"`{name}`", Severity.WARNING
        if known is None:
            message, severity = (
                f"`{entry.service}:{name}` is locked, and no such action is known",
                Severity.ADVICE,
            )
        elif level_of(known) is not entry.level:
            message = f"`{entry.service}:{name}` is locked as {entry.level}, and AWS files it under {level_of(known)}"
        elif known.name not in there:
            where = f"on `{entry.resource_type}`" if entry.resource_type else "on no resource"
            message = f"`{entry.service}:{name}` is locked {where}, and AWS holds it to others"
        else:
            continue
        yield Finding(
            place, message, found, "`keywright lock --upgrade`, which takes it out", severity=severity
        )
