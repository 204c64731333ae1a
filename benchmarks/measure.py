"""Measuring: interleaved runs of commands, CPU time of all their processes, peak memory."""

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
"""The environment variable that limits the number of rounds."""

TIMED = Path(__file__).parent / "scripts" / "timed.py"


@dataclass(frozen=True)
class Competitor:
    """A tool that does the work: its command, and how to count the result.

    `unit` names what is counted; the count shows that the work was done. `accepts` are exit codes that are not failures.
    """

    name: str
    command: Sequence[str | Path]
    count: Callable[[str], int] = lambda text: len(text.splitlines())
    unit: str = "lines"
    accepts: frozenset[int] = frozenset({0})
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One run: CPU seconds, wall seconds, peak megabytes, number of results."""

    cpu: float
    wall: float
    memory: float
    results: int


@dataclass(frozen=True)
class Row:
    """One row of a table: a tool and its samples; `ratios` has the CPU time relative to ours in each round."""

    benchmark: str
    work: str
    who: str
    samples: tuple[Sample, ...]
    unit: str
    ratios: tuple[float, ...] = ()
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        """Give the median of the ratios."""
        return median(self.ratios) if self.ratios else None

    @property
    def cpu(self) -> float:
        """Give the median CPU seconds."""
        return median(each.cpu for each in self.samples)

    @property
    def wall(self) -> float:
        """Give the median wall seconds."""
        return median(each.wall for each in self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """Give the minimum and maximum CPU seconds."""
        return min(each.cpu for each in self.samples), max(each.cpu for each in self.samples)

    @property
    def memory(self) -> float:
        """Give the maximum memory in megabytes."""
        return max(each.memory for each in self.samples)

    @property
    def results(self) -> int:
        """Give the number of results of the last run."""
        return self.samples[-1].results


class BenchmarkError(Exception):
    """A competitor failed."""


def run(contestant: Competitor) -> Sample:
    """Run a command once.

    Raises:
        BenchmarkError: It exited with a code that is not accepted.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "used")
        command = [sys.executable, "-I", "-S", TIMED, report, *contestant.command]
        environment = {**os.environ, **contestant.environment}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users have compiled modules too
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode not in contestant.accepts:
            raise BenchmarkError(f"{contestant.name} exited with {done.returncode}: {done.stderr[-2000:]}")
        cpu, wall, memory = map(float, report.read_text().split())
    return Sample(cpu, wall, memory, contestant.count(done.stdout))


def run_interleaved(
    benchmark: str, work: str, competitors: Sequence[Competitor], *, rounds: int, goal: str = ""
) -> list[Row]:
    """Run all in turns, equally often, so that other load on the machine affects all alike; the first is ours."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in competitors}
    for turn in range(min(rounds, int(os.environ.get(MOST_ROUNDS, rounds)))):
        ordered = competitors if turn % 2 == 0 else competitors[::-1]
        for each in ordered:
            samples[each.name].append(run(each))
    ours = samples[competitors[0].name]
    return [
        Row(
            benchmark,
            work,
            each.name,
            tuple(samples[each.name]),
            each.unit,
            ratios=tuple(one.cpu / own.cpu for one, own in zip(samples[each.name], ours, strict=True)),
            goal=goal if each is competitors[0] else "",
        )
        for each in competitors
    ]
