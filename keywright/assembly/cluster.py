"""One task for each account of an organization: in this process, in several, or on a Dask cluster.

Whatever runs them, the answers are the same and come in the order of the accounts. The tasks of a worker that is lost are
given to another. Tasks and answers are pickled: whoever controls a scheduler or a worker controls this process, and the
other way around, so a cluster of one's own is the only one to use.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest, sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from keywright.assembly.workers import LostWorkerError, cores, map_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from distributed import Client

    from keywright.assembly.accounts import AccountFolder

_Answer = TypeVar("_Answer")

MANY_ACCOUNTS = 24
"""Accounts from which processes of their own pay off; fewer are answered sooner by this one."""
_PATIENCE = 60
"""Seconds to wait for a scheduler and its first worker."""


class UnusableClusterError(Exception):
    """A cluster cannot be used; the message says why."""


@dataclass(frozen=True)
class Spread:
    """Where the tasks run: `workers` processes of this machine, or the cluster of a scheduler; by default as it pays."""

    workers: int = 0
    scheduler: str = ""

    def workers_for(self, accounts: int) -> int:
        """Give the number of processes for a number of accounts."""
        return min(self.workers or (cores() if accounts >= MANY_ACCOUNTS else 1), max(accounts, 1))


HERE = Spread(workers=1)


def answer_each(
    answer: Callable[[AccountFolder], _Answer],
    accounts: Sequence[AccountFolder],
    spread: Spread,
    advance: Callable[[int], None] = lambda _: None,
) -> list[_Answer]:
    """Answer for each account, in order.

    Raises:
        LostWorkerError: The workers of one account were stopped again and again.
        UnusableClusterError: There is no such scheduler, or its workers run or read something else.
    """
    workers = spread.workers_for(len(accounts))
    if spread.scheduler:
        with _remote(spread.scheduler) as client:
            return _answers(
                client, partial(_checked, answer), [(each, digest(each.path)) for each in accounts], advance
            )
    if workers > 1 and len(accounts) >= MANY_ACCOUNTS and find_spec("distributed") is not None:
        with _local(workers) as client:
            return _answers(client, answer, accounts, advance)
    found = []
    for each in map_in_order(answer, accounts, workers):
        advance(1)
        found.append(each)
    return found


def _answers(
    client: Client, answer: Callable[[Any], _Answer], inputs: Sequence[Any], advance: Callable[[int], None]
) -> list[_Answer]:
    from distributed import as_completed  # noqa: PLC0415 - slow to load
    from distributed.scheduler import KilledWorker  # noqa: PLC0415 - slow to load

    # Each is a task of its own, also where two accounts have the same content.
    places = {client.submit(answer, each, pure=False): place for place, each in enumerate(inputs)}
    found: dict[int, _Answer] = {}
    try:
        for future in as_completed(list(places)):
            found[places[future]] = future.result()
            # The workers may forget it.
            future.release()
            advance(1)
    except KilledWorker as error:
        raise LostWorkerError from error
    return [found[place] for place in range(len(inputs))]


# A cluster of this machine


@contextmanager
def _local(workers: int) -> Iterator[Client]:
    """Start processes of this machine; nobody else on it can reach them."""
    import dask  # noqa: PLC0415 - slow to load
    from distributed import Client, LocalCluster  # noqa: PLC0415 - slow to load
    from distributed.security import Security  # noqa: PLC0415 - slow to load

    # Other users of the machine could otherwise connect and have their code run: each start has its own certificate.
    security = Security.temporary()
    quiet: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls",
            security=security,
            dashboard_address="127.0.0.1:0",
            silence_logs=_NOTHING_LOGGED,
        ) as cluster,
        Client(cluster, security=security) as client,
    ):
        yield client


_NOTHING_LOGGED = 60


# A cluster that exists


@contextmanager
def _remote(scheduler: str) -> Iterator[Client]:
    """Connect to a scheduler, with the certificates that Dask's own configuration names."""
    if find_spec("distributed") is None:
        raise UnusableClusterError(
            'the package `distributed` is not installed; accepted: `pip install "keywright[cluster]"`'
        )
    from distributed import Client  # noqa: PLC0415 - slow to load

    try:
        client = Client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise UnusableClusterError(f"the scheduler does not answer; found `{scheduler}`: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise UnusableClusterError(f"the scheduler has no worker; found `{scheduler}`") from error
        others = sorted({str(each) for each in client.run(version).values()} - {version()})
        if others:
            raise UnusableClusterError(
                f"the workers run another version; found {', '.join(others)}; accepted: {version()}"
            )
        yield client


def version() -> str:
    """Give the version that is running; "none" where it is not installed."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - only a cluster needs it
    from importlib.metadata import version as installed  # noqa: PLC0415

    try:
        return installed("keywright")
    except PackageNotFoundError:
        return "none"


def _checked(answer: Callable[[AccountFolder], _Answer], asked: tuple[AccountFolder, str]) -> _Answer:
    account, expected = asked
    if digest(account.path) != expected:
        raise UnusableClusterError(
            f"a worker reads other files than this process; found `{account.path}`; "
            "accepted: workers that were started in this folder, on a file system that all share"
        )
    return answer(account)


def digest(folder: Path) -> str:
    """Give a hash of everything in a folder; two folders with the same hash have the same content.

    Raises:
        OSError: A file cannot be read.
    """
    found = sha256()
    for path in sorted(folder.rglob("*")):
        found.update(f"{path.relative_to(folder).as_posix()}\0".encode(errors="surrogateescape"))
        if path.is_symlink():
            found.update(f"link {path.readlink()}\0".encode(errors="surrogateescape"))
        if path.is_file():
            with path.open("rb") as stream:
                found.update(file_digest(stream, sha256).digest())
    return found.hexdigest()
