"""The repairs fit the emulator they were written for, and each is told of in docs/emulator.md."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.sandbox.cloud import ACCOUNT, REGION

REPAIRS = Path(__file__).resolve().parents[2] / "sandbox" / "repairs"
PLUMBING = {
    "__init__",
    "answers",
    "emulator",
    "policy_holders",
    "registry",
    "resources",
    "seams",
    "token_service",
}
NAMES = sorted(path.stem for path in REPAIRS.glob("*.py") if path.stem not in PLUMBING)


def test_emulator_is_the_version_the_repairs_were_written_for():
    """Another one needs its internals looked at again: run this folder's tests, read its changes, then change this."""
    assert version("ministack") == "1.5.33"


def in_an_emulator(program, state):
    """Run a program where the emulator may be imported."""
    script = f"""
import os, sys
from pathlib import Path
from sandbox.server import emulator_settings
os.environ.update(AWS_ACCESS_KEY_ID="AKIAAAAAAAAAAAAAAAAA", AWS_SECRET_ACCESS_KEY="x")
os.environ.update(emulator_settings(Path({str(state)!r}), {ACCOUNT!r}, {REGION!r}, "http://127.0.0.1:1"))
{program}
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_every_internal_name_a_repair_leans_on_exists(tmp_path):
    done = in_an_emulator("from sandbox.repairs.registry import register_all; register_all()", tmp_path)
    assert done.returncode == 0, done.stderr


def test_lost_internal_name_is_told_by_name(tmp_path):
    program = """
import ministack.services.iam
del ministack.services.iam._mfa_devices
import sandbox.repairs.emulator
"""
    done = in_an_emulator(program, tmp_path)
    assert "has no attribute '_mfa_devices'" in done.stderr


def test_only_the_seam_imports_the_emulator():
    importing = [path.stem for path in REPAIRS.glob("*.py") if "ministack" in path.read_text()]
    assert importing == ["emulator"]


@pytest.mark.parametrize("name", NAMES)
def test_repair_is_told_of(name, root_folder):
    page = (root_folder / "docs" / "emulator.md").read_text()
    assert f"`{name}`" in page
