"""Every grant by access level is pinned in the lock file, and what is pinned is of the level it is pinned for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.access_level import actions_on, knows_tags, level_of
from keywright.model.action_lock import FILE
from keywright.model.locking import needed
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import on_one_line

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
    pinned = reading.lock.entries if reading.lock else {}
    for entry, paths in wanted.items():
        if entry not in pinned:
            found = f"no entry in {file}" if reading.lock else f"no {file}"
            known = reading.lock and reading.lock.actions(entry) is not None
            for path in paths:
                yield draft.finding(
                    f"the actions of {entry} are not locked",
                    found,
                    COMMAND,
                    at=path,
                    severity=Severity.WARNING if known else Severity.ERROR,
                )
    for entry, place in reading.places.items():
        tagged = entry._replace(by_tag=True)
        if entry not in wanted and (tagged not in wanted or tagged in pinned):
            message = on_one_line(f"nothing declared needs the actions of {entry}")
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
        elif entry.by_tag and not knows_tags(known, entry.resource_type):
            message, severity = (
                f"`{entry.service}:{name}` is locked by tag, and AWS is not known to hold it to any",
                Severity.ADVICE,
            )
        elif known.name not in there:
            where = f"on `{entry.resource_type}`" if entry.resource_type else "on no resource"
            message = f"`{entry.service}:{name}` is locked {where}, and AWS holds it to others"
        else:
            continue
        yield Finding(
            place, message, found, "`keywright lock --upgrade`, which takes it out", severity=severity
        )
