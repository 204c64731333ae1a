"""The example's assembly, and files that people read: `--snapshot-update` writes those anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def golden(root, request):
    """Compare a text with the file of this name under `tests/golden/`."""

    def compare(name: str, text: str) -> None:
        path = root / "tests" / "golden" / name
        if request.config.getoption("--snapshot-update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} is not there; --snapshot-update writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def assembly(root, tmp_path_factory):
    """Run the example's app as its own process, as `cdk synth` does; a finding of cdk-nag fails it."""
    folder = tmp_path_factory.mktemp("assembly")
    context = json.loads((root / "examples/python_only/cdk.json").read_text(encoding="utf-8"))["context"]
    subprocess.run(
        [sys.executable, "-m", "examples.python_only.app"],
        check=True,
        cwd=root,
        timeout=300,
        env={
            **os.environ,
            "CDK_OUTDIR": str(folder),
            "CDK_CONTEXT_JSON": json.dumps(context),
            "CDK_VALIDATION": "false",
        },
    )
    return folder
