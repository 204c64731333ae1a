"""Permission sets in the region of their instance: bounded, denied and expired as all access of the account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from keywright.assembly.sources.declaration_locations import assignment_name
from keywright.model.reading import read
from tests.stacks.guardrail_reports import checked_synthesis, faulty
from tests.stacks.test_templates import normalised

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

STACK = "access-identity-center"
ANALYSTS = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
DECLARED = "tests/golden/identity_center"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("center")


@pytest.fixture(scope="module")
def assembly(root: Path, today: date, folder: Path) -> dict[str, Any]:
    return checked_synthesis(root / DECLARED, root, today, folder)


@pytest.fixture(scope="module")
def center(assembly: dict[str, Any]) -> dict[str, Any]:
    template: dict[str, Any] = assembly["stacks"][STACK]
    return template


def test_is_as_reviewed(center: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    assert normalised(center) == snapshot(extension_class=JSONSnapshotExtension, name=STACK)


def test_is_in_the_instances_region_and_deployed_after_its_dependencies(
    assembly: dict[str, Any], folder: Path
) -> None:
    assert STACK in assembly["stacks"]
    artifact = json.loads((folder / "manifest.json").read_text())["artifacts"][STACK]
    assert artifact["environment"] == "aws://111111111111/eu-west-1"
    assert {"access-account", "access-data"} <= set(artifact["dependencies"])


def test_needs_no_exception(assembly: dict[str, Any]) -> None:
    assert faulty(assembly["report"]) == set()


def inline(center: dict[str, Any], name: str) -> list[dict[str, Any]]:
    properties = center["Resources"][name]["Properties"]
    statements: list[dict[str, Any]] = properties.get("InlinePolicy", {"Statement": []})["Statement"]
    return statements


@pytest.mark.parametrize(
    ("name", "denials"),
    [
        pytest.param("PermissionSet0Analyst", [], id="the boundary denies it already"),
        pytest.param("PermissionSet0Auditor", ["WithoutTls"], id="here without the boundary"),
        pytest.param("PermissionSet0Elsewhere", [], id="only in another account"),
        pytest.param("PermissionSet0AnalystX2e2027X2d01X2d31", ["Ended"], id="with an expiry"),
    ],
)
def test_has_the_account_denials(center: dict[str, Any], name: str, denials: list[str]) -> None:
    assert [each["Sid"] for each in inline(center, name) if each["Effect"] == "Deny"] == denials


def test_the_boundary_allows_their_work_and_protects_their_stack(
    assembly: dict[str, Any],
) -> None:
    boundary = assembly["stacks"]["access-account"]["Resources"]["ManagedPolicy0keywrightX2dboundary"]
    statements = boundary["Properties"]["PolicyDocument"]["Statement"]
    (services,) = (each["Action"] for each in statements if each.get("Sid") == "Services")
    (guarded,) = (each["Resource"] for each in statements if each.get("Sid") == "AsDeclared")
    assert "s3:*" in services
    assert f"arn:aws:cloudformation:*:111111111111:stack/{STACK}/*" in guarded


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ((f"group analysts ({ANALYSTS})", "permissionset/Analyst", "1" * 12), "groups: [analysts]}"),
        (("group Auditors", "permissionset/Analyst.2027-01-31", "1" * 12), "until: 2027-01-31"),
        ((f"group analysts ({ANALYSTS})", "permissionset/Elsewhere", "2" * 12), "accounts:"),
    ],
)
def test_a_review_finds_an_assignment_at_its_line(
    root: Path, today: date, given: tuple[str, str, str], written: str
) -> None:
    from access_stacks.assembly_files import places_of
    from access_stacks.inputs import StackInputs

    folder = root / DECLARED
    reading = read(folder, today)
    assert reading.declarations is not None
    places = places_of(reading.declarations, reading.places, StackInputs(reading.declarations, folder))
    found = places.of(assignment_name(*given))
    assert found is not None
    line = (folder / "access.yaml").read_text().splitlines()[found.line - 1]
    assert f"permission_set: {given[1].partition('/')[2].partition('.')[0]}" in line
    assert written in line
