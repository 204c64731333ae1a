"""How long the commands take to start: the help of each verb, first useful work on something small, many declarations."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from benchmarks.accounts import mixed_template
from benchmarks.measure import Contestant, Row, by_turns
from benchmarks.peers import BIN, ROOT, python_peers
from benchmarks.synth import access
from keywright.cli.main import VERBS

if TYPE_CHECKING:
    from pathlib import Path


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure the helps by turns, then the work."""
    program = BIN / "keywright"
    bare = Contestant("python -c pass", [sys.executable, "-c", "pass"], unit="lines")
    whole = Contestant("keywright --help", [program, "--help"])
    verbs = [] if quick else [Contestant(f"{verb} --help", [program, verb, "--help"]) for verb in VERBS]
    peer = [] if quick else [Contestant("cfn-lint --help", [python_peers() / "cfn-lint", "--help"])]
    rounds = 1 if quick else 3
    found = by_turns(
        "start", "help", [whole, bare, *verbs, *peer], rounds=rounds, goal="0.15 s; a verb's 0.3 s"
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
    contestants = [
        Contestant(verb, [program, verb, *arguments], accepts=either) for verb, arguments in work.items()
    ]
    return [
        *found,
        *by_turns(
            "start",
            "first useful work",
            contestants[:2] if quick else contestants,
            rounds=rounds,
            goal="0.3 s",
        ),
        *declarations(folder, [10] if quick else [1_000, 5_000], rounds=rounds),
    ]


def declarations(folder: Path, sizes: list[int], *, rounds: int) -> list[Row]:
    """Measure how long it takes to check what declares so many people, with a twentieth as many groups and roles."""
    found: list[Row] = []
    for people in sizes:
        declared = folder / f"declared-{people}"
        declared.mkdir()
        (declared / "all.yaml").write_text(json.dumps(access(people)))
        checked = Contestant("validate", [BIN / "keywright", "validate", declared])
        goal = "2 s" if people == 5_000 else ""  # noqa: PLR2004 - the size that the goal is about
        found += by_turns("start", f"declarations of {people:,} people", [checked], rounds=rounds, goal=goal)
    return found
