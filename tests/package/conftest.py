"""An environment outside the checkout, with the wheel and the lowest versions of its base dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """A virtual environment, and an empty folder to work in."""

    python: Path
    folder: Path

    def run(self, *words: str, program: str = "") -> subprocess.CompletedProcess[str]:
        """Run Python in that environment, or one of its programs."""
        command = [str(self.python.with_name(program) if program else self.python), *words]
        left_out = ("AWS_", "CDK_", "JSII_", "PYTHON", "NODE_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
        environment = kept | {"PATH": os.defpath, "NO_COLOR": "1"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="session")
def installed(root: Path, built_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel without extras, with the lowest version of each dependency; the rest of the tests run with the pinned ones."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "environment", with_pip=False)
    python = folder / "environment" / "bin" / "python"
    words = ["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", *lowest(root)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), *words, str(built_wheel)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "from versions: none" in done.stderr and os.environ.get("CI") != "true":
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    (folder / "work").mkdir()
    return Installed(python, folder / "work")


def lowest(root: Path) -> list[str]:
    """Give the base dependencies, each at its lower bound."""
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return [
        f"{requirement.name}=={bound.version}"
        for requirement in map(Requirement, declared)
        for bound in requirement.specifier
        if bound.operator == ">="
    ]
