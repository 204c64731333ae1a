"""One pair of assemblies has one review, witnesses included, however Python orders its sets in that run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.review.templates import allow, role, to, user

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
