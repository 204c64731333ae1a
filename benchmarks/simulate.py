"""Requests evaluated in a second, on one core, including reading and writing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.accounts import GRANTS, document
from benchmarks.measure import OURS, Competitor, Row, run_interleaved
from benchmarks.peers import BIN

if TYPE_CHECKING:
    from pathlib import Path


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure a file of many requests, and a file of one, which shows the start-up time."""
    many = 200 if quick else 20_000
    found = []
    for count in (1, many):
        path = folder / f"{count}.jsonl"
        path.write_text("".join(f"{json.dumps(_case(n))}\n" for n in range(count)))
        ours = Competitor(
            OURS, [BIN / "keywright", "simulate", path], unit="verdicts", accepts=frozenset({0, 1})
        )
        goal = "10,000 a second" if count > 1 else ""
        found += run_interleaved(
            "simulate", f"{count:,} requests", [ours], rounds=1 if quick else 3, goal=goal
        )
    return found


def _case(n: int) -> dict[str, Any]:
    """Give a request of a user with three policies and a boundary; every third is denied."""
    several = [document(actions, where.format(n=n % 97)) for actions, where in GRANTS[:3]]
    return {
        "id": str(n),
        "principal": f"arn:aws:iam::111111111111:user/user-{n % 97}",
        "identity_policies": several,
        "permissions_boundary": document(("s3:*", "sqs:*"), "*"),
        "action": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")[n % 3],
        "resource": f"arn:aws:s3:::{('reports', 'inbox', 'reports')[n % 3]}/{n % 97}/x",
        "resource_account": "111111111111",
        "context": {"aws:SecureTransport": "true"},
    }
