"""What a measurement is: commands run by turns, the processor's time of all their processes, the memory at its peak."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import resource
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

OURS = "keywright"


@dataclass(frozen=True)
class Contestant:
    """One who does the work: a command, and how to count what came of it.

    `unit` says what is counted; it is what shows that the work was done. `accepts` are exit codes that are no failure.
    """

    name: str
    command: Sequence[str | Path]
    count: Callable[[str], int] = lambda text: len(text.splitlines())
    unit: str = "lines"
    accepts: frozenset[int] = frozenset({0})
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One run: seconds of the processor, seconds on the clock, megabytes at the peak, what came of it."""

    cpu: float
    wall: float
    memory: float
    results: int


@dataclass(frozen=True)
class Row:
    """One line of the table: who did what, by the samples' medians; `ratio` is the median of paired ratios to ours."""

    benchmark: str
    work: str
    who: str
    samples: tuple[Sample, ...]
    unit: str
    ratio: float | None = None
    goal: str = ""

    @property
    def cpu(self) -> float:
        """Give the median of the processor's seconds."""
        return median(each.cpu for each in self.samples)

    @property
    def wall(self) -> float:
        """Give the median of the clock's seconds."""
        return median(each.wall for each in self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """Give the least and the most of the processor's seconds."""
        return min(each.cpu for each in self.samples), max(each.cpu for each in self.samples)

    @property
    def memory(self) -> float:
        """Give the most memory in megabytes."""
        return max(each.memory for each in self.samples)

    @property
    def results(self) -> int:
        """Give what the last run came to."""
        return self.samples[-1].results


class BenchmarkError(Exception):
    """A contestant failed, or said something else at each run."""


def run(contestant: Contestant) -> Sample:
    """Run a command once.

    Raises:
        BenchmarkError: It left with an exit code that it should not.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+") as err:
        started = time.monotonic()
        process = subprocess.Popen(
            list(map(str, contestant.command)),
            stdout=out,
            stderr=err,
            env={**os.environ, **contestant.environment},
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in contestant.accepts:
            raise BenchmarkError(f"{contestant.name} left with {process.returncode}: {err.read()[-2000:]}")
        return Sample(used.ru_utime + used.ru_stime, wall, _megabytes(used), contestant.count(out.read()))


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024


def by_turns(
    benchmark: str, work: str, contestants: Sequence[Contestant], *, rounds: int, goal: str = ""
) -> list[Row]:
    """Run all by turns, each as often, so that what else the machine does falls on all alike; the first is ours."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in contestants}
    for turn in range(rounds):
        ordered = contestants if turn % 2 == 0 else contestants[::-1]
        for each in ordered:
            samples[each.name].append(run(each))
    ours = samples[contestants[0].name]
    return [
        Row(
            benchmark,
            work,
            each.name,
            tuple(samples[each.name]),
            each.unit,
            ratio=median(one.cpu / own.cpu for one, own in zip(samples[each.name], ours, strict=True)),
            goal=goal if each is contestants[0] else "",
        )
        for each in contestants
    ]
