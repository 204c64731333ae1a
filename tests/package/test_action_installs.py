"""The action installs Keywright from its own commit, and what it installs checks a template."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def test_installs_and_checks(root, installed, tmp_path):
    """`installed` skips this test where the package index cannot be reached."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    install = [sys.executable, "-P", "-m", "keywright.github", "install"]
    done = subprocess.run(install, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    python = (tmp_path / "output").read_text().strip().removeprefix("python=")
    good = root / "tests" / "unit" / "github" / "good.template.yaml"
    check = {**environment, "KEYWRIGHT_PATHS": str(good), "KEYWRIGHT_STRICT": "true"}
    command = [python, "-P", "-m", "keywright.github", "check"]
    done = subprocess.run(command, cwd=tmp_path, env=check, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "verdict=passed" in (tmp_path / "output").read_text()


@pytest.mark.parametrize(
    "version", ["main", "1.0 --index-url=https://evil.example", "../evil", "1.0;touch pwned"]
)
def test_refuses_what_is_no_release(root, tmp_path, version):
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "RUNNER_TEMP": str(tmp_path),
        "KEYWRIGHT_VERSION": version,
    }
    install = [sys.executable, "-P", "-m", "keywright.github", "install"]
    done = subprocess.run(install, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.startswith(
        f"::error::the input `version` is not a release; found `{version}`; accepted: "
    )
    assert not (tmp_path / "keywright" / "environment").exists()
