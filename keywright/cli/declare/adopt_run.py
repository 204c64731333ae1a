"""The work of `keywright adopt`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.account.snapshot import UnusableSnapshotError, read_snapshot
from keywright.adopt.adoption import Options as Adopting
from keywright.adopt.placing import declarations_in, is_own, place
from keywright.adopt.run import UnusableDeclarationsError, adopt_account
from keywright.adopt.world import reference
from keywright.cli.declare.adopt_report import as_json, report_lines
from keywright.cli.errors import CommandError, reason_of, unwritable
from keywright.cli.formats import ReportFormat
from keywright.cli.options import ACCESS
from keywright.cli.terminal import Progress, print_error
from keywright.model.account.settings import Account
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNDECIDED
from keywright.reporting.text import counted, listed, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.account.snapshot import AccountSnapshot

_MOST_NAMED = 5
_KINDS = {"user/": "users/", "group/": "groups/", "role/": "roles/", "policy/": "policies/"}


LIVE = Path("account.json")
"""Where the live account is saved."""


@dataclass(frozen=True)
class Options:
    """What the options give; "" where they give nothing."""

    only: tuple[str, ...]
    region: str
    path: str
    domain: str
    endpoint_url: str | None
    overwrite: bool


def adopt(snapshot: Path | None, into: Path, options: Options, today: date, form: ReportFormat) -> int:
    """Write the declarations of an account, and give the exit code.

    Raises:
        CommandError: Something is unusable; then nothing is written.
    """
    replaced, mistakes = _in_the_way(into, overwrite=options.overwrite)
    mistakes = [*_mistakes_of_options(options), *mistakes]
    if snapshot is None:
        if mistakes:
            raise CommandError("\n".join(mistakes))
        _save_live(options)
    file = snapshot or LIVE
    try:
        account = read_snapshot(file)
    except UnusableSnapshotError as error:
        raise CommandError("\n".join([*map(str, error.findings), *mistakes])) from error
    patterns = tuple(map(_as_reference, options.only))
    mistakes += _mistakes_of_snapshot(account, file, options)
    mistakes += _mistakes_of_selection(account, file, options.only)
    if mistakes:
        raise CommandError("\n".join(mistakes))
    how = Adopting(today, options.region or account.region, options.path, options.domain, patterns)
    try:
        adopted = adopt_account(account, how, file.name, Progress)
    except UnusableDeclarationsError as error:
        raise CommandError(f"{file}: can't be adopted; found:\n{error}") from error
    try:
        place(into, adopted.files, replaced)
    except OSError as error:
        raise unwritable(into, error) from error
    if form is ReportFormat.JSON:
        print(json.dumps(as_json(adopted, replaced), indent=2))
    else:
        print("\n".join(map(printable, report_lines(adopted, file, into, replaced))))
    if account.unread:
        number = counted(len(account.unread), "part")
        print_error(
            f"{file}: incomplete; `Unread` in it lists {number} of the account that could not be read"
        )
    if adopted.undecided:
        return UNDECIDED
    return FINDINGS if adopted.adoption.left else GOOD


def _save_live(options: Options) -> None:
    """Save the live account, as `keywright snapshot` does; what could not be read is in the file, and reported."""
    from keywright.cli.operate.snapshot_run import run

    regions = (options.region,) if options.region else ()
    run(ACCESS, LIVE, regions, last_accessed=False, endpoint_url=options.endpoint_url)


def _mistakes_of_options(options: Options) -> Iterator[str]:
    if options.domain and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", options.domain):
        yield f"--domain is not a domain; found {quoted(options.domain)}; accepted: such as `acme.example`"
    for each in options.only:
        if not _as_reference(each).startswith(tuple(_KINDS.values())):
            yield (
                f"--only names no user, group, role or policy; found {quoted(each)}; "
                f"accepted: such as `user/alice`, `role/*`, `group/dev-*`, `policy/shared`"
            )


def _mistakes_of_snapshot(account: AccountSnapshot, file: Path, options: Options) -> Iterator[str]:
    region = options.region or account.region
    if not region:
        yield f"{file}: the file has no `Region`; accepted: --region with the account's main region"
    if not account.account:
        yield f"{file}: nothing in it names the account; accepted: a key `AccountId` with its number"
    if region and account.account:
        yield from _mistakes_of_account(account.account, region, options.path)


def _mistakes_of_selection(account: AccountSnapshot, file: Path, only: tuple[str, ...]) -> Iterator[str]:
    names = [
        *(reference(each) for each in (*account.users, *account.groups, *account.roles)),
        *(f"policies/{each.name}" for each in account.policies),
    ]
    for written in only:
        pattern = _as_reference(written)
        is_kind = pattern.startswith(tuple(_KINDS.values()))
        if is_kind and not any(fnmatchcase(each, pattern) for each in names):
            yield f"--only matches nothing in {file}; found {quoted(written)}"


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


def _in_the_way(into: Path, *, overwrite: bool) -> tuple[tuple[str, ...], list[str]]:
    """Give the files that are replaced, and what makes the folder unusable."""
    try:
        found = [*declarations_in(into)]
    except OSError as error:
        return (), [f"{into}: cannot be used; found {reason_of(error)}; accepted: a folder"]
    foreign = [each for each in found if not is_own(each)]
    if not foreign and (overwrite or not found):
        return tuple(found), []
    names = listed(foreign or found, "and", most=_MOST_NAMED)
    accepted = "another folder" if foreign else "another folder, or --overwrite to replace these files"
    return (), [f"{into}: has declarations already; found {names}; accepted: {accepted}"]


def _as_reference(written: str) -> str:
    kind = next((each for each in _KINDS if written.startswith(each)), "")
    return _KINDS[kind] + written.removeprefix(kind) if kind else written
