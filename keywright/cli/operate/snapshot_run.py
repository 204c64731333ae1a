"""What `keywright snapshot` does."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from keywright.cli.errors import CommandError, unwritable
from keywright.cli.options import ACCESS
from keywright.cli.reading import read_declarations
from keywright.cli.terminal import print_error
from keywright.live.session import UnreadableAccountError, any_session
from keywright.live.snapshot.collect import Scope, as_text, collect
from keywright.live.snapshot.journal import Journal, UnusableJournalError
from keywright.live.snapshot.requests import RefusedError, Requests, StoppedError
from keywright.reporting.exit_codes import GOOD, UNDECIDED, UNUSABLE
from keywright.reporting.output_file import write_whole
from keywright.reporting.text import counted, joined, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OWNER_ONLY = 0o600
_NOUNS = {
    "UserDetailList": "user",
    "GroupDetailList": "group",
    "RoleDetailList": "role",
    "Policies": "customer managed policy",
    "AccessKeys": "access key",
    "MFADevices": "MFA device",
}
_SHOWN = 3
"""How many identities or Regions of one unread part are named; the file has all."""


def run(
    folder: Path, output: Path, regions: tuple[str, ...], *, last_accessed: bool, endpoint_url: str | None
) -> int:
    """Read the account, write the file and print a summary.

    Raises:
        CommandError: The account or the file can't be used; what was read is kept, and the message says how to continue.
    """
    expected, declared_region = _declared(folder)
    try:
        session, account = any_session(next(iter(regions), declared_region), endpoint_url)
    except UnreadableAccountError as error:
        raise CommandError(error, error.exit_code) from error
    if expected and account != expected:
        raise CommandError(
            f"the credentials belong to another account; found `{account}`; accepted: `{expected}`, "
            f"which `{folder}` declares",
            UNUSABLE,
        )
    if not output.resolve().parent.is_dir():
        raise CommandError(f"{output}: cannot be written; found no folder `{output.parent}`")
    scope = Scope(regions or (session.region_name,), last_accessed)
    shown = ReadingProgress()
    found = _read(Requests(session, endpoint_url, shown.throttled), account, scope, output, shown)
    for line in _summary(found, output):
        print(line)
    unread = found["Unread"]
    print_error(*_unread_lines(unread))
    return UNDECIDED if unread else GOOD


def _declared(folder: Path) -> tuple[str, str | None]:
    """Give the declared account and region; the default folder may be absent."""
    if folder == ACCESS and not folder.exists():
        return "", None
    account = read_declarations(folder, datetime.now(UTC).date())[0].account
    return account.id, account.region


def _read(
    requests: Requests, account: str, scope: Scope, output: Path, line: ReadingProgress
) -> dict[str, Any]:
    journal = Journal(output, account, datetime.now(UTC).replace(microsecond=0))
    again = f"what was read is kept in {journal.file}; run the same command again to continue"
    try:
        with journal, line:
            if journal.pieces:
                print_error(
                    f"continues the run of {journal.began:%Y-%m-%d %H:%M} UTC; {counted(len(journal.pieces), 'part')} of it "
                    f"{'is' if len(journal.pieces) == 1 else 'are'} in {journal.file}"
                )
            found = collect(requests, account, scope, journal, line.show)
            write_whole(output, as_text(found).encode(), _OWNER_ONLY)
            journal.remove()
            return found
    except KeyboardInterrupt:
        print_error(f"interrupted; {again}")
        raise
    except UnusableJournalError as error:
        raise CommandError(error) from error
    except RefusedError as error:
        raise CommandError(
            f"account {account}: the identities cannot be read; found {error}; accepted: the permissions that "
            "`keywright snapshot --policy` prints",
            UNDECIDED,
        ) from error
    except StoppedError as error:
        raise CommandError(
            f"account {account}: reading stopped; found {error}; {again}", UNDECIDED
        ) from error
    except OSError as error:
        raise unwritable(output, error) from error


def _summary(found: dict[str, Any], output: Path) -> Iterator[str]:
    unread = {each["Part"] for each in found["Unread"]}
    # A number that may be too small is none.
    shown = [(part, noun) for part, noun in _NOUNS.items() if part not in unread]
    numbers = joined([counted(len(found[part]), noun) for part, noun in shown], "and")
    yield f"account {found['AccountId']}: {numbers}; written to {output}"


def _unread_lines(unread: list[dict[str, str]]) -> Iterator[str]:
    by_cause = groupby(unread, key=lambda each: (each["Part"], each["Error"]))
    for (part, error), group in by_cause:
        of = [each["Of"] for each in group if "Of" in each]
        whose = f" of {joined(of, 'and', most=_SHOWN)}" if of else ""
        yield on_one_line(f"not read: {part}{whose}; found {error}")


class ReadingProgress:
    """Shows on a terminal how much is read, and how often AWS asked to slow down; deleted at the end."""

    def __init__(self) -> None:
        self._done = 0
        self._total = 0
        self._throttled = 0
        self._is_shown = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the line."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, done: int, total: int) -> None:
        """Show the numbers."""
        self._done, self._total = done, total
        self._write()

    def throttled(self) -> None:
        """Show that a request waits; called in any thread."""
        self._throttled += 1
        self._write()

    def _write(self) -> None:
        if sys.stderr.isatty():
            waits = f"; throttled {counted(self._throttled, 'time')}, waiting" if self._throttled else ""
            sys.stderr.write(f"\r\x1b[K{self._done} of {self._total} parts read{waits}")
            sys.stderr.flush()
            self._is_shown = True
