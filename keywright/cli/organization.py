"""An organization's accounts for a command: read whole if they are few, else by excerpts; judged one by one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from keywright.assembly.accounts import accounts_at
from keywright.assembly.cluster import MANY_ACCOUNTS, UnusableClusterError, answer_each
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.workers import LostWorkerError
from keywright.cli.errors import CommandError
from keywright.cli.terminal import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from keywright.assembly.accounts import AccountFolder, Accounts
    from keywright.assembly.cluster import Spread
    from keywright.assembly.queries.excerpt import Sought
    from keywright.assembly.templates.template import Assembly

_Answer = TypeVar("_Answer")


def read_for(paths: Sequence[Path], sought: Sought, spread: Spread) -> Assembly:
    """Read what a question about one or several accounts needs.

    Raises:
        CommandError: The workers cannot be used.
    """
    accounts = accounts_at(paths)
    if not (accounts and is_divided(accounts, spread)):
        return read_accounts(paths)
    from keywright.assembly.queries.excerpt import excerpt_of, read_excerpts

    excerpts = judge_each(partial(excerpt_of, sought=sought), accounts, spread, "accounts read")
    return read_excerpts(accounts, excerpts)


def is_divided(accounts: Accounts, spread: Spread) -> bool:
    """Tell whether accounts are judged one by one: if there are many, or workers were asked for."""
    return len(accounts.folders) >= MANY_ACCOUNTS or spread.workers > 1 or bool(spread.scheduler)


def judge_each(
    answer: Callable[[AccountFolder], _Answer], accounts: Accounts, spread: Spread, what: str
) -> list[_Answer]:
    """Answer for each account, with progress on a terminal.

    Raises:
        CommandError: The workers cannot be used.
    """
    try:
        with Progress(len(accounts.folders), what) as progress:
            return answer_each(answer, accounts.folders, spread, progress.advance)
    except (LostWorkerError, UnusableClusterError, OSError) as error:
        raise CommandError(error) from error
