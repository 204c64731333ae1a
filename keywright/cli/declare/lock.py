"""`keywright lock`: locks the actions of access levels, so that a new action of AWS does not widen access unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keywright.cli.options import ACCESS, Folder, Today, day
from keywright.reporting.exit_codes import FINDINGS, GOOD
from keywright.reporting.text import counted, joined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.model.action_lock import Entry, Relocking
    from keywright.model.source.places import Path as Declared
    from keywright.model.source.places import Places

    Wanted = dict[Entry, list[Declared]]


def command(
    folder: Folder = ACCESS,
    *,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Update locked levels to the actions that AWS has today.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if the file would change.")
    ] = False,
    today: Today = None,
) -> int:
    """Pin the actions that `allow:` grants in access/actions.lock, and show what changes.

    Adds the access levels that declarations use and removes those that none uses any more. A level that is locked keeps
    its actions, whatever AWS adds to it, until `--upgrade`. Only that can widen access; it shows each action that it
    adds or removes.

    Exit codes: 0 good, 1 a mistake or, with --check, a change, 2 unusable input.
    """
    from keywright.cli.errors import CommandError
    from keywright.cli.reading import read_declarations
    from keywright.model.action_lock import FILE, ActionLock, needed, relock
    from keywright.model.draft import draft_of
    from keywright.model.source.lock_file import read_lock

    # Without the lock, because a missing entry of it is what this command repairs.
    declarations, places = read_declarations(folder, day(today), locked=False)
    before = read_lock(folder)
    if before.findings:
        raise CommandError("\n".join(map(str, before.findings)))
    wanted = needed(draft_of(declarations, day(today), folder=folder, places=places, data={}))
    change = relock(before.lock or ActionLock(), wanted, upgrade=upgrade)
    for line in _changes(change, wanted, places):
        print(line)
    return _write(folder / FILE, change, check=check)


def _write(file: Path, change: Relocking, *, check: bool) -> int:
    from keywright.cli.terminal import write_file

    text = change.after.to_text()
    # Without entries no file is needed, so none is created.
    if file.read_bytes() == text.encode() if file.exists() else not change.after.entries:
        print(f"{file.as_posix()}: nothing to change; {counted(len(change.after.entries), 'entry')} locked")
        return GOOD
    if check:
        print(f"{file.as_posix()}: would change; {_summary(change)}; nothing was written")
        return FINDINGS
    write_file(file, text)
    print(f"{file.as_posix()}: written; {_summary(change)}")
    return GOOD


def _changes(change: Relocking, wanted: Wanted, places: Places) -> Iterator[str]:
    before, after = change.before.entries, change.after.entries
    for entry in change.added():
        yield f"{entry}: locked, {counted(len(after[entry]), 'action')}"
        yield from _uses(wanted[entry], places)
    for entry in change.changed():
        yield f"{entry}: {_in_numbers(before[entry], after[entry])}"
        yield from _by_action(entry, before[entry], after[entry])
        yield from _uses(wanted[entry], places)
    for entry in change.removed():
        yield f"{entry}: removed, no declaration uses it"
    for entry, newer in change.differing.items():
        yield f"{entry}: AWS has changed it, `--upgrade` accepts that: {_in_numbers(after[entry], newer)}"
        yield from _by_action(entry, after[entry], newer)
        yield from _uses(wanted[entry], places)


def _in_numbers(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    return f"{len(set(after) - set(before))} added, {len(set(before) - set(after))} removed"


def _by_action(entry: Entry, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    for name in sorted(set(before) ^ set(after)):
        yield f"  {'+' if name in after else '-'} {entry.service}:{name}"


def _uses(paths: list[Declared], places: Places) -> Iterator[str]:
    from keywright.model.source.places import owner

    for path in paths:
        yield f"  for {owner(path)}, {places.at(*path)}"


def _summary(change: Relocking) -> str:
    numbers = {
        "locked": len(change.added()),
        "changed": len(change.changed()),
        "removed": len(change.removed()),
    }
    parts = [f"{counted(number, 'entry')} {what}" for what, number in numbers.items() if number]
    return joined(parts, none="its layout only")
