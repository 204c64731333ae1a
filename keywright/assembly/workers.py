"""Use several cores where it pays: for several assemblies, or the templates of one.

Where the system can do it safely, workers are forked after everything was read. Elsewhere they are spawned, which
costs more. Results keep the order of the input.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly

_Input = TypeVar("_Input")
_Answer = TypeVar("_Answer")

_MANY_RESOURCES = 1_000
_MANY_QUESTIONS = 40
_SHARES = 8
"""Of one worker, so that none waits long for the slowest."""
# A fork is unsafe where system libraries run threads, as on macOS ("multiprocessing", Python documentation).
CAN_FORK = sys.platform == "linux"
MOST_WORKERS = 8


class LostWorkerError(Exception):
    """A worker process ended without an answer; the system stopped it, perhaps for lack of memory."""

    def __init__(self) -> None:
        super().__init__("a worker process was stopped; accepted: `--workers 1`, which needs less memory")


def cores() -> int:
    """Count the cores that this process may use, up to the useful number."""
    usable = len(os.sched_getaffinity(0)) if CAN_FORK else os.cpu_count() or 1
    return min(usable, MOST_WORKERS)


_WORTH_FORKING, _WORTH_STARTING = 1 << 20, 16 << 20
"""Bytes of templates from which workers pay off."""


def workers_for_paths(paths: Sequence[Path]) -> int:
    """Give the number of workers for the assemblies at some paths, each of which is checked by one."""
    if len(paths) < 2:  # noqa: PLR2004 - two of them can share
        return 1
    size = sum(_size(path) for path in paths)
    return cores() if size >= (_WORTH_FORKING if CAN_FORK else _WORTH_STARTING) else 1


def workers_within(assembly: Assembly, wanted: int = 0) -> int:
    """Give the number of workers for one assembly, as wanted or worthwhile; they have to be forked."""
    if not CAN_FORK:
        return 1
    many = sum(len(template.resources) for template in assembly.templates) >= _MANY_RESOURCES
    return wanted or (cores() if many else 1)


def workers_among(number: int) -> int:
    """Give the number of forked workers for a number of questions that take some milliseconds each."""
    return cores() if CAN_FORK and number >= _MANY_QUESTIONS else 1


def split_work(inputs: Sequence[_Input], workers: int) -> list[Sequence[_Input]]:
    """Divide questions into some shares for each worker, in order; all in one for this process alone."""
    if workers < 2:  # noqa: PLR2004 - this process is one of them
        return [inputs] if inputs else []
    size = -(-len(inputs) // (_SHARES * workers))
    return [inputs[start : start + size] for start in range(0, len(inputs), size)]


def _size(path: Path) -> int:
    """Give the bytes of a file, or of the files of a folder; 0 if they cannot be read."""
    try:
        files = path.iterdir() if path.is_dir() else [path]
        return sum(each.stat().st_size for each in files if each.is_file())
    except OSError:
        return 0


def map_in_order(
    answer: Callable[[_Input], _Answer], inputs: Sequence[_Input], workers: int
) -> Iterator[_Answer]:
    """Answer everything, in order; with one worker in this process.

    Raises:
        LostWorkerError: A worker was stopped.
    """
    if workers < 2 or len(inputs) < 2:  # noqa: PLR2004 - two of them can share
        yield from map(answer, inputs)
        return
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - slow to load

    with _pool(min(workers, len(inputs))) as pool:
        try:
            for future in [pool.submit(answer, each) for each in inputs]:
                yield future.result()
        except BrokenProcessPool as error:
            raise LostWorkerError from error


def run_beside(
    answer: Callable[[_Input], _Answer], there: _Input, here: _Input, workers: int
) -> tuple[_Answer, _Answer]:
    """Answer one thing in a worker while this process, which keeps its caches, answers another.

    Raises:
        LostWorkerError: The worker was stopped.
    """
    if workers < 2:  # noqa: PLR2004 - this process is one of them
        return answer(there), answer(here)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - slow to load

    with _pool(1) as pool:
        future = pool.submit(answer, there)
        # After the submission, so that both run at the same time.
        own = answer(here)
        try:
            return future.result(), own
        except BrokenProcessPool as error:
            raise LostWorkerError from error


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Open a pool; any exception in its use stops the workers at once."""
    import multiprocessing  # noqa: PLC0415 - slow to load
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - slow to load

    context = multiprocessing.get_context("fork" if CAN_FORK else "spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_alone)
    try:
        yield pool
    except BaseException:
        _stop(pool._processes.values())  # noqa: SLF001 - the executor has no way to end what is running
        pool.shutdown()
        raise
    pool.shutdown()


# Otherwise each worker would print its own traceback after Ctrl-C.
def _leave_interrupts_alone() -> None:
    """Leave an interrupt to the process that started the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop(processes: Iterable[BaseProcess]) -> None:
    for each in list(processes):
        each.terminate()
