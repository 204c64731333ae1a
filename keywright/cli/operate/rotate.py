"""`keywright rotate`: writes the next state of an application's access keys into the declarations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright.cli.options import ACCESS, Folder, Today, day
from keywright.reporting.exit_codes import FINDINGS, GOOD
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from keywright.model.people.key_rotation import Step


def command(
    user: Annotated[str, typer.Argument(metavar="USER", help="The declared name of an application.")],
    folder: Folder = ACCESS,
    *,
    same_day: Annotated[
        bool,
        typer.Option("--same-day", help="Deactivate the old key although the new one was issued only today."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change and write nothing.")] = False,
    today: Today = None,
) -> int:
    """Write the next state of an application's keys into its file; nothing else in the file changes.

    Run it once before each of three deployments: add a new key, deactivate the old one, delete the old one. The
    deployment creates the secret; this command never reads it.
    """
    from keywright.cli.errors import CommandError
    from keywright.cli.reading import read_declarations, require_name
    from keywright.model.people.key_rotation import Stuck, next_step

    declarations, places = read_declarations(folder, day(today))
    ours = [name for name, each in declarations.users.items() if each.application is not None]
    require_name(user, ours, folder, "no such application is declared", "a declared application")
    place = places.at("users", user, "access_keys")
    step = next_step(user, declarations.users[user].access_keys, day(today), same_day=same_day)
    if isinstance(step, Stuck):
        raise CommandError(Finding(place, step.message, step.found, step.accepted), FINDINGS)
    _write(user, step, place, show=dry_run)
    return GOOD


def _write(user: str, step: Step, place: Location, *, show: bool) -> None:
    from keywright.cli.errors import CommandError, reason_of
    from keywright.model.people.key_rotation import edited
    from keywright.reporting.output_file import write_whole

    file = Path(place.file)
    # As bytes, because reading as text would change the line ends.
    text = file.read_bytes().decode("utf-8")
    # A byte order mark is kept as it is: nothing but the keys changes.
    mark, text = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    after = edited(text, user, step)
    if after is None:
        message = f"the layout of the keys of user `{user}` can't be edited"
        accepted = "each key on lines of its own, such as `- {serial: 1, issued: 2026-11-01}`"
        raise CommandError(Finding(place, message, "another layout", accepted), FINDINGS)
    if show:
        from difflib import unified_diff

        print(
            *unified_diff(text.splitlines(), after.splitlines(), str(file), str(file), lineterm=""), sep="\n"
        )
        return
    try:
        # A file is replaced by a new one, which a file without permission to write would allow.
        if not os.access(file, os.W_OK):
            raise PermissionError(13, "no permission to write")
        write_whole(file.resolve(), (mark + after).encode())
    except OSError as error:
        raise CommandError(
            f"{file}: cannot be written; found {reason_of(error)}; nothing was changed"
        ) from error
    print(f"{file}: {_done(step, user)}")


def _done(step: Step, user: str) -> str:
    """Report what was written and what to do next."""
    from keywright.model.people.key_rotation import Add, Deactivate

    match step:
        case Add(serial):
            return (
                f"key {serial} is added\n"
                f"next: deploy, give {user} the key from secret `keywright/access-key/{user}/{serial}`, "
                "and run this again when the key is in use"
            )
        case Deactivate(serial):
            return (
                f"key {serial} is inactive\n"
                "next: deploy; if something breaks, set `status: active` again; otherwise run this again"
            )
        case _:
            return f"key {step.serial} is removed\nnext: deploy; its secret is deleted with it"
