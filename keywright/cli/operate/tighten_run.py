"""The work of `keywright tighten`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from keywright.cli.errors import CommandError, unreadable
from keywright.cli.formats import ComplianceFormat
from keywright.cli.operate.tighten_report import as_json, as_markdown, as_text
from keywright.cli.reading import read_templates
from keywright.cli.terminal import Progress, print_error, write_report
from keywright.reporting.exit_codes import GOOD, UNDECIDED
from keywright.reporting.text import counted, printable, quoted
from keywright.tighten.observed import Observed, identities_of
from keywright.tighten.query import athena
from keywright.tighten.reading import files_below, read_trail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.tighten.trail import Trail

_MEMORY = re.compile(r"[0-9]{1,6}(MB|GB|MiB|GiB)")
_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
_MOST_NAMED = 20


@dataclass(frozen=True)
class Given:
    """What the arguments and options give."""

    assembly: Path
    trail: tuple[Path, ...]
    memory: str


def print_query(table: str, output: Path | None) -> int:
    """Print the query for Athena.

    Raises:
        CommandError: The table's name is wrong, or the extra is not installed.
    """
    _require("sqlglot")
    if not _TABLE.fullmatch(table):
        accepted = "such as `cloudtrail_logs` or `security.cloudtrail_logs`"
        raise CommandError(f"--athena-sql is no name of a table; found {quoted(table)}; accepted: {accepted}")
    write_report(athena(table), output)
    return GOOD


def tighten(given: Given, form: ComplianceFormat, output: Path | None) -> int:
    """Report what was used, and give the exit code.

    Raises:
        CommandError: Something is unusable.
    """
    _require("duckdb")
    mistakes = [*_mistakes_of(given)]
    if mistakes:
        raise CommandError("\n".join(mistakes))
    assembly = read_templates(given.assembly)
    trail = _trail(given)
    accounts = [each for each in trail.accounts() if each]
    # A template that is deployed into any account is taken to be in the trail's, if it has only one.
    observed = Observed(trail, identities_of(assembly, accounts[0] if len(accounts) == 1 else ""))
    if form is ComplianceFormat.JSON:
        write_report(json.dumps(as_json(observed), indent=2), output)
    else:
        written = as_markdown if form is ComplianceFormat.MARKDOWN else as_text
        write_report(printable("\n".join(written(observed))), output)
    for each in trail.unread[:_MOST_NAMED]:
        records = f"{counted(each.records, 'record')}: " if each.records else ""
        print_error(f"{each.file}: not read; found {records}{each.reason}")
    if len(trail.unread) > _MOST_NAMED:
        print_error(f"and {len(trail.unread) - _MOST_NAMED} more; `--format json` has all of them")
    return UNDECIDED if trail.unread else GOOD


def _trail(given: Given) -> Trail:
    try:
        files = files_below(given.trail)
    except OSError as error:
        raise unreadable(error.filename, error) from error
    if files.others:
        number = counted(len(files.others), "file")
        print_error(f"note: {number} of the trail skipped by name, such as {quoted(str(files.others[0]))}")
    total = len(files.logs) + len(files.answers)
    if not total:
        names = " ".join(map(str, given.trail))
        raise CommandError(
            f"{names}: no events; found no file `*.json.gz`, `*.json` or `*.csv`; accepted: a trail's folder `AWSLogs`"
        )
    with Progress(total, "files of the trail") as progress:
        return read_trail(files, memory=given.memory, past=progress.advance)


def _mistakes_of(given: Given) -> Iterator[str]:
    if not given.trail:
        yield "--trail is missing; accepted: the folder of a trail, such as `AWSLogs`, or Athena's answer"
    if not _MEMORY.fullmatch(given.memory):
        yield f"--memory is no size; found {quoted(given.memory)}; accepted: such as `512MB` or `2GB`"


def _require(package: str) -> None:
    """Continue if the extra `trail` is installed; nothing of it is imported."""
    if find_spec(package) is None:
        raise CommandError(
            f"reading trails is not installed; found no package `{package}`; "
            'accepted: `pip install "keywright[trail]"`'
        )
