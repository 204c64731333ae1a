"""Roles that roles assume, here and in other accounts: both sides are synthesized and pass the guardrails."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from keywright.guardrails.engine import check_assembly
from keywright.model.declarations import Declarations
from keywright.model.in_force import in_force
from tests.laws.insiders import assembly_of
from tests.laws.random_declarations import templates, with_dates
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Assembly

ROLES = "arn:aws:iam::111111111111:role/access"
ANCHOR = "arn:aws:rolesanywhere:eu-central-1:111111111111:trust-anchor/1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
DECLARED = f"""\
account: {{id: "111111111111", region: eu-central-1}}
buckets: {{reports: {{}}}}
groups:
  auditors: {{grants: [{{assume: audit, account: "222222222222", mfa: {{within: 15m}}, until: 2027-01-31}}]}}
policies:
  scans: {{grants: [{{s3: [put], bucket: reports, prefix: scans/}}]}}
users:
  scanner:
    application: {{because: the scanner cannot assume a role by itself, review: 2027-05-01}}
    grants: [{{assume: "arn:aws:iam::222222222222:role/backup", external_id: acme-7f3a}}]
workloads:
  shop: {{ec2: {{launch: none}}, grants: [{{assume: backup, account: "222222222222", external_id: acme-7f3a}}]}}
roles:
  nightly:
    trusts: [{{service: lambda}}, {{account: "333333333333", roles: [ci], organization: o-a1b2c3d4e5}}]
    grants: [{{assume: deploy, account: "222222222222"}}]
  inner: {{trusts: [{{role: nightly}}], until: 2027-03-31, grants: [{{s3: [read], bucket: reports}}]}}
  floor: {{trusts: [{{trust_anchor: "{ANCHOR}", common_name: floor-7, at_most: [policy/scans]}}], grants: [{{s3: [put], bucket: reports}}]}}
"""


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return assembly_of(DECLARED, tmp_path_factory.mktemp("chains"))


def properties(assembly: Assembly, logical_id: str) -> dict[str, Any]:
    (found,) = [each for each in assembly.resources if each.logical_id == logical_id]
    raw = found.raw["Properties"]
    assert isinstance(raw, dict)
    return raw


def assuming(assembly: Assembly, logical_id: str) -> list[Any]:
    (policy,) = properties(assembly, logical_id)["Policies"]
    return [each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "sts:AssumeRole"]


def right(arn: str | list[str], **condition: Any) -> dict[str, Any]:
    asked = {"Condition": condition} if condition else {}
    return {"Action": "sts:AssumeRole", "Effect": "Allow", "Resource": arn} | asked


ELSEWHERE = "arn:aws:iam::222222222222:role"
SENT = {"StringEquals": {"sts:ExternalId": "acme-7f3a"}}


@pytest.mark.parametrize(
    ("holder", "rights"),
    [
        pytest.param(
            "Group0auditors",
            [
                right(
                    f"{ELSEWHERE}/access/audit",
                    Bool={"aws:MultiFactorAuthPresent": "true"},
                    NumericLessThan={"aws:MultiFactorAuthAge": "900"},
                    DateLessThan={"aws:CurrentTime": "2027-02-01T00:00:00Z"},
                )
            ],
            id="people",
        ),
        pytest.param("Application0scanner", [right(f"{ELSEWHERE}/backup", **SENT)], id="an application"),
        pytest.param("InstanceRole0shop", [right(f"{ELSEWHERE}/access/backup", **SENT)], id="a workload"),
        pytest.param(
            "Role0nightly",
            [
                right(f"{ROLES}/inner", DateLessThan={"aws:CurrentTime": "2027-04-01T00:00:00Z"}),
                right(f"{ELSEWHERE}/access/deploy"),
            ],
            id="a role, with what trusts it",
        ),
    ],
)
def test_the_caller_can_assume_the_role(assembly: Assembly, holder: str, rights: list[Any]) -> None:
    assert assuming(assembly, holder) == rights


def test_the_role_trusts_the_caller(assembly: Assembly) -> None:
    (inner,) = properties(assembly, "Role0inner")["AssumeRolePolicyDocument"]["Statement"]
    assert inner["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert inner["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"{ROLES}/nightly"},
        "DateLessThan": {"aws:CurrentTime": "2027-04-01T00:00:00Z"},
    }
    _, ours = properties(assembly, "Role0nightly")["AssumeRolePolicyDocument"]["Statement"]
    assert ours["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}
    assert ours["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::333333333333:role/access/ci"},
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    }


def test_a_certificates_sessions_have_a_session_policy(assembly: Assembly) -> None:
    held = properties(assembly, "AnywhereProfile0floor")["ManagedPolicyArns"]
    assert held == ["arn:aws:iam::111111111111:policy/access/scans"]
    folder = Path(assembly.templates[0].file).parent
    explanation = keywright("explain", "role/floor", str(folder)).stdout.decode()
    held_to = "can do at most what `arn:aws:iam::111111111111:policy/access/scans` allows"
    assert f"  a session by profile AnywhereProfile0floor {held_to}" in explanation


def test_passes_every_guardrail(assembly: Assembly) -> None:
    found = check_assembly(assembly, own=True).findings
    ours = [each for each in found if "keywright-identity-keeper" not in str(each)]
    assert [
        str(each) for each in ours if "ESC001" in str(each) or "access-roles." in each.location.file
    ] == []


def test_a_role_whose_caller_has_expired_trusts_nobody(tmp_path: Path) -> None:
    trust = {"service": "lambda"}
    document = {
        "account": {"id": "1" * 12, "region": "eu-central-1"},
        "roles": {
            "first": {"trusts": (trust,), "until": "2027-01-31"},
            "second": {"trusts": ({"role": "first"},)},
        },
    }
    whole = Declarations.model_validate(with_dates(document))
    left = in_force(whole, date(2027, 2, 1)).declarations
    made = templates(left.model_dump(by_alias=True, exclude_none=True), tmp_path)
    role = made["access-roles", "Role0second"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": f"{ROLES}/keywright-nobody"}}
    assert ("access-roles", "Role0first") not in made
