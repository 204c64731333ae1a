"""Reading what commands are given: declarations, templates, JSON Lines."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.cli.errors import CommandError, unreadable
from keywright.reporting.exit_codes import FINDINGS, UNUSABLE
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from keywright.assembly.templates.template import Assembly
    from keywright.model.declarations import Declarations
    from keywright.model.source.places import Places
    from keywright.policy.parsing.json_text import Line


def read_declarations(folder: Path, today: date, *, locked: bool = True) -> tuple[Declarations, Places]:
    """Read a folder of declarations.

    Raises:
        CommandError: A declaration is wrong, or a file can't be read.
    """
    from keywright.model.reading import read

    reading = read(folder, today, locked=locked)
    if reading.declarations is None:
        raise CommandError("\n".join(map(str, reading.findings)), FINDINGS if reading.usable else UNUSABLE)
    return reading.declarations, reading.places


def read_declarations_in_force(folder: Path, today: date) -> tuple[Declarations, Places]:
    """Read the declarations that have not ended.

    Raises:
        CommandError: A declaration is wrong, or a file can't be read.
    """
    from keywright.model.in_force import in_force

    declarations, places = read_declarations(folder, today)
    return in_force(declarations, today, places).declarations, places


def read_templates(path: Path) -> Assembly:
    """Read an assembly or template; what is undecided in it is left to the caller.

    Raises:
        CommandError: A file of it can't be used.
    """
    from keywright.assembly.templates.reader import read_assembly
    from keywright.reporting.finding import Outcome

    assembly = read_assembly(path)
    faults = [each for each in assembly.findings if each.outcome is Outcome.FAULT]
    if faults:
        raise CommandError("\n".join(map(str, faults)))
    return assembly


def json_lines(name: str) -> Iterator[Line]:
    """Yield the lines of a file of JSON Lines, or of standard input for `-`, as they come.

    Raises:
        CommandError: The file can't be read.
    """
    from keywright.policy.parsing.json_text import read_lines

    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as stream:
            yield from read_lines(stream, shown_name(name))
    except OSError as error:
        raise unreadable(shown_name(name), error) from error


def shown_name(name: str) -> str:
    """Name a file in messages."""
    return "<stdin>" if name == "-" else name


@contextmanager
def reading_account(account: str) -> Iterator[None]:
    """End the command where the account can't be read.

    Raises:
        CommandError: As above.
    """
    from keywright.live.session import UnreadableAccountError

    try:
        yield
    except UnreadableAccountError as error:
        raise CommandError(f"account {account}: {error}", error.exit_code) from error


def require_name(name: str, accepted: Collection[str], place: Path, message: str, none: str) -> None:
    """Refuse a name that is not among the accepted ones, and give the nearest of those.

    Raises:
        CommandError: It is not among them; `none` is what to write where there is no accepted name at all.
    """
    if name in accepted:
        return
    from keywright.model.fields.nearest import nearest

    offered = listed(nearest(name, accepted), none=none)
    raise CommandError(Finding(Location(str(place)), message, quoted(name), offered), FINDINGS)
