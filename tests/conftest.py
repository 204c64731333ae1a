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
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from keywright.cdk.node import use_wheel_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

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
def chromium() -> Iterator[Browser]:
    """The one browser of a process: playwright refuses to start a second time in it."""
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import NONE, started

    with sync_playwright() as playwright:
        browser = started(playwright)
        if browser is None and os.environ.get("CI") == "true":
            pytest.fail(NONE)
        if browser is None:
            pytest.skip(NONE)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source distribution, built from the working tree without a network."""
    folder = tmp_path_factory.mktemp("distributions")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def built_wheel(distributions: Path) -> Path:
    return next(distributions.glob("*.whl"))
