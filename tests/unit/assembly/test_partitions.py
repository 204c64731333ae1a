"""A template without a region has the partition of its ARNs, and its users have the same access there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.assembly.identities.principals import account_of
from keywright.assembly.templates.reader import read_assembly
from keywright.reasoning.escalation.paths import Escalates, find_escalations
from tests.unit.assembly.builders import write_template

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = ("aws-cn", "aws-us-gov", "aws-eusc")


def granted(partition: str, *actions: str, on: str = "user/*", **conditions: Any) -> dict[str, Any]:
    allowing = {
        "Effect": "Allow",
        "Action": actions,
        "Resource": f"arn:{partition}:iam::111111111111:{on}",
        **({"Condition": conditions} if conditions else {}),
    }
    document = {"Version": "2012-10-17", "Statement": [allowing]}
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    return {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Policies": policies}}}


def any_policy(partition: str) -> dict[str, Any]:
    return {"iam:PolicyARN": f"arn:{partition}:iam::aws:policy/*"}


def widest(partition: str) -> dict[str, Any]:
    return {"iam:PolicyARN": f"arn:{partition}:iam::aws:policy/AdministratorAccess"}


def boundary(partition: str) -> dict[str, Any]:
    return {"iam:PermissionsBoundary": f"arn:{partition}:iam::aws:policy/*"}


TEMPLATES = {
    "attach to users": lambda p: granted(p, "iam:AttachUserPolicy"),
    "attach what AWS has": lambda p: granted(p, "iam:AttachUserPolicy", ArnLike=any_policy(p)),
    "attach the widest": lambda p: granted(p, "iam:AttachUserPolicy", ArnEquals=widest(p)),
    "make roles": lambda p: granted(p, "iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole", on="role/*"),
    "make roles under a boundary of AWS's": lambda p: granted(
        p, "iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole", on="role/*", StringLike=boundary(p)
    ),
}


def ways(template: dict[str, Any], folder: Path) -> list[tuple[str, ...]]:
    assembly = read_assembly(write_template(folder / "t.json", template))
    (found,) = find_escalations(account_of(assembly))
    assert isinstance(found, Escalates)
    return sorted(tuple(step.technique.id for step in path.steps) for path in found.paths)


@pytest.mark.parametrize("partition", OTHERS)
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_the_same_escalations_exist_in_each_partition(template: Any, partition: str, tmp_path: Path) -> None:
    here, there = ways(template("aws"), tmp_path), ways(template(partition), tmp_path)
    assert here
    assert there == here


@pytest.mark.parametrize(
    ("arns", "partition"),
    [
        ((), ""),
        (("arn:aws:s3:::a",), ""),
        (("arn:aws-cn:s3:::a", "arn:aws-cn:s3:::b"), "aws-cn"),
        (("arn:aws:s3:::a", "arn:aws-cn:s3:::b"), ""),
        (("arn:aws-cn:s3:::a", "arn:aws-us-gov:s3:::b"), ""),
    ],
    ids=["no ARN", "commercial", "all of one", "commercial and another", "two others"],
)
def test_a_partition_is_known_where_all_templates_agree(
    arns: tuple[str, ...], partition: str, tmp_path: Path
) -> None:
    resources = {"B": {"Type": "AWS::S3::Bucket", "Metadata": {"Arns": arns}}}
    (template,) = read_assembly(write_template(tmp_path / "t.json", resources)).templates
    assert template.partition == partition
