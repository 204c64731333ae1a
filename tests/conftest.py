"""What all tests share: one synthesized account, with the clock standing still."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from keywright.cdk.node import use_wheel_node

use_wheel_node()
os.environ.setdefault("CDK_VALIDATION", "false")  # what Node is started with; `make templates` turns it on
# The key that signs assemblies is not the developer's own.
os.environ["XDG_STATE_HOME"] = _STATE = tempfile.mkdtemp(prefix="keywright-state-")
atexit.register(shutil.rmtree, _STATE, ignore_errors=True)
settings.register_profile("without a clock", deadline=None)
settings.load_profile(
    "without a clock"
)  # the first example of a law builds its types, on a machine that others use too


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Have thousands of tests, which live to the end, never searched for garbage: that took a tenth of the whole run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 11, 24)


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source distribution, built from the working tree without a network."""
    folder = tmp_path_factory.mktemp("distributions")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def built_wheel(distributions: Path) -> Path:
    return next(distributions.glob("*.whl"))
