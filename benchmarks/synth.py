"""Synthesis: the same users, groups and roles with our app, plain CDK in two languages, troposphere, and json.dumps.

JavaScript L1 makes exactly the resources of our templates, one `CfnResource` each. The L2 peers make the same identities as
idiomatic CDK code would. CDK's own validation is off everywhere. An empty stack shows the start-up time.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import OURS, Competitor, Row, run, run_interleaved
from benchmarks.peers import BENCH, ROOT, javascript_peers, node, python_peers

SCRIPTS = Path(__file__).parent / "scripts"
IDENTITIES = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role")
PER_STACK = 200
"""People in a stack; each is two resources."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure several sizes; the largest without peers that take minutes."""
    found: list[Row] = []
    for users in (10,) if quick else (10, 100, 1_000, 5_000):
        found += _of_size(folder / str(users), users, rounds=1 if quick or users == 5_000 else 3)  # noqa: PLR2004 - half a minute each
    return found


def _of_size(folder: Path, users: int, *, rounds: int) -> list[Row]:
    goals = {
        10: "2.5 times JavaScript L1",
        1_000: "1.7 times JavaScript L1, 0.6 times Python L2",
        5_000: "20 s, 500 MB",
    }
    return run_interleaved(
        "synth",
        f"{users:,} users, {max(users // 20, 1)} groups and roles",
        competitors(folder, users),
        rounds=rounds,
        goal=goals.get(users, ""),
    )


def competitors(folder: Path, users: int, *, installing: bool = True) -> list[Competitor]:
    """Give all competitors for so many people, and run ours once, into `folder / "bare"`.

    Without `installing`, competitors that must be downloaded are left out.
    """
    declared = folder / "access"
    declared.mkdir(parents=True)
    (declared / "all.yaml").write_text(json.dumps(access(users)))
    ours = [
        _app(name, mode, declared, folder)
        for name, mode in (
            (f"{OURS}, no guardrails", "bare"),
            ("with cdk-nag", "nag"),
            ("with cdk-nag and ours", "all"),
        )
    ]
    run(ours[0])
    made = folder / "resources.json"
    made.write_text(json.dumps(stacks_of(folder / "bare")))
    modules = {
        "NODE_PATH": str(javascript_peers()),
        "CDK_VALIDATION": "false",
        "NODE_COMPILE_CACHE": str(BENCH / "compile-cache"),
    }
    data = folder / "access.json"
    data.write_text(json.dumps(access(users)))
    here = {"PYTHONPATH": str(ROOT), "CDK_VALIDATION": "false", "JSII_NODE": str(node())}
    peers = [
        _peer("JavaScript L1", [node(), SCRIPTS / "synth_l1.js"], made, folder, modules),
        _peer("JavaScript L2", [node(), SCRIPTS / "synth_l2.js"], data, folder, modules),
        _peer("json.dumps", [sys.executable, SCRIPTS / "synth_json.py"], made, folder),
        _peer("Python, an empty stack", [sys.executable, SCRIPTS / "synth_empty.py"], data, folder, here),
    ]
    if users <= 1_000:  # noqa: PLR2004 - more takes minutes
        peers.append(_peer("Python L2", [sys.executable, SCRIPTS / "synth_l2.py"], data, folder, here))
    if installing:
        program = [python_peers() / "python", SCRIPTS / "synth_troposphere.py"]
        peers.append(_peer("troposphere", program, made, folder))
    return [*ours, *peers]


def _app(name: str, mode: str, declared: Path, folder: Path) -> Competitor:
    out = folder / mode
    context: dict[str, Any] = {"access": str(declared), "today": "2026-11-27"}
    if mode == "nag":
        context["@aws-cdk/core:failSynthOnValidationErrors"] = False
    environment = {
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "constructs"), str(ROOT / "stacks")]),
    }
    command = [sys.executable, "-O", SCRIPTS / "synth_ours.py", mode]
    return Competitor(name, command, lambda _: identities(out), "identities", environment=environment)


def _peer(
    name: str, command: list[Any], data: Path, folder: Path, environment: dict[str, str] | None = None
) -> Competitor:
    out = folder / name.replace(" ", "-")
    return Competitor(
        name, [*command, data, out], lambda _: identities(out), "identities", environment=environment or {}
    )


def identities(out: Path) -> int:
    """Count users, groups and roles of all templates in a folder."""
    stacks = stacks_of(out).values()
    return sum(each["Type"] in IDENTITIES for resources in stacks for each in resources.values())


def stacks_of(out: Path) -> dict[str, dict[str, Any]]:
    """Give each template's resources."""
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text("utf-8")).get("Resources", {})
        for path in sorted(out.glob("*.template.json"))
    }


def access(users: int) -> dict[str, Any]:
    """Declare so many people, and a twentieth as many groups and roles, spread over stacks."""
    groups = max(users // 20, 1)
    declared: dict[str, Any] = {
        "account": {"id": "111111111111", "region": "eu-central-1"},
        "buckets": {"reports": {}},
        "groups": {f"group-{n}": {"grants": [_read(f"{n}/")]} for n in range(groups)},
        "users": {
            f"user-{n}": {"person": {"email": f"user-{n}@example.com"}, "groups": [f"group-{n % groups}"]}
            for n in range(users)
        },
        "roles": {
            f"role-{n}": {
                "trusts": [{"group": f"group-{n}", "mfa": {"within": "1h"}}],
                "grants": [_read(f"r{n}/")],
            }
            for n in range(groups)
        },
    }
    if users > PER_STACK:
        spread = {"people": users, "groups": groups, "roles": groups}
        declared["shards"] = {
            kind: {"stacks": -(-count // (PER_STACK - 50))} for kind, count in spread.items()
        }
    return declared


def _read(prefix: str) -> dict[str, Any]:
    return {"s3": ["read"], "bucket": "reports", "prefix": prefix}
