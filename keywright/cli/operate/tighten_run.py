"""The work of `keywright tighten`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from keywright.cli.errors import CommandError, unreadable, unwritable
from keywright.cli.formats import ComplianceFormat
from keywright.cli.operate.tighten_report import as_json, as_markdown, as_text
from keywright.cli.reading import read_templates
from keywright.cli.terminal import Progress, print_error, write_report
from keywright.model.edited_files import write_all
from keywright.model.reading import read
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNUSABLE, exit_code_for
from keywright.reporting.text import counted, printable, quoted
from keywright.tighten.evidence import Evidence
from keywright.tighten.observed import Observed, identities_of
from keywright.tighten.proposal import propose
from keywright.tighten.query import athena
from keywright.tighten.reading import files_below, read_trail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from keywright.tighten.proposal import Proposal
    from keywright.tighten.trail import Trail

_MEMORY = re.compile(r"[0-9]{1,6}(MB|GB|MiB|GiB)")
_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
_MOST_NAMED = 20


@dataclass(frozen=True)
class Given:
    """What the arguments and options give."""

    assembly: Path
    trail: tuple[Path, ...]
    access: Path | None
    days: int
    memory: str
    today: date
    write: bool


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
    proposal = _proposal(given, observed) if given.access is not None else None
    if form is ComplianceFormat.JSON:
        write_report(json.dumps(as_json(observed, proposal), indent=2), output)
    else:
        written = as_markdown if form is ComplianceFormat.MARKDOWN else as_text
        lines = [*written(observed, proposal)]
        if proposal is not None and proposal.files and not given.write and form is ComplianceFormat.TEXT:
            lines += ["", *(each.diff for each in proposal.files), "next: the same command with --write"]
        write_report(printable("\n".join(lines)), output)
    _name_unread(trail)
    if proposal is not None and given.write:
        _write(proposal)
    return exit_code_for(
        findings=proposal is not None and proposal.narrowings,
        undecided=trail.unread or (proposal is not None and proposal.missing),
    )


def _proposal(given: Given, observed: Observed) -> Proposal:
    """Propose narrower grants.

    Raises:
        CommandError: The declarations have a mistake.
    """
    assert given.access is not None
    reading = read(given.access, given.today)
    if reading.declarations is None:
        raise CommandError("\n".join(map(str, reading.findings)), FINDINGS if reading.usable else UNUSABLE)
    account = reading.declarations.account
    evidence = Evidence(observed.trail, account.id, account.region, given.days)
    return propose(reading, given.access, observed, evidence, given.today)


def _write(proposal: Proposal) -> None:
    try:
        write_all(proposal.files)
    except OSError as error:
        raise unwritable(error.filename, error) from error
    for each in proposal.files:
        print_error(f"{each.path}: edited")
    if proposal.files:
        print_error("next: keywright lock, keywright review main, then deploy")


def _name_unread(trail: Trail) -> None:
    for each in trail.unread[:_MOST_NAMED]:
        records = f"{counted(each.records, 'record')}: " if each.records else ""
        print_error(f"{each.file}: not read; found {records}{each.reason}")
    if len(trail.unread) > _MOST_NAMED:
        print_error(f"and {len(trail.unread) - _MOST_NAMED} more; `--format json` has all of them")


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
    if given.write and given.access is None:
        yield "--write edits declarations; accepted: with --access and their folder, such as `access`"
    if not _MEMORY.fullmatch(given.memory):
        yield f"--memory is no size; found {quoted(given.memory)}; accepted: such as `512MB` or `2GB`"


def _require(package: str) -> None:
    """Continue if the extra `trail` is installed; nothing of it is imported."""
    if find_spec(package) is None:
        raise CommandError(
            f"reading trails is not installed; found no package `{package}`; "
            'accepted: `pip install "keywright[trail]"`'
        )
