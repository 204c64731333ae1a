"""`make soak`: plays every fault once, then random edits until the time is over."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.soak.company import TOO_LATE, Round, company
from tests.soak.faults import faults


def main() -> int:
    """Play, print a line for each round, and write all of it to build/soak.json; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--minutes",
        type=float,
        default=20,
        help="how long to play; every fault is played once whatever it takes",
    )
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="the seed of the random edits"
    )
    parser.add_argument("--fault", action="append", help="play only faults whose name contains this text")
    options = parser.parse_args()
    _say(f"seed {options.seed}")
    begun = time.monotonic()
    rounds: list[tuple[str, Round]] = []
    with (
        TemporaryDirectory(prefix="keywright-soak-") as folder,
        company(Path(folder), options.seed) as played,
    ):
        chosen = [
            each
            for each in faults(played.seconds)
            if not options.fault or any(name in each.name for name in options.fault)
        ]
        rounds += [(each.name, _told(each.name, played.play(each))) for each in chosen]
        if not options.fault or "account is killed" in options.fault:
            rounds.append(("account is killed", _told("account is killed", played.lose_account())))
        while time.monotonic() - begun < options.minutes * 60:
            rounds.append(("", _told(f"round {len(rounds) + 1}", played.play())))
    Path("build").mkdir(exist_ok=True)
    Path("build/soak.json").write_text(
        json.dumps(
            {"seed": options.seed, "rounds": [{"fault": name, **asdict(each)} for name, each in rounds]},
            indent=1,
        )
    )
    late = sum(TOO_LATE in each.noticed for _, each in rounds)
    wrong = sum(bool(each.mistakes) for _, each in rounds)
    _say(
        f"{len(rounds)} rounds, {sum(each.looks for _, each in rounds)} looks, {wrong} with mistakes, {late} faults too late; see build/soak.json"
    )
    return 1 if wrong else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _told(name: str, played: Round) -> Round:
    noticed = f": {played.noticed}" if played.noticed else ""
    _say(f"{name}{noticed}; {played.edit}; {played.looks} looks, {played.seconds:.0f} s")
    for mistake in played.mistakes:
        _say(f"  WRONG {mistake}")
    return played


if __name__ == "__main__":
    os.environ.setdefault("CDK_VALIDATION", "false")
    sys.exit(main())
