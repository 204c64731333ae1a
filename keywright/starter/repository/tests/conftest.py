"""Synthesizes the declarations once for all tests, as `cdk synth` does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write the templates to tests/golden")


def synthesize(access, output):
    """Run app.py with another folder of declarations; the result has the exit code and what was printed."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | {"access": str(access)}
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    return subprocess.run(
        [sys.executable, "-O", "app.py"],
        cwd=ROOT,
        env=environment | {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(output)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def assembly(tmp_path_factory):
    output = tmp_path_factory.mktemp("assembly")
    done = synthesize(ROOT / "access", output)
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)
    return output
