"""The templates of every kind of grant, as golden files, which need no exception."""

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
def granted(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return checked_synthesis(root / "tests/golden/grants", root, today, tmp_path_factory.mktemp("granted"))


@pytest.mark.parametrize("stack", ["access-account", "access-data", "access-people"])
def test_is_as_reviewed(stack: str, granted: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    resources = normalised(granted["stacks"][stack])["Resources"]
    kinds = ("AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::S3::AccessPoint", "AWS::S3::Bucket")
    shown = {name: each for name, each in resources.items() if each["Type"] in kinds}
    assert shown == snapshot(extension_class=JSONSnapshotExtension, name=stack)


def test_no_grant_needs_an_exception(granted: dict[str, Any]) -> None:
    assert faulty(granted["report"]) == {"access-roles/roles/Role0breakX2dglass"}
