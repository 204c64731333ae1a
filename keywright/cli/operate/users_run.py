"""The work of `keywright users`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from keywright.account.snapshot import UnusableSnapshotError, read_snapshot
from keywright.assembly.queries.environments import escalation_results
from keywright.assembly.templates.reader import read_accounts
from keywright.cli.errors import CommandError
from keywright.cli.formats import UsersFormat
from keywright.cli.reading import read_declarations
from keywright.cli.terminal import print_error, write_report
from keywright.reporting.exit_codes import exit_code_for
from keywright.reporting.text import counted, printable, quoted
from keywright.users.judging import Step
from keywright.users.plan import plan_of
from keywright.users.rendering import as_json, as_markdown, as_text

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.account.snapshot import AccountSnapshot
    from keywright.model.declarations import Declarations

_PARTS = ("LoginProfiles", "PasswordLastUsed", "AccessKeys", "MFADevices", "OtherCredentials")


@dataclass(frozen=True)
class Given:
    """What the arguments and options give."""

    snapshot: Path
    access: Path | None
    only: tuple[str, ...]
    day: date | None


def report_users(given: Given, form: UsersFormat, output: Path | None) -> int:
    """Print or write the plan, and give the exit code.

    Raises:
        CommandError: The snapshot, the declarations or an option can't be used.
    """
    file = given.snapshot
    try:
        snapshot = read_snapshot(file)
    except UnusableSnapshotError as error:
        raise CommandError("\n".join(map(str, error.findings))) from error
    names = _names(snapshot, given.only, file)
    today = given.day or (snapshot.read_at or datetime.now(UTC)).date()
    declared = _declared(given.access, snapshot, today, file)
    assembly = read_accounts([file])
    # A date condition is compared with an instant; noon keeps clear of both ends of the day.
    results = escalation_results(assembly, datetime.combine(today, time(12), UTC))
    privileges = {each.actor.arn: each for each in results}
    plan = plan_of(snapshot, privileges, today, names, declared)
    missing = [each for each in _PARTS if not snapshot.has(each)]
    if form is UsersFormat.JSON:
        report = json.dumps(as_json(plan) | {"unread": missing}, indent=2)
    else:
        report = printable(as_text(plan) if form is UsersFormat.TEXT else as_markdown(plan))
    write_report(report, output)
    if missing:
        print_error(
            f"{file}: {counted(len(missing), 'part')} of the account not read, or not for every user; found none of, "
            f"or not all of, {', '.join(map(quoted, missing))}; accepted: a file of `keywright snapshot` without `Unread`"
        )
    steps = plan.steps
    return exit_code_for(
        findings=len(plan.entries) > steps[Step.KEEP],
        undecided=missing or any(each.risk.unknown for each in plan.entries),
    )


def _names(snapshot: AccountSnapshot, only: tuple[str, ...], file: Path) -> tuple[str, ...]:
    """Give the patterns of user names; each has to match a user."""
    mistakes = []
    for each in only:
        name = each.removeprefix("user/")
        if not any(fnmatchcase(user.name, name) for user in snapshot.users):
            mistakes.append(f"--only matches no user in {file}; found {quoted(each)}")
    if mistakes:
        raise CommandError("\n".join(mistakes))
    return tuple(each.removeprefix("user/") for each in only)


def _declared(access: Path | None, snapshot: AccountSnapshot, today: date, file: Path) -> Declarations | None:
    if access is None:
        return None
    declared = read_declarations(access, today)[0]
    if snapshot.account and declared.account.id != snapshot.account:
        raise CommandError(
            f"{file}: the snapshot of another account; found `{snapshot.account}`; accepted: `{declared.account.id}`, "
            f"which `{access}` declares"
        )
    return declared
