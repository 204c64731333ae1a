"""Permission sets in the region of their instance: capped, denied and ended as everybody of the account is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from keywright.assembly.declared_places import assigned
from keywright.model.reading import read
from tests.stacks.test_templates import normalised

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

STACK = "access-identity-center"
ANALYSTS = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
Synthesized = dict[str, Any]


def synthesized(root: Path, today: date, out: Path) -> tuple[dict[str, Synthesized], list[str]]:
    """Give the stacks, with what stands against them."""
    import aws_cdk as cdk

    from keywright.guardrails.plugin import attach_declared
    from stacks.compose import compose
    from stacks.setting import Setting

    folder = root / "tests/golden/identity_center"
    reading = read(folder, today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    context = json.loads((root / "cdk.json").read_text())["context"]
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(out),
        context={**context, "@aws-cdk/core:failSynthOnValidationErrors": False},
    )
    declared = compose(app, Setting(reading.declarations, folder, lock=reading.lock))
    attach_declared(app, reading.declarations, declared=declared, today=today, places=reading.places)
    made = {
        each.stack_name: {
            "template": each.template,
            "region": each.environment.region,
            "after": {one.id for one in each.dependencies},
        }
        for each in app.synth().stacks
    }
    report = json.loads((out / "validation-report.json").read_text())
    found = [each["ruleName"] for one in report["pluginReports"] for each in one["violations"]]
    return made, found


@pytest.fixture(scope="module")
def assembly(
    root: Path, today: date, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Synthesized], list[str]]:
    return synthesized(root, today, tmp_path_factory.mktemp("center"))


@pytest.fixture(scope="module")
def center(assembly: tuple[dict[str, Synthesized], list[str]]) -> Synthesized:
    found: Synthesized = assembly[0][STACK]
    return found


def test_is_as_reviewed(center: Synthesized, snapshot: SnapshotAssertion) -> None:
    assert normalised(center["template"]) == snapshot(extension_class=JSONSnapshotExtension, name=STACK)


def test_it_is_where_the_instance_is_and_comes_after_what_it_takes(center: Synthesized) -> None:
    assert center["region"] == "eu-west-1"
    assert {"access-account", "access-data"} <= center["after"]


def test_nothing_of_it_needs_an_exception(assembly: tuple[dict[str, Synthesized], list[str]]) -> None:
    assert assembly[1] == []


def inline(center: Synthesized, name: str) -> list[dict[str, Any]]:
    properties = center["template"]["Resources"][name]["Properties"]
    statements: list[dict[str, Any]] = properties.get("InlinePolicy", {"Statement": []})["Statement"]
    return statements


@pytest.mark.parametrize(
    ("name", "denials"),
    [
        pytest.param("PermissionSet0Analyst", [], id="the boundary denies for who has it"),
        pytest.param("PermissionSet0Auditor", ["WithoutTls"], id="here without our boundary"),
        pytest.param("PermissionSet0Elsewhere", [], id="only in another account"),
        pytest.param("PermissionSet0AnalystX2e2027X2d01X2d31", ["Ended"], id="with an end"),
    ],
)
def test_what_is_denied_to_all_is_denied_here(center: Synthesized, name: str, denials: list[str]) -> None:
    assert [each["Sid"] for each in inline(center, name) if each["Effect"] == "Deny"] == denials


def test_the_boundary_has_room_for_what_they_do_and_nobody_touches_their_stack(
    assembly: tuple[dict[str, Synthesized], list[str]],
) -> None:
    boundary = assembly[0]["access-account"]["template"]["Resources"]["ManagedPolicy0keywrightX2dboundary"]
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
    from stacks.declared_places import places_of
    from stacks.setting import Setting

    folder = root / "tests/golden/identity_center"
    reading = read(folder, today)
    assert reading.declarations is not None
    places = places_of(reading.declarations, reading.places, Setting(reading.declarations, folder))
    found = places.of(assigned(*given))
    assert found is not None
    line = (folder / "access.yaml").read_text().splitlines()[found.line - 1]
    assert f"permission_set: {given[1].partition('/')[2].partition('.')[0]}" in line
    assert written in line
