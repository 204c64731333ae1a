"""One task for each account: the same answers from this process, several processes, and a Dask cluster."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

import dask
import pytest
from distributed import LocalCluster

from keywright.assembly import cluster
from keywright.assembly.accounts import AccountFolder, accounts_at
from keywright.assembly.cluster import HERE, Spread, UnusableClusterError, answer_each, digest
from keywright.assembly.workers import LostWorkerError
from tests.laws.random_organizations import NAMES, write_organization

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[tuple[AccountFolder, ...]]:
    folder = write_organization(
        tmp_path / "out", {name: {"T": {"Type": "AWS::SNS::Topic"}} for name in NAMES}
    )
    with patch.object(cluster, "MANY_ACCOUNTS", 2):
        yield accounts_at([folder]).folders


def named(account: AccountFolder, marks: Path | None = None) -> tuple[str, str]:
    """Answer with the content; with a folder for marks, the worker of the second account is killed once."""
    if marks is not None and account.name == NAMES[1]:
        try:
            (marks / "killed").mkdir()
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return account.name, digest(account.path)


def killed(account: AccountFolder) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_lost_worker_changes_no_answer(accounts, tmp_path):
    expected = answer_each(named, accounts, HERE)
    seen: list[int] = []
    assert answer_each(partial(named, marks=tmp_path), accounts, Spread(2), seen.append) == expected
    assert (tmp_path / "killed").is_dir()
    assert seen == [1] * len(accounts)


def test_an_account_whose_workers_are_always_lost_is_an_error(accounts):
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(LostWorkerError, match="was stopped"),
    ):
        answer_each(killed, accounts[:1] * 2, Spread(2))


def test_a_scheduler_gives_the_same_answers(accounts):
    expected = answer_each(named, accounts, HERE)
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as running:
        assert answer_each(named, accounts, Spread(scheduler=running.scheduler_address)) == expected


def test_a_scheduler_that_does_not_answer_is_an_error(accounts):
    with patch.object(cluster, "_PATIENCE", 1), pytest.raises(UnusableClusterError, match="does not answer"):
        answer_each(named, accounts, Spread(scheduler="tcp://127.0.0.1:9"))


def test_a_worker_that_reads_other_files_is_an_error(accounts):
    with pytest.raises(UnusableClusterError, match="reads other files"):
        cluster._checked(named, (accounts[0], "another hash"))


@pytest.mark.parametrize("name", ["access.template.json", "another.file", "below/more.json"])
def test_the_hash_is_of_every_file(accounts, name):
    before = digest(accounts[0].path)
    file = accounts[0].path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("{}")
    assert digest(accounts[0].path) != before
