"""Permission sets are checked like the roles that AWS creates for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.reporting.finding import Outcome
from tests.unit.guardrails.builders import findings, role

if TYPE_CHECKING:
    from pathlib import Path

MANAGED = "arn:aws:iam::aws:policy/"
LONG = [f"arn:aws:s3:::reports/{number:03}{'x' * 100}/*" for number in range(90)]


def allow(action: Any, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def permission_set(*statements: Any, **properties: Any) -> dict[str, Any]:
    inline = {"InlinePolicy": document(*statements)} if statements else {}
    given = {"Name": "ops", "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
    return {"Type": "AWS::SSO::PermissionSet", "Properties": {**given, **inline, **properties}}


def policy(*statements: Any, name: str = "own") -> dict[str, Any]:
    properties = {"ManagedPolicyName": name, "Path": "/x/", "PolicyDocument": document(*statements)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


BY_NAME = {"CustomerManagedPolicyReferences": [{"Name": "own", "Path": "/x/"}]}
WRITES = allow("iam:CreatePolicyVersion")

REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "writes policies": ("ESC001", {"S": permission_set(WRITES)}),
    "writes permission sets": ("ESC001", {"S": permission_set(allow("sso:CreateAccountAssignment"))}),
    "by a policy of the account": ("ESC001", {"S": permission_set(**BY_NAME), "P": policy(WRITES)}),
    "by a policy of AWS's": ("ESC001", {"S": permission_set(ManagedPolicies=[f"{MANAGED}IAMFullAccess"])}),
    "is an administrator's": (
        "POL013",
        {"S": permission_set(ManagedPolicies=[f"{MANAGED}AdministratorAccess"])},
    ),
    "is too long": ("QTA001", {"S": permission_set(allow("s3:GetObject", LONG))}),
    "has eleven policies": (
        "QTA002",
        {"S": permission_set(ManagedPolicies=[f"{MANAGED}P{number}" for number in range(11)])},
    ),
    "breaks an invariant": (
        "INV001",
        {
            "S": permission_set(allow("s3:DeleteObject", "arn:aws:s3:::backups/*")),
            "never": {"who": "everyone", "can": "s3:DeleteObject", "on": "arn:aws:s3:::backups/*"},
        },
    ),
    "does not keep an invariant": (
        "INV002",
        {
            "S": permission_set(allow("s3:GetObject", "arn:aws:s3:::backups/*")),
            "always": {"who": "permissionset/ops", "can": "s3:PutObject", "on": "arn:aws:s3:::backups/*"},
        },
    ),
}


@pytest.mark.parametrize(("code", "resources"), REFUSED.values(), ids=REFUSED)
def test_refuses(code: str, resources: dict[str, Any], tmp_path: Path) -> None:
    found = findings(tmp_path, code, resources)
    assert [each.outcome for each in found] == [Outcome.FAULT]
    assert "permission" in str(found[0])


CAP = {"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "own", "Path": "/x/"}}}
READS = allow("s3:GetObject", "arn:aws:s3:::reports/*")

ACCEPTED: dict[str, tuple[str, dict[str, Any]]] = {
    "writes what its boundary does not let through": (
        "ESC001",
        {"S": permission_set(WRITES, READS, **CAP), "P": policy(READS)},
    ),
    "its boundary grants nothing": (
        "POL005",
        {"S": permission_set(READS, **CAP), "P": policy(allow("s3:*"))},
    ),
    "nobody may pass the role of a permission set": (
        "ESC001",
        {
            "S": permission_set(READS, allow("s3:DeleteObject", "arn:aws:s3:::reports/*")),
            "R": role(
                Policies=[
                    {
                        "PolicyName": "p",
                        "PolicyDocument": document(
                            allow(
                                ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
                                "arn:aws:iam::111111111111:role/aws-reserved/*",
                            )
                        ),
                    }
                ]
            ),
        },
    ),
    "keeps an invariant": (
        "INV001",
        {
            "S": permission_set(READS),
            "never": {"who": "permissionset/ops", "can": "s3:DeleteObject", "on": "arn:aws:s3:::reports/*"},
        },
    ),
}


@pytest.mark.parametrize(("code", "resources"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepts(code: str, resources: dict[str, Any], tmp_path: Path) -> None:
    assert findings(tmp_path, code, resources) == []


def test_a_policy_of_another_template_is_unknown(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "ESC001", {"S": permission_set(**BY_NAME)})
    assert finding.outcome is Outcome.UNDECIDED
    assert "`policy/x/own` is not known" in finding.message
