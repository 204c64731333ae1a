"""A checkout that is copied to another folder works there, with its virtual environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COPIED = (
    ".venv",
    "node_modules/aws-cdk",
    "keywright",
    "constructs",
    "stacks",
    "access",
    "app.py",
    "cdk.json",
)
LARGE = shutil.ignore_patterns("aws_cdk", "botocore", "mypy*", "playwright", "z3*", "__pycache__")
"""What takes time to copy, and the commands below do not need."""


def link(source, target):
    """Link a file, which takes no space, or copy it to another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def moved(root, tmp_path_factory):
    if Path(sys.prefix) != root / ".venv":
        pytest.skip("these tests do not run in the environment of `make setup`")
    folder = tmp_path_factory.mktemp("moved") / "another place"
    for name in COPIED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_file():
            shutil.copy2(root / name, folder / name)
        else:
            shutil.copytree(root / name, folder / name, symlinks=True, ignore=LARGE, copy_function=link)
    return folder


def run(folder, *command):
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "NODE_", "JSII_"))
    }
    return subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        pytest.param(".venv/bin/python -m keywright validate --today 2026-11-24", "no mistakes", id="as a module"),
        pytest.param(".venv/bin/keywright validate --today 2026-11-24", "no mistakes", id="as a program"),
        pytest.param(".venv/bin/cdk --version", "(build ", id="CDK command line"),
        pytest.param(".venv/bin/python -m pytest --version", "pytest ", id="a tool of the Makefile"),
    ],
)  # fmt: skip
def test_runs(moved, command, shown):
    done = run(moved, *command.split())
    assert (done.returncode, shown in done.stdout) == (0, True), done


def test_imports_its_own_packages(moved):
    printing = "import keywright, access_stacks; print(keywright.__file__, access_stacks.__file__, sep='\\n')"
    done = run(moved, ".venv/bin/python", "-c", printing)
    own = [f"{moved}/keywright/__init__.py", f"{moved}/stacks/access_stacks/__init__.py"]
    assert done.stdout.splitlines() == own


def test_names_no_absolute_path(root):
    """Otherwise the copy would run the original's programs, and break once that is deleted."""
    environment = root / ".venv"
    (paths,) = environment.glob("lib/python3*/site-packages/_keywright.pth")
    assert [
        file.name
        for file in (environment / "bin/cdk", environment / "bin/keywright", paths)
        if str(root) in file.read_text()
    ] == []
