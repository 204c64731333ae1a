"""Reviews of two assemblies with many principals, against other ways to compare: text, data, z3."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.accounts import GRANTS, People
from benchmarks.measure import OURS, Competitor, Row, run_interleaved
from benchmarks.peers import BIN, ROOT, python_peers

SIZES = (1_000, 2_500, 5_000)
CHANGED = 100
"""One in this many users changes."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure one in a hundred changed, at several sizes; ten own policies for each; then everybody changed."""
    if quick:
        return measure_pair(folder, 100, CHANGED, ("z3", "difflib", "deepdiff"))
    found: list[Row] = []
    for users in SIZES:
        peers = ("z3", "difflib", "deepdiff") if users == SIZES[0] else ("z3", "difflib")
        found += measure_pair(folder, users, CHANGED, peers, rounds=3, goal=_goal(users, 5))
    found += measure_pair(folder, SIZES[-1], CHANGED, own=len(GRANTS), goal="5 s")
    for users in SIZES:
        found += measure_pair(folder, users, 1, goal=_goal(users, 60))
    return found


def _goal(users: int, seconds: int) -> str:
    return f"{seconds} s" if users == SIZES[-1] else ""


def measure_pair(
    folder: Path,
    users: int,
    changed: int,
    peers: tuple[str, ...] = (),
    *,
    own: int = 2,
    rounds: int = 1,
    goal: str = "",
) -> list[Row]:
    """Measure one pair of accounts: one of every `changed` users gains access."""
    before, after = folder / f"{users}-{own}", folder / f"{users}-{own}-{changed}"
    if not before.exists():
        People(users, own).write(before)
    People(users, own, changed).write(after)
    command = [BIN / "keywright", "review", before, after, "--format", "json"]
    ours = Competitor(OURS, command, gains, "gains", frozenset({1}))
    share = "all changed" if changed == 1 else f"one in {changed} changed"
    whose = "ten policies of its own" if own == len(GRANTS) else "ten policies"
    work = f"{users:,} users, each with {whose}, {share}"
    others = [_script(each, before, after) for each in peers]
    return run_interleaved("review", work, [ours, *others], rounds=rounds, goal=goal)


def gains(text: str) -> int:
    """Count the principals that gain access."""
    return len(json.loads(text)["gains"])


def _script(name: str, before: Path, after: Path) -> Competitor:
    python = python_peers() / "python" if name == "deepdiff" else sys.executable
    script = Path(__file__).parent / "scripts" / f"{name}_review.py"
    unit = "gains" if name == "z3" else "differences"
    return Competitor(name, [python, script, before, after], int, unit, environment={"PYTHONPATH": str(ROOT)})
