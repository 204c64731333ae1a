"""What `keywright drift` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright.account.snapshot import UnusableSnapshotError, read_snapshot, snapshot_of
from keywright.assembly.sources.declaration_locations import DeclarationLocations
from keywright.cli.errors import CommandError
from keywright.cli.formats import DriftFormat
from keywright.cli.operate.snapshot_run import ReadingProgress
from keywright.cli.reading import read_templates
from keywright.cli.terminal import write_report
from keywright.drift.compare import compare
from keywright.drift.report.as_json import as_json
from keywright.drift.report.as_sarif import as_sarif
from keywright.drift.report.text import render_markdown, render_text
from keywright.drift.sides import DeployedResources, Sides, read_declared, without_lines
from keywright.live.session import UnreadableAccountError, any_session
from keywright.live.snapshot.deployed_templates import read_deployed_resources
from keywright.live.snapshot.once import read_once
from keywright.live.snapshot.requests import Requests, StoppedError
from keywright.reporting.exit_codes import UNDECIDED
from keywright.reporting.finding import Outcome
from keywright.reporting.text import joined

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.templates.template import Assembly
    from keywright.drift.result import DriftReport


def run(
    path: Path, file: Path | None, form: DriftFormat, output: Path | None, endpoint_url: str | None
) -> int:
    """Compare, write the report, and give the exit code.

    Raises:
        CommandError: The assembly, the snapshot or the account can't be used.
    """
    snapshot, deployed = (_saved(file), None) if file else _live(path, endpoint_url)
    assembly = read_declared(path, snapshot)
    _require_usable(assembly)
    _require_account(assembly, snapshot.account)
    report = compare(Sides(assembly, snapshot, deployed), DeclarationLocations.read(path))
    write_report(_render(report, form), output)
    return report.exit_code


def _require_usable(assembly: Assembly) -> None:
    faults = [each for each in assembly.findings if each.outcome is Outcome.FAULT]
    if faults:
        raise CommandError("\n".join(map(str, faults)))


def _saved(file: Path) -> AccountSnapshot:
    try:
        return read_snapshot(file)
    except UnusableSnapshotError as error:
        raise CommandError(error) from error


def _live(path: Path, endpoint_url: str | None) -> tuple[AccountSnapshot, DeployedResources]:
    """Read the account of the default credential chain, and the deployed templates of the assembly's stacks."""
    assembly = read_templates(path)
    regions = tuple(dict.fromkeys(each.region for each in assembly.templates if each.region))
    try:
        session, account = any_session(next(iter(regions), None), endpoint_url)
        # Before minutes of reading.
        _require_account(assembly, account)
        with ReadingProgress() as shown:
            requests = Requests(session, endpoint_url, shown.throttled)
            content = read_once(requests, account, regions or (session.region_name,), shown.show)
            stacks = {
                (each.region or session.region_name, each.stack) for each in assembly.templates if each.stack
            }
            resources, unread = read_deployed_resources(requests, sorted(stacks))
    except UnreadableAccountError as error:
        raise CommandError(error, error.exit_code) from error
    except StoppedError as error:
        raise CommandError(f"reading stopped; found {error}", UNDECIDED) from error
    # The lines of a text that nobody has would lead nowhere.
    snapshot = without_lines(snapshot_of(content, f"account {account}"))
    return snapshot, DeployedResources(resources, frozenset(stacks - set(unread)))


def _require_account(assembly: Assembly, account: str) -> None:
    """Refuse another account: everything would be missing in it."""
    stated = {each.account for each in assembly.templates if each.account}
    if account and stated and account not in stated:
        raise CommandError(
            f"the assembly is that of another account; found {joined(sorted(stated), 'and')}; accepted: {account}, "
            "the account that was read"
        )


def _render(report: DriftReport, form: DriftFormat) -> str:
    match form:
        case DriftFormat.JSON:
            return json.dumps(as_json(report), indent=2)
        case DriftFormat.SARIF:
            return json.dumps(as_sarif(report), indent=1)
        case DriftFormat.MARKDOWN:
            return render_markdown(report).rstrip("\n")
        case DriftFormat.TEXT:
            return render_text(report).rstrip("\n")
