"""A review notes how a change affects invariants, exceptions and quotas, and on which line it is declared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.assembly.sources.declaration_locations import FILE, DeclarationLocations, DeclaredGrant
from keywright.cli.main import app
from keywright.reporting.finding import Location
from tests.unit.review.templates import OBJECTS, allow, managed, trust, user, write

if TYPE_CHECKING:
    from pathlib import Path

READ, WRITE = allow("s3:GetObject", OBJECTS), allow("s3:PutObject", OBJECTS)
NEVER = "never:\n  - {who: everyone, can: s3:DeleteObject, on: 'arn:aws:s3:::acme-reports/*'}\n"
ACCEPTED = "exceptions:\n- {{rule: POL006, on: Alice, finding: '*', owner: ops, because: {because}, until: {until}}}\n"


def side(folder: Path, resources: dict[str, Any], **files: str) -> Path:
    write(folder / "people.template.json", resources)
    for name, content in files.items():
        (folder / f"keywright-{name}.yaml").write_text(content)
    return folder


def noted(base: Path, head: Path) -> list[tuple[str, str, bool]]:
    result = CliRunner().invoke(app, ["review", str(base), str(head), "--format", "json"])
    return [(each["about"], each["says"], each["weakens"]) for each in json.loads(result.stdout)["notes"]]


def test_reports_a_removed_invariant(tmp_path: Path) -> None:
    base = side(tmp_path / "base", {"Alice": user(READ)}, invariants=NEVER)
    head = side(tmp_path / "head", {"Alice": user(READ)})
    assert noted(base, head) == [("invariant", "is no longer declared", True)]
    assert noted(head, base) == [("invariant", "is new, and is proved", False)]


def test_reports_an_invariant_that_a_change_breaks(tmp_path: Path) -> None:
    base = side(tmp_path / "base", {"Alice": user(READ)}, invariants=NEVER)
    head = side(tmp_path / "head", {"Alice": user(allow("s3:*", OBJECTS))}, invariants=NEVER)
    ((about, says, weakens),) = noted(base, head)
    assert (about, weakens) == ("invariant", True)
    assert says.startswith("is broken by `user/alice`, for example `s3:DeleteObject`")
    assert noted(head, head) == []
    assert noted(head, base) == [("invariant", "is proved", False)]


def test_reports_added_changed_and_removed_exceptions(tmp_path: Path) -> None:
    people = {"Alice": user(READ)}
    without = side(tmp_path / "without", people)
    accepted = ACCEPTED.format(because="she cleans up", until="2027-01-31")
    once = side(tmp_path / "once", people, exceptions=accepted)
    longer = side(tmp_path / "longer", people, exceptions=accepted.replace("2027-01-31", "2028-01-31"))
    assert noted(without, once) == [
        ("exception", "is newly accepted, until `2027-01-31`: `she cleans up`", True)
    ]
    ((_, says, _),) = noted(once, longer)
    assert says.startswith("is still accepted, until `2028-01-31`")
    assert noted(once, without) == [("exception", "is no longer accepted", False)]


@pytest.mark.parametrize(("number", "is_noted"), [(60, False), (95, True)])
def test_reports_a_nearly_used_quota(number: int, is_noted: bool, tmp_path: Path) -> None:
    wide = managed(allow([f"s3:Action{n:040}" for n in range(number)], "*"))
    base = side(tmp_path / "base", {"Grants": managed(READ)})
    head = side(tmp_path / "head", {"Grants": wide})
    assert [about for about, _, _ in noted(base, head)] == ["quota"] * is_noted
    assert noted(head, head) == []


STACK = {
    "type": "aws:cloudformation:stack",
    "environment": "aws://unknown-account/unknown-region",
    "properties": {"templateFile": "people.template.json"},
}
MANIFEST = {"version": "36.0.0", "artifacts": {"people": STACK}}
PLACES = DeclarationLocations(
    {"user/alice": Location("access/people.yaml", 12, 3), "role/worker": Location("access/roles.yaml", 2, 3)},
    {
        "user/alice": (
            DeclaredGrant(Location("access/people.yaml", 14, 7), frozenset({"s3:putobject", "s3:getobject"})),
            DeclaredGrant(Location("access/people.yaml", 15, 7), frozenset({"sqs:sendmessage"})),
        )
    },
    {"role/worker": (Location("access/roles.yaml", 4, 7),)},
)


def test_reports_a_gain_at_the_line_of_its_declaration(tmp_path: Path) -> None:
    worker = {"RoleName": "worker", "AssumeRolePolicyDocument": trust({"Service": "ec2.amazonaws.com"})}
    base = side(tmp_path / "base", {"Alice": user(READ)})
    head = side(
        tmp_path / "head",
        {
            "Alice": user(READ, WRITE, allow("athena:*")),
            "Worker": {"Type": "AWS::IAM::Role", "Properties": worker},
        },
    )
    for each in (base, head):
        (each / "manifest.json").write_text(json.dumps(MANIFEST))
    PLACES.write(head)
    page = CliRunner().invoke(app, ["review", str(base), str(head)]).stdout
    assert "· `access/people.yaml:14:7`" in page
    assert "· `access/people.yaml:12:3`" in page
    assert "· `access/roles.yaml:4:7`" in page
    assert "· `people.template.json:" in page
    assert str(tmp_path) not in page


def test_reads_the_written_lines_back(tmp_path: Path) -> None:
    PLACES.write(tmp_path)
    assert DeclarationLocations.read(tmp_path) == PLACES
    assert DeclarationLocations.read(tmp_path).of("group/operators.until-2027-01-31") is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[", id="no JSON"),
        pytest.param('{"names": {"a": 1}, "grants": {}, "trusts": {}}', id="no place"),
        pytest.param('{"names": [], "grants": {}, "trusts": {}}', id="a list"),
        pytest.param("[" * 200_000, id="deep"),
        pytest.param(
            '{"names": {}, "grants": {"a": [{"place": ["f", "x", 1]}]}, "trusts": {}}', id="no line"
        ),
    ],
)
def test_ignores_invalid_lines(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content)
    assert DeclarationLocations.read(tmp_path) == DeclarationLocations()
