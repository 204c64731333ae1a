"""A pytest plugin that writes the result of each test into the file that KEYWRIGHT_AWS_RESULTS names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_RESULTS: dict[str, dict[str, Any]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst of a test's phases, and their seconds together."""
    name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    result = _RESULTS.setdefault(report.nodeid, {"name": name, "outcome": "passed", "seconds": 0.0})
    result["seconds"] += report.duration
    if report.outcome != "passed":
        result["outcome"] = report.outcome


def pytest_sessionfinish() -> None:
    """Write what was found, also where the session was interrupted."""
    target = os.environ.get("KEYWRIGHT_AWS_RESULTS")
    if target:
        Path(target).write_text(json.dumps(list(_RESULTS.values())))
