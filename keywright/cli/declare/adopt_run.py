"""The work of `keywright adopt`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from keywright.account.snapshot import UnusableSnapshotError, read_snapshot
from keywright.adopt.adoption import Options
from keywright.adopt.placing import OWN_FILES, declarations_in, place
from keywright.adopt.run import UnusableDeclarationsError, adopt_account
from keywright.adopt.world import reference
from keywright.cli.declare.adopt_report import as_json, report_lines
from keywright.cli.errors import CommandError, reason_of, unwritable
from keywright.cli.formats import ReportFormat
from keywright.cli.terminal import Progress, print_error
from keywright.model.account.settings import Account
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNDECIDED
from keywright.reporting.text import counted, listed, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from keywright.account.snapshot import AccountSnapshot

_MOST_NAMED = 5
_KINDS = {"user/": "users/", "group/": "groups/", "role/": "roles/", "policy/": "policies/"}


@dataclass(frozen=True)
class Given:
    """What the arguments and options give; "" where they give nothing."""

    snapshot: Path
    into: Path
    only: tuple[str, ...]
    region: str
    path: str
    domain: str
    overwrite: bool


def adopt(given: Given, today: date, form: ReportFormat) -> int:
    """Write the declarations of an account, and give the exit code.

    Raises:
        CommandError: Something is unusable; then nothing is written.
    """
    mistakes = [*_mistakes_of(given)]
    replaced, reasons = _in_the_way(given)
    mistakes += reasons
    try:
        snapshot = read_snapshot(given.snapshot)
    except UnusableSnapshotError as error:
        raise CommandError("\n".join([*map(str, error.findings), *mistakes])) from error
    only = tuple(_as_reference(each) for each in given.only)
    mistakes += _mistakes_of_snapshot(snapshot, given, only)
    if mistakes:
        raise CommandError("\n".join(mistakes))
    options = Options(today, given.region or snapshot.region, given.path, given.domain, only)
    try:
        adopted = adopt_account(snapshot, options, given.snapshot.name, Progress)
    except UnusableDeclarationsError as error:
        raise CommandError(f"{given.snapshot}: can't be adopted; found:\n{error}") from error
    try:
        place(given.into, adopted.files, replaced)
    except OSError as error:
        raise unwritable(given.into, error) from error
    if form is ReportFormat.JSON:
        print(json.dumps(as_json(adopted, replaced), indent=2))
    else:
        lines = report_lines(adopted, given.snapshot, given.into, replaced)
        print("\n".join(map(printable, lines)))
    if snapshot.unread:
        number = counted(len(snapshot.unread), "part")
        print_error(
            f"{given.snapshot}: incomplete: `Unread` lists {number} of the account that could not be read"
        )
    if adopted.undecided:
        return UNDECIDED
    return FINDINGS if adopted.adoption.left else GOOD


def _mistakes_of(given: Given) -> Iterator[str]:
    if given.domain and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", given.domain):
        yield f"--domain is not a domain; found {quoted(given.domain)}; accepted: such as `acme.example`"
    for each in given.only:
        if not _as_reference(each).startswith(tuple(_KINDS.values())):
            yield (
                f"--only names no user, group, role or policy; found {quoted(each)}; "
                f"accepted: such as `user/alice`, `role/*`, `group/dev-*`, `policy/shared`"
            )


def _mistakes_of_snapshot(snapshot: AccountSnapshot, given: Given, only: tuple[str, ...]) -> Iterator[str]:
    region = given.region or snapshot.region
    if not region:
        yield f"{given.snapshot}: the file has no `Region`; accepted: --region with the account's main region"
    if not snapshot.account:
        yield f"{given.snapshot}: nothing in the file names the account; accepted: a key `AccountId` with its number"
    if region and snapshot.account:
        yield from _mistakes_of_account(snapshot.account, region, given.path)
    names = [
        *(reference(each) for each in (*snapshot.users, *snapshot.groups, *snapshot.roles)),
        *(f"policies/{each.name}" for each in snapshot.policies),
    ]
    for written, pattern in zip(given.only, only, strict=True):
        if pattern.startswith(tuple(_KINDS.values())) and not any(
            fnmatchcase(each, pattern) for each in names
        ):
            yield f"--only matches nothing in {given.snapshot}; found {quoted(written)}"


def _mistakes_of_account(account: str, region: str, path: str) -> Iterator[str]:
    from pydantic import ValidationError

    try:
        Account.model_validate({"id": account, "region": region, **({"path": path} if path else {})})
    except ValidationError as error:
        options = {"region": "--region", "path": "--path", "id": "the account's number"}
        for each in error.errors(include_url=False):
            key = str(each["loc"][0]) if each["loc"] else ""
            shape = each.get("ctx", {})
            accepted = f"; accepted: {shape['accepted']}" if "accepted" in shape else ""
            yield f"{options.get(key, key)} is wrong; found {quoted(str(each['input']))}{accepted}"


def _in_the_way(given: Given) -> tuple[tuple[str, ...], list[str]]:
    """Give the files that are replaced, and what makes the folder unusable."""
    try:
        found = [*declarations_in(given.into)]
    except OSError as error:
        return (), [f"{given.into}: cannot be used; found {reason_of(error)}; accepted: a folder"]
    foreign = [each for each in found if each not in OWN_FILES]
    if not foreign and (given.overwrite or not found):
        return tuple(found), []
    names = listed(foreign or found, "and", most=_MOST_NAMED)
    accepted = "another folder" if foreign else "another folder, or --overwrite to replace these files"
    return (), [f"{given.into}: has declarations already; found {names}; accepted: {accepted}"]


def _as_reference(written: str) -> str:
    kind = next((each for each in _KINDS if written.startswith(each)), "")
    return _KINDS[kind] + written.removeprefix(kind) if kind else written
