"""Questions about an account of thousands: who can, what one can do, and who can escalate privileges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.accounts import People
from benchmarks.measure import OURS, Competitor, Row, run_interleaved
from benchmarks.peers import BIN

if TYPE_CHECKING:
    from pathlib import Path


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure each question at two sizes."""
    found: list[Row] = []
    for users in (50,) if quick else (2_000, 5_000):
        templates = People(users).write(folder / str(users))
        program, rounds = BIN / "keywright", 1 if quick else 3
        asked = [
            program,
            "who-can",
            "s3:GetObject",
            "arn:aws:s3:::reports/7/x",
            templates,
            "--format",
            "json",
        ]
        who = Competitor(OURS, asked, _length, "principals")
        goal = "2 s" if users == 5_000 else ""  # noqa: PLR2004 - the size with a goal
        found += run_interleaved(
            "who-can", f"{users:,} users, ten policies each", [who], rounds=rounds, goal=goal
        )
        told = [program, "explain", "user/user-7", templates, "--format", "json"]
        one = Competitor(OURS, told, _sentences, "sentences", frozenset({0, 1, 3}))
        found += run_interleaved("explain", f"{users:,} users, ten policies each", [one], rounds=rounds)
        paths = Competitor(
            OURS,
            [program, "escalations", templates, "--format", "json"],
            _paths,
            "paths",
            frozenset({0, 1, 3}),
        )
        found += run_interleaved("escalations", f"{users:,} users, ten policies each", [paths], rounds=rounds)
    return found


def _length(text: str) -> int:
    return len(json.loads(text))


def _sentences(text: str) -> int:
    return len(json.loads(text)["sentences"])


def _paths(text: str) -> int:
    return len(json.loads(text)["paths"])
