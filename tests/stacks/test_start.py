"""Imports at the start of a synthesis: modules of the CDK are large, and only some are needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

NEEDED = {"aws_accessanalyzer", "aws_events", "aws_iam", "aws_kms", "aws_s3"}
"""Each takes some hundredths of a second; `aws_secretsmanager` and `aws_lambda` import `aws_ec2`, and take 0.2 s."""

LISTING = """
import access_stacks.synthesis, sys
print(*{name.split(".")[1] for name in sys.modules if name.startswith("aws_cdk.aws_")})
"""


def test_imports_no_unused_large_module_of_the_cdk(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTING], cwd=root, capture_output=True, text=True, check=True
    )
    assert {"aws_iam"} <= set(done.stdout.split()) <= NEEDED


def test_the_command_of_cdk_json_synthesizes_the_tested_templates(
    root: Path, today: date, templates: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Users' syntheses run without assertions and without jsii's checks of types, those of tests with both."""
    declared = json.loads((root / "cdk.json").read_text("utf-8"))
    program, *arguments = declared["app"].split()
    assert (program, "-O" in arguments) == (".venv/bin/python", True)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_", "PYTHONOPT"))
    }
    variables = {
        "CDK_CONTEXT_JSON": json.dumps(declared["context"] | {"today": today.isoformat()}),
        "CDK_OUTDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = {
        each.name.removesuffix(".template.json"): json.loads(each.read_text("utf-8"))
        for each in tmp_path.glob("*.template.json")
    }
    assert made == templates
