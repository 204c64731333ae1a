"""The sheet for a partner, from which both sides can be declared, and a new external ID."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.model.reading import read
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 24)
ACCOUNT = 'account: {id: "111111111111", region: eu-central-1}\n'
ROLE = """\
roles:
  metering:
    session: 4h
    trusts:
      - account: "222222222222"
        external_id: acme-7f3a
        organization: o-a1b2c3d4e5
        units: [ou-ab12-11111111]
        networks: [203.0.113.0/24]
        since: 2026-12-01
        until: 2027-01-31
"""


def declared(folder: Path, text: str, name: str = "access") -> Path:
    access = folder / name
    access.mkdir()
    (access / "all.yaml").write_text(text)
    return access


def partner(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["partner", *map(str, words)])
    return result.exit_code, result.output


def test_the_sheet_has_all_that_was_requested(tmp_path: Path) -> None:
    code, sheet = partner("metering", declared(tmp_path, ACCOUNT + ROLE), "--today", TODAY)
    assert code == 0
    for expected in (
        "arn:aws:iam::111111111111:role/access/metering",
        "at most 4h; a session by role chaining, at most 1h",
        "the external ID `acme-7f3a`",
        "from an account of organization `o-a1b2c3d4e5`, unit `ou-ab12-11111111`",
        "from `203.0.113.0/24`",
        "not before 2026-12-01, UTC",
        "until the end of 2027-01-31, UTC",
    ):
        assert expected in sheet


OTHER = ACCOUNT.replace("1" * 12, "2" * 12)
BY_MFA = "        people: {mfa: {within: 15m}}\n"
BY_ROLES = "        roles: [meter]\n        organization: o-a1b2c3d4e5\n"


@pytest.mark.parametrize(
    ("trust", "start"),
    [
        pytest.param(
            "        external_id: acme-7f3a\n", "workloads: {meter: {ec2: {launch: none}", id="software"
        ),
        pytest.param(BY_MFA, "groups: {meterers: {", id="people"),
        pytest.param(BY_ROLES, "roles: {meter: {trusts: [{service: lambda}]", id="roles"),
    ],
)
def test_the_sheet_of_the_partner_can_be_declared(tmp_path: Path, trust: str, start: str) -> None:
    """With both accounts declared, the folder of the other account accepts the grant that the sheet prints."""
    role = 'roles:\n  metering:\n    trusts:\n      - account: "222222222222"\n' + trust
    _, sheet = partner("metering", declared(tmp_path, ACCOUNT + role), "--today", TODAY)
    grant = re.search(r"```yaml\n- (.*?)\n```", sheet, re.DOTALL)
    assert grant
    comma = "" if start.endswith("{") else ", "
    other = f"{OTHER}{start}{comma}grants: [{grant[1]}]}}}}\n"
    assert read(declared(tmp_path, other, "other"), TODAY).findings == []


def test_makes_a_new_external_id_each_time() -> None:
    (_, first), (code, second) = partner("--new"), partner("--new")
    assert code == 0
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_+=,.@:/-]{20,}\n", second)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        pytest.param((), 2, "give either a role or --new", id="nothing"),
        pytest.param(("metering", "--new"), 2, "give either a role or --new", id="both"),
        pytest.param(("nowhere", "absent"), 2, "absent: is not a folder of declarations", id="no folder"),
    ],
)
def test_reports_what_it_cannot_do(words: tuple[str, ...], code: int, expected: str) -> None:
    found, output = partner(*words)
    assert expected in output
    assert found == code


def test_suggests_the_nearest_role(tmp_path: Path) -> None:
    code, output = partner("meterin", declared(tmp_path, ACCOUNT + ROLE))
    assert code == 1
    assert "found `meterin`; accepted: `metering`" in output


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            "organization: o-a1b2c3d4e5",
            "{}",
            "has `units` without `organization`",
            id="units without content",
        ),
        pytest.param("2027-01-31", "2026-11-30", "ends before it begins; found `2026-11-30`", id="never"),
        pytest.param(
            "203.0.113.0/24", "10.0.0.0/8", "a network of role `metering` is private", id="a private network"
        ),
        pytest.param(
            "203.0.113.0/24", "0.0.0.0/0", "a network of role `metering` is the whole internet", id="anywhere"
        ),
        pytest.param("ou-ab12-11111111", "workloads", "is not an organizational unit", id="a unit's name"),
    ],
)
def test_refuses(tmp_path: Path, before: str, after: str, expected: str) -> None:
    text = ROLE.replace(f"        {before}\n", "") if after == "{}" else ROLE.replace(before, after)
    found = read(declared(tmp_path, ACCOUNT + text), TODAY).findings
    assert any(expected in str(each) and each.location.line for each in found)


def test_warns_of_an_expired_trust_and_of_a_shared_external_id(tmp_path: Path) -> None:
    second = '      - {account: "333333333333", external_id: acme-7f3a}\n'
    found = read(declared(tmp_path, ACCOUNT + ROLE + second), date(2027, 2, 1)).findings
    expected = [each.message for each in found if each.severity is Severity.WARNING]
    assert expected == [
        "trust of role `metering` in account `222222222222` expired",
        "accounts `222222222222` and `333333333333` share an external ID",
    ]
