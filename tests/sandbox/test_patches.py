"""The patches fit the emulator they were written for, and docs/emulator.md lists each of them."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.sandbox.cloud import ACCOUNT, REGION

PATCHES = Path(__file__).resolve().parents[2] / "keywright" / "sandbox" / "patches"
SHARED = {
    "cloudformation/properties",
    "cloudformation/resource_types",
    "emulator",
    "hooks",
    "registry",
    "sts/actions",
}


def name(path):
    return path.relative_to(PATCHES).with_suffix("").as_posix()


NAMES = sorted({name(path) for path in PATCHES.rglob("*.py") if path.stem != "__init__"} - SHARED)


def test_emulator_is_the_version_the_patches_were_written_for():
    """For another version, read its changes and run this folder's tests before you change this line."""
    assert version("ministack") == "1.5.33"


def in_an_emulator(program, state):
    """Run a program that can import the emulator."""
    script = f"""
import os, sys
from pathlib import Path
from keywright.sandbox.server import emulator_settings
os.environ.update(AWS_ACCESS_KEY_ID="AKIAAAAAAAAAAAAAAAAA", AWS_SECRET_ACCESS_KEY="x")
os.environ.update(emulator_settings(Path({str(state)!r}), {ACCOUNT!r}, {REGION!r}, "http://127.0.0.1:1"))
{program}
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_every_internal_name_that_a_patch_uses_exists(tmp_path):
    done = in_an_emulator(
        "from keywright.sandbox.patches.registry import register_all; register_all()", tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_missing_internal_name_is_named(tmp_path):
    program = """
import ministack.services.iam
del ministack.services.iam._mfa_devices
import keywright.sandbox.patches.emulator
"""
    done = in_an_emulator(program, tmp_path)
    assert "has no attribute '_mfa_devices'" in done.stderr


def test_one_module_imports_the_emulator():
    importing = [name(path) for path in PATCHES.rglob("*.py") if "ministack" in path.read_text()]
    assert importing == ["emulator"]


@pytest.mark.parametrize("patch", NAMES)
def test_patch_is_documented(patch, root_folder):
    page = (root_folder / "docs" / "emulator.md").read_text()
    assert f"`{patch}`" in page
