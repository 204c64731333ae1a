"""What `keywright lock` does: work out what the levels give, tell what changes, write."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from keywright.model.action_lock import FILE, ActionLock, Entry, Relocking, needed, relock
from keywright.model.draft import draft_of
from keywright.model.reading import read
from keywright.model.source.lock_file import read_lock
from keywright.model.source.places import Path as Declared
from keywright.model.source.places import Places, owner
from keywright.reporting.output_file import write_whole

GOOD, DIFFERS, UNUSABLE = 0, 1, 2

Wanted = dict[Entry, list[Declared]]


def lock(folder: Path, today: date, *, upgrade: bool, check: bool) -> int:
    """Bring the lock file up to date, or say that it would change, and give the exit code."""
    reading = read(folder, today, locked=False)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return DIFFERS if reading.usable else UNUSABLE
    before = read_lock(folder)
    if before.findings:
        print(*before.findings, sep="\n", file=sys.stderr)
        return UNUSABLE
    draft = draft_of(reading.declarations, today, folder=folder, places=reading.places, data={})
    wanted = needed(draft)
    change = relock(before.lock or ActionLock(), wanted, upgrade=upgrade)
    for line in _told(change, wanted, reading.places):
        print(line)
    return _written(folder / FILE, change, check=check)


def _written(file: Path, change: Relocking, *, check: bool) -> int:
    text = change.after.to_text().encode()
    if file.read_bytes() == text if file.exists() else not change.after.entries:
        print(f"{file.as_posix()}: nothing to change; {_count(len(change.after.entries), 'entry')} locked")
        return GOOD
    if check:
        print(f"{file.as_posix()}: would change; {_in_numbers(change)}; nothing was written")
        return DIFFERS
    try:
        write_whole(file, text)
    except OSError as error:
        reason = (error.strerror or "unwritable").lower()
        print(f"{file.as_posix()}: cannot be written; found {reason}", file=sys.stderr)
        return UNUSABLE
    print(f"{file.as_posix()}: written; {_in_numbers(change)}")
    return GOOD


def _told(change: Relocking, wanted: Wanted, places: Places) -> Iterator[str]:
    before, after = change.before.entries, change.after.entries
    for entry in change.added():
        yield f"{entry}: locked, {_count(len(after[entry]), 'action')}"
        yield from _for_whom(wanted[entry], places)
    for entry in change.changed():
        yield f"{entry}: {_comes_and_goes(before[entry], after[entry])}"
        yield from _signed(entry, before[entry], after[entry])
        yield from _for_whom(wanted[entry], places)
    for entry in change.taken_out():
        yield f"{entry}: taken out, nothing declared needs it"
    for entry, news in change.news.items():
        yield f"{entry}: the catalogue has news, which `--upgrade` takes: {_comes_and_goes(after[entry], news)}"
        yield from _signed(entry, after[entry], news)
        yield from _for_whom(wanted[entry], places)


def _comes_and_goes(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    comes, goes = len(set(after) - set(before)), len(set(before) - set(after))
    return f"{comes} more, {goes} gone"


def _signed(entry: Entry, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if (name in before) != (name in after):
            yield f"  {'+' if name in after else '-'} {entry.service}:{name}"


def _for_whom(paths: list[Declared], places: Places) -> Iterator[str]:
    for path in paths:
        yield f"  for {owner(path)}, {places.at(*path)}"


def _in_numbers(change: Relocking) -> str:
    counts = Counter(locked=len(change.added()), changed=len(change.changed()), out=len(change.taken_out()))
    words = {"locked": "locked", "changed": "changed", "out": "taken out"}
    told = [f"{_count(counts[key], 'entry')} {word}" for key, word in words.items() if counts[key]]
    return ", ".join(told) or "its layout only"


def _count(number: int, thing: str) -> str:
    plurals = {"entry": "entries"}
    return f"{number} {thing if number == 1 else plurals.get(thing, f'{thing}s')}"
