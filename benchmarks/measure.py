"""What a measurement is: commands run by turns, the processor's time of all their processes, the memory at its peak."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OURS = "keywright"
MOST_ROUNDS = "BENCH_ROUNDS"
"""The variable that says how many turns are enough, where time is short."""

TIMED = Path(__file__).parent / "scripts" / "timed.py"


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
    """One line of the table: who did what, by the samples' medians; `ratios` to ours are those of each turn."""

    benchmark: str
    work: str
    who: str
    samples: tuple[Sample, ...]
    unit: str
    ratios: tuple[float, ...] = ()
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        """Give the median of the ratios, each of one turn, or of one piece of work."""
        return median(self.ratios) if self.ratios else None

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
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "used")
        command = [sys.executable, "-I", "-S", TIMED, report, *contestant.command]
        environment = {**os.environ, **contestant.environment}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users have compiled modules too
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode not in contestant.accepts:
            raise BenchmarkError(f"{contestant.name} left with {done.returncode}: {done.stderr[-2000:]}")
        cpu, wall, memory = map(float, report.read_text().split())
    return Sample(cpu, wall, memory, contestant.count(done.stdout))


def by_turns(
    benchmark: str, work: str, contestants: Sequence[Contestant], *, rounds: int, goal: str = ""
) -> list[Row]:
    """Run all by turns, each as often, so that what else the machine does falls on all alike; the first is ours."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in contestants}
    for turn in range(min(rounds, int(os.environ.get(MOST_ROUNDS, rounds)))):
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
            ratios=tuple(one.cpu / own.cpu for one, own in zip(samples[each.name], ours, strict=True)),
            goal=goal if each is contestants[0] else "",
        )
        for each in contestants
    ]
