"""One pair of assemblies has one result, examples included, regardless of the order of Python's sets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.assembly.workers import CAN_FORK
from keywright.cli.main import app
from keywright.guardrails import comparison
from keywright.review.comparison import identities
from tests.unit.review.templates import MFA, allow, role, to, trust, user

TRUST = {"Version": "2012-10-17", "Statement": [to({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole", None)]}
BEFORE = {"Worker": role(TRUST), "Alice": user(allow("s3:GetObject", "arn:aws:s3:::acme-reports/*"))}
AFTER = {
    "Worker": role(TRUST, ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    "Alice": user(allow(["s3:*", "ec2:*", "sqs:Send*"], "*")),
}


def test_is_given_in_every_run(tmp_path: Path) -> None:
    TRUST["Statement"][0].pop("Resource")
    for name, resources in (("before", BEFORE), ("after", AFTER)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"Resources": resources}))
    command = [str(Path(sys.executable).with_name("keywright")), "review", "before.json", "after.json"]
    said = {
        subprocess.run(
            [*command, "--format", "json"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
    assert json.loads(said.pop())["verdict"] == "widens"


@pytest.mark.skipif(not CAN_FORK, reason="workers are forked on Linux alone")
def test_is_given_by_any_number_of_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = trust({"AWS": "arn:aws:iam::111111111111:user/user-3"})
    roles = {f"Role{n}": role(trusted, RoleName=f"role-{n}") for n in range(4)}
    people = {
        f"User{n}": user(allow("s3:GetObject", f"arn:aws:s3:::{n}/*"), name=f"user-{n}") for n in range(9)
    }
    more = {
        f"User{n}": user(allow(["s3:*", "iam:CreateAccessKey"], "*", Condition=MFA), name=f"user-{n}")
        for n in range(8)
    }
    wider = {f"Role{n}": role(trusted, allow("ec2:*"), RoleName=f"role-{n}") for n in range(4)}
    for name, resources in (("before", roles | people), ("after", wider | more)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"Resources": resources}))
    said = set()
    for among, within in ((1, 1), (2, 1), (3, 2)):
        monkeypatch.setattr(identities, "workers_among", lambda _, among=among: among)
        monkeypatch.setattr(comparison, "workers_within", lambda _, within=within: within)
        command = ["review", str(tmp_path / "before.json"), str(tmp_path / "after.json"), "--format", "json"]
        said.add(CliRunner().invoke(app, command).output)
    assert len(said) == 1
    assert len(json.loads(said.pop())["gains"]) == 12
