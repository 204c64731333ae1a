"""A deleted user is reported in one sentence: what is deleted, by whom, and which policies still name the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import (
    HERE,
    OBJECTS,
    allow,
    bucket_policy,
    document,
    managed,
    resource,
    reviewed,
    role,
    to,
    trust,
    user,
)

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.review.result import Fact, Review

KEY = resource("IAM::AccessKey", UserName={"Ref": "Alice"}, Serial=1)
KEPT = "access keys and MFA devices created outside of the templates block the deletion, because nothing here removes them"
TAKEN = "the identity keeper first denies everything, then also removes keys, devices and certificates created elsewhere"
LEAVING = {"Type": "Custom::Leaving", "Properties": {"UserName": {"Ref": "Alice"}}}
ARN = "arn:aws:iam::000000000000:user/alice"
BOB = user(name="bob")


def leavers(review: Review) -> list[Fact]:
    return [each for each in review.facts if each.about == "leaver"]


@pytest.mark.parametrize(
    ("base", "says"),
    [
        pytest.param({"Alice": user()}, f"is deleted; {KEPT}", id="by the template alone"),
        pytest.param({"Alice": user(), "Leaving": LEAVING}, f"is deleted; {TAKEN}", id="by the keeper"),
        pytest.param(
            {
                "Alice": user(
                    allow("s3:GetObject", OBJECTS), Groups=["readers"], LoginProfile={"Password": "x"}
                ),
                "Key": KEY,
            },
            f"is deleted; console sign-in ends; loses access key 1; leaves `group/readers`; its own policies are deleted; {KEPT}",
            id="with everything",
        ),
    ],
)
def test_a_deletion_is_one_fact(tmp_path: Path, base, says) -> None:
    stays = {"Bob": BOB, "Readers": resource("IAM::Group", GroupName="readers")}
    found = reviewed(tmp_path, {**base, **stays}, stays)
    (told,) = leavers(found)
    assert (told.name, told.says, told.narrows) == ("user/alice", says, True)
    assert [each for each in found.facts if each.name == "user/alice"] == [told]
    assert found.verdict is Verdict.NARROWS


def test_leaving_a_group_is_not_a_deletion(tmp_path: Path) -> None:
    found = reviewed(tmp_path, {"Alice": user(Groups=["readers"])}, {"Alice": user()})
    assert leavers(found) == []
    assert [each.says for each in found.facts] == ["leaves `group/readers`"]


@pytest.mark.parametrize(
    ("arn", "named"),
    [
        pytest.param(ARN, True, id="by the very ARN"),
        pytest.param(f"{ARN}-2", False, id="by the ARN of a longer name"),
    ],
)
def test_policies_that_still_name_a_deleted_user_are_reported(tmp_path: Path, arn, named) -> None:
    trusting = {"Role": role(trust({"AWS": HERE}, Condition={"ArnEquals": {"aws:PrincipalArn": arn}}))}
    found = reviewed(tmp_path, {**trusting, "Alice": user()}, trusting)
    (told,) = leavers(found)
    assert ("policies still name" in told.says) is named


SECRET = resource("SecretsManager::Secret", Name="acme/key")
DENIED = resource(
    "SecretsManager::ResourcePolicy",
    SecretId={"Ref": "Secret"},
    ResourcePolicy=document(to("*", "secretsmanager:GetSecretValue", "*", Effect="Deny")),
)


@pytest.mark.parametrize(
    ("secret", "head", "verdict"),
    [
        pytest.param(SECRET, {}, Verdict.NARROWS, id="deleted with its policy"),
        pytest.param(
            {**SECRET, "DeletionPolicy": "Retain"}, {}, Verdict.WIDENS, id="kept without its policy"
        ),
        pytest.param(SECRET, {"Secret": SECRET}, Verdict.WIDENS, id="still declared"),
        pytest.param(SECRET, {"Other": SECRET}, Verdict.WIDENS, id="declared under another logical id"),
    ],
)
def test_a_deny_that_is_deleted_with_its_resource_is_no_gain(tmp_path: Path, secret, head, verdict) -> None:
    base = {"Secret": secret, "Policy": DENIED, "Alice": user()}
    assert reviewed(tmp_path, base, head).verdict is verdict


def test_a_bucket_with_objects_outlives_its_policy(tmp_path: Path) -> None:
    """CloudFormation deletes the policy first, and then not the bucket."""
    base = {
        "Bucket": resource("S3::Bucket", BucketName="acme"),
        "Policy": resource(
            "S3::BucketPolicy",
            Bucket={"Ref": "Bucket"},
            PolicyDocument=document(to("*", "s3:GetObject", "arn:aws:s3:::acme/*", Effect="Deny")),
        ),
    }
    assert reviewed(tmp_path, base, {}).verdict is Verdict.WIDENS


WIDE = managed(allow("*"), name="wide")


@pytest.mark.parametrize(
    ("head", "paths"),
    [
        pytest.param({"Wide": WIDE}, False, id="as before"),
        pytest.param(
            {"Wide": WIDE, "More": managed(allow("iam:*"), name="more")}, True, id="beside a new one"
        ),
    ],
)
def test_a_detached_policy_opens_no_new_escalation_path(tmp_path: Path, head, paths) -> None:
    """Whoever it may be attached to, it could be attached to before."""
    bounded = user(allow("s3:GetObject", OBJECTS), PermissionsBoundary={"Ref": "Wide"})
    found = reviewed(tmp_path, {"Wide": WIDE, "Alice": bounded}, {**head, "P": bucket_policy(to("*"))})
    assert bool(found.paths) is paths
