"""The templates of workloads on EC2, as golden files, which need no exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.guardrail_reports import checked_synthesis, faulty
from tests.stacks.test_templates import normalised

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion


@pytest.fixture(scope="module")
def launched(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return checked_synthesis(root / "tests/golden/ec2", root, today, tmp_path_factory.mktemp("launched"))


def test_is_as_reviewed(launched: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    shown = normalised(launched["stacks"]["access-workloads"])["Resources"]
    assert shown == snapshot(extension_class=JSONSnapshotExtension, name="access-workloads")


def test_needs_no_exception(launched: dict[str, Any]) -> None:
    assert faulty(launched["report"]) == {"access-roles/roles/Role0breakX2dglass"}
