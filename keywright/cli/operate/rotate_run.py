"""What `keywright rotate` does: find the next step of the keys, and write it into their file."""

import os
import sys
from datetime import date
from difflib import unified_diff
from pathlib import Path

from keywright.model.declarations import Declarations
from keywright.model.fields.nearest import nearest
from keywright.model.people.key_rotation import Add, Remove, Sleep, Step, Stuck, edited, next_step
from keywright.model.reading import Reading, read
from keywright.reporting.finding import Finding, Location
from keywright.reporting.output_file import write_whole
from keywright.reporting.text import quoted

GOOD, MISTAKE, UNUSABLE = 0, 1, 2


def rotate(user: str, folder: Path, judged_on: date, *, same_day: bool, dry_run: bool) -> int:
    """Move the keys of an application on by one step, or say what keeps it, and give the exit code."""
    reading = read(folder, judged_on)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return MISTAKE if reading.usable else UNUSABLE
    step = _step(user, reading, reading.declarations, judged_on, folder, same_day=same_day)
    if isinstance(step, Finding):
        print(step, file=sys.stderr)
        return MISTAKE
    return _carried_out(user, step, reading.places.at("users", user, "access_keys"), show=dry_run)


def _step(
    user: str, reading: Reading, declarations: Declarations, today: date, folder: Path, *, same_day: bool
) -> Step | Finding:
    applications = [name for name, each in declarations.users.items() if each.application is not None]
    if user not in applications:
        offered = ", ".join(f"`{name}`" for name in nearest(user, applications)) or "a declared application"
        return Finding(Location(str(folder)), "no application of ours is called so", quoted(user), offered)
    step = next_step(user, declarations.users[user].access_keys, today, same_day=same_day)
    if isinstance(step, Stuck):
        place = reading.places.at("users", user, "access_keys")
        return Finding(place, step.message, step.found, step.accepted)
    return step


def _carried_out(user: str, step: Step, place: Location, *, show: bool) -> int:
    file = Path(place.file)
    before = file.read_bytes()
    text = before.decode("utf-8")
    mark, text = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    after = edited(text, user, step)
    if after is None:
        message = f"the keys of user `{user}` are laid out so that they can't be edited by themselves"
        accepted = "each key on lines of its own, such as `- {serial: 1, issued: 2026-11-01}`"
        print(Finding(place, message, "another layout", accepted), file=sys.stderr)
        return MISTAKE
    if show:
        lines = unified_diff(text.splitlines(), after.splitlines(), str(file), str(file), lineterm="")
        print(*lines, sep="\n")
        return GOOD
    try:
        if not os.access(file, os.W_OK):
            raise PermissionError(13, "no permission to write")
        write_whole(file.resolve(), (mark + after).encode())
    except OSError as error:
        print(f"{file}: cannot be written; found {error.strerror}; nothing was changed", file=sys.stderr)
        return UNUSABLE
    print(f"{file}: {_done(step, user)}")
    return GOOD


def _done(step: Step, user: str) -> str:
    """Say what was written, and what people do next."""
    match step:
        case Add(serial):
            return (
                f"key {serial} is added\n"
                f"next: deploy, give {user} the key from secret `keywright/access-key/{user}/{serial}`, "
                "and rotate again when it is in use"
            )
        case Sleep(serial):
            return (
                f"key {serial} is inactive\n"
                "next: deploy; if something breaks, say `status: active` again; if nothing does, rotate once more"
            )
        case Remove(serial):
            return f"key {serial} is gone\nnext: deploy; its secret goes with it"
