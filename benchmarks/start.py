"""Start-up: the help of each command, first useful work on a small input, and many declarations."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from benchmarks.accounts import mixed_template
from benchmarks.measure import Competitor, Row, run_interleaved
from benchmarks.peers import BIN, ROOT, python_peers
from benchmarks.synth import access
from keywright.cli.main import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure the help of each command, then the work."""
    program = BIN / "keywright"
    bare = Competitor("python -c pass", [sys.executable, "-c", "pass"], unit="lines")
    whole = Competitor("keywright --help", [program, "--help"])
    verbs = [] if quick else [Competitor(f"{verb} --help", [program, verb, "--help"]) for verb in COMMANDS]
    peer = [] if quick else [Competitor("cfn-lint --help", [python_peers() / "cfn-lint", "--help"])]
    rounds = 1 if quick else 3
    found = run_interleaved(
        "start", "help", [whole, bare, *verbs, *peer], rounds=rounds, goal="0.15 s; of a command 0.3 s"
    )
    template = folder / "small.template.json"
    template.write_text(json.dumps(mixed_template(5)))
    asked = ["s3:GetObject", "arn:aws:s3:::reports/0/x", template]
    either = frozenset({0, 1, 3})
    work = {
        "validate": [ROOT / "access"],
        "check": [template],
        "review": [template, template],
        "who-can": asked,
        "explain": ["user/user-1", template],
        "escalations": [template],
    }
    competitors = [
        Competitor(verb, [program, verb, *arguments], accepts=either) for verb, arguments in work.items()
    ]
    return [
        *found,
        *run_interleaved(
            "start",
            "first useful work",
            competitors[:2] if quick else competitors,
            rounds=rounds,
            goal="0.3 s",
        ),
        *declarations(folder, [10] if quick else [1_000, 5_000], rounds=rounds),
    ]


def declarations(folder: Path, sizes: list[int], *, rounds: int) -> list[Row]:
    """Measure `validate` with so many people, and a twentieth as many groups and roles."""
    found: list[Row] = []
    for people in sizes:
        declared = folder / f"declared-{people}"
        declared.mkdir()
        (declared / "all.yaml").write_text(json.dumps(access(people)))
        checked = Competitor("validate", [BIN / "keywright", "validate", declared])
        goal = "2 s" if people == 5_000 else ""  # noqa: PLR2004 - the size with a goal
        found += run_interleaved(
            "start", f"declarations of {people:,} people", [checked], rounds=rounds, goal=goal
        )
    return found
