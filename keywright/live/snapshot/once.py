"""Reads an account for one command, which keeps no file of it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.live.session import UnreadableAccountError
from keywright.live.snapshot.collect import Scope, as_text, collect
from keywright.live.snapshot.journal import Journal
from keywright.live.snapshot.requests import RefusedError, StoppedError
from keywright.reporting.exit_codes import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.live.snapshot.collect import Progress
    from keywright.live.snapshot.requests import Requests


def read_once(requests: Requests, account: str, regions: Sequence[str], progress: Progress) -> str:
    """Give the text of a snapshot of an account, with the stacks of some Regions.

    Raises:
        UnreadableAccountError: The identities can't be read, or reading had to stop.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="keywright-") as scratch,
            Journal(Path(scratch) / "account.json", account, now) as journal,
        ):
            return as_text(collect(requests, account, Scope(tuple(regions)), journal, progress))
    except RefusedError as error:
        raise UnreadableAccountError(
            f"the identities cannot be read; found {error}; accepted: the permissions that "
            "`keywright snapshot --policy` prints",
            UNDECIDED,
        ) from error
    except StoppedError as error:
        raise UnreadableAccountError(
            f"reading stopped; found {error}; accepted: the same command later, or `keywright snapshot`, "
            "which continues, and `--snapshot`",
            UNDECIDED,
        ) from error
