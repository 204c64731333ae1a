"""`validate` measures what synthesis writes: both refuse a document, at its longest list, or neither does."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from access_stacks.compose import compose
from access_stacks.inputs import StackInputs
from access_stacks.pinned_stack import DeclarationRefused
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.statements.declared import sizes
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 24)
DECLARED = """\
account:
  id: "111111111111"
  region: eu-central-1
  break_glass: role/rescue
  password_policy: {{}}
  handover: helpers
  deny:
    without_tls: true
    outside_networks:
      addresses: [{addresses}]
groups: {{helpers: {{}}}}
roles:
  rescue:
    trusts: [{{group: helpers}}]
    policies: [{{managed: AdministratorAccess, because: somebody must be able to repair the account}}]
  partner:
    trusts:
      - account: "222222222222"
        external_id: acme-7f3a
        networks: [{partners}]
users:
  dora: {{person: {{email: dora@acme.example}}, groups: [helpers], console: true}}
"""


def networks(count: int, first: int = 0x2A010000 << 96) -> str:
    """List networks, long to write, that lie apart."""
    written = (ip_address(first + (number << 64) + (0xFFFF << 48)).exploded for number in range(count))
    return ", ".join(f'"{each}/128"' for each in written)


def declared(folder: Path, addresses: int, partners: int) -> Path:
    (folder / "all.yaml").write_text(
        DECLARED.format(addresses=networks(addresses), partners=networks(partners))
    )
    return folder


def synthesized(folder: Path) -> str | None:
    """Give what refuses the synthesis."""
    reading = read(folder, TODAY)
    assert reading.declarations is not None
    app = cdk.App(context={"@aws-cdk/core:enablePartitionLiterals": True})
    try:
        compose(app, StackInputs(in_force(reading.declarations, TODAY).declarations, folder))
    except DeclarationRefused as refused:
        return str(refused)
    return None


def measured(folder: Path) -> list[str]:
    reading = read(folder, TODAY)
    assert reading.declarations is not None
    return [str(each) for each in sizes.check_sizes(reading.declarations, TODAY, reading.places)]


@pytest.mark.parametrize(("addresses", "partners"), [(1, 1), (50, 1), (1, 50), (50, 50)])
def test_refuses_what_synthesis_refuses(tmp_path: Path, addresses: int, partners: int) -> None:
    folder = declared(tmp_path, addresses, partners)
    refused = synthesized(folder)
    found = [each.split(": ", 1)[1] for each in measured(folder)]
    assert (refused is None) == (not found)
    assert refused is None or refused in found


@pytest.mark.parametrize(("addresses", "partners"), [("addresses", None), (None, "partners")])
def test_has_the_same_limit_as_the_construct(
    tmp_path: Path, addresses: str | None, partners: str | None
) -> None:
    """The longest list that is taken, and one network more."""
    refusing = [
        count
        for count in range(1, 51)
        if measured(declared(tmp_path, count if addresses else 1, count if partners else 1))
    ]
    assert refusing == list(range(refusing[0], 51))
    for count in (refusing[0] - 1, refusing[0]):
        folder = declared(tmp_path, count if addresses else 1, count if partners else 1)
        assert (synthesized(folder) is not None) == (count == refusing[0])


def test_validate_reports_the_longest_lists(tmp_path: Path) -> None:
    folder = declared(tmp_path, 50, 50)
    done = keywright("validate", str(folder), "--today", TODAY.isoformat())
    assert done.returncode == 1
    _, boundary, trust, end = done.stdout.decode().replace(f"{folder}/", "").splitlines()
    assert boundary == (
        "all.yaml:10:7: the permissions boundary is too long; found 7006 characters; accepted: at most 6144, with fewer "
        "denials for the account"
    )
    assert trust == (
        "all.yaml:20:9: the trust policy of role `partner` is too long; found 2527 characters; accepted: at most 2048, so "
        "fewer trusts; use a second role for the rest"
    )
    assert end == "2 mistakes and 1 piece of advice in 1 file; nothing was written"


@pytest.mark.parametrize(
    "trust",
    [
        pytest.param("{{service: codebuild, project: build-{}}}", id="services"),
        pytest.param("{{eks: {{cluster: production, namespace: shop, service_account: web-{}}}}}", id="pods"),
    ],
)
def test_trusts_in_services_and_pods_are_counted(tmp_path: Path, trust: str) -> None:
    def found(count: int) -> list[str]:
        trusts = ", ".join(trust.format(number) for number in range(count))
        account = 'account: {id: "111111111111", region: eu-central-1}\n'
        (tmp_path / "all.yaml").write_text(f"{account}roles: {{many: {{trusts: [{trusts}]}}}}\n")
        reading = read(tmp_path, TODAY)
        assert reading.declarations is not None
        return [str(each) for each in sizes.check_sizes(reading.declarations, TODAY, reading.places)]

    assert found(4) == []
    (line,) = found(20)
    assert "all.yaml:2:16: the trust policy of role `many` is too long" in line
