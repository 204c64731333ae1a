"""The house keeps its shape."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_constructs_is_no_package(root: Path) -> None:
    assert not (root / "constructs/__init__.py").exists(), "it would break `import aws_cdk`"


def test_aws_cdk_imports_beside_our_folder(root: Path) -> None:
    program = "import constructs, aws_cdk, access_constructs; print(constructs.Construct.__module__)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "constructs", done.stderr


def test_no_room_is_called_by_a_word_that_says_nothing(root: Path) -> None:
    rooms = [*root.glob("keywright/**/*.py"), *root.glob("constructs/**/*.py"), *root.glob("stacks/**/*.py")]
    assert not [
        room for room in rooms if room.stem in {"util", "utils", "common", "shared", "helpers", "misc"}
    ]


def test_app_fits_one_screen(root: Path) -> None:
    assert len((root / "app.py").read_text().splitlines()) <= 60
