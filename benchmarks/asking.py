"""Questions to an account of thousands: who can, what one of them may do, and who could come to more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.accounts import People
from benchmarks.measure import OURS, Contestant, Row, by_turns
from benchmarks.peers import BIN

if TYPE_CHECKING:
    from pathlib import Path


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Ask of two sizes each."""
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
        who = Contestant(OURS, asked, _length, "principals")
        goal = "2 s" if users == 5_000 else ""  # noqa: PLR2004 - the size that the goal is about
        found += by_turns("who-can", f"{users:,} users, ten policies each", [who], rounds=rounds, goal=goal)
        told = [program, "explain", "user/user-7", templates, "--format", "json"]
        one = Contestant(OURS, told, _sentences, "sentences", frozenset({0, 1, 3}))
        found += by_turns("explain", f"{users:,} users, ten policies each", [one], rounds=rounds)
        paths = Contestant(
            OURS,
            [program, "escalations", templates, "--format", "json"],
            _paths,
            "paths",
            frozenset({0, 1, 3}),
        )
        found += by_turns("escalations", f"{users:,} users, ten policies each", [paths], rounds=rounds)
    return found


def _length(text: str) -> int:
    return len(json.loads(text))


def _sentences(text: str) -> int:
    return len(json.loads(text)["sentences"])


def _paths(text: str) -> int:
    return len(json.loads(text)["paths"])
