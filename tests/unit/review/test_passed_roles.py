"""Every property that passes a role is reported, for unknown resource types too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import OBJECTS, allow, resource, reviewed, role, trust

if TYPE_CHECKING:
    from pathlib import Path

ADMIN = "arn:aws:iam::111111111111:role/admin"
BUCKET = {"Bucket": resource("S3::Bucket", BucketName="acme-reports")}
LAUNCH = {"Launch": resource("EC2::LaunchTemplate", LaunchTemplateData={"ImageId": "ami-1"})}
SPECIFIED = {"LaunchTemplateSpecification": {"LaunchTemplateId": {"Ref": "Launch"}, "Version": "1"}}
WORKER = {
    **BUCKET,
    **LAUNCH,
    "Worker": role(trust({"Service": "glue.amazonaws.com"}), allow("s3:GetObject", OBJECTS)),
    "Profile": resource("IAM::InstanceProfile", InstanceProfileName="workers", Roles=[{"Ref": "Worker"}]),
}


def group(**template: Any) -> dict[str, Any]:
    return {"Group": resource("AutoScaling::AutoScalingGroup", LaunchTemplate=template)}


WIDENINGS: dict[str, tuple[dict[str, Any], str]] = {
    "a job that is not known to act": (
        {"Job": resource("Glue::Job", Role=ADMIN)},
        f"`Glue::Job Job` passes `{ADMIN}`",
    ),
    "a role of the templates": (
        {"Job": resource("Glue::Job", Role={"Fn::GetAtt": ["Worker", "Arn"]})},
        "passes `role/worker`",
    ),
    "a type that nobody heard of": (
        {"New": resource("New::Thing", Deep=[{"ServiceRoleArn": ADMIN}])},
        f"passes `{ADMIN}`",
    ),
    "a role beside one that is known to act": (
        {"Task": resource("ECS::TaskDefinition", ExecutionRoleArn=ADMIN)},
        f"passes `{ADMIN}`",
    ),
    "an instance's profile from outside": (
        {"I": resource("EC2::Instance", IamInstanceProfile="other")},
        "the instance profile `other`",
    ),
    "a template's profile from outside": (
        {"L": resource("EC2::LaunchTemplate", LaunchTemplateData={"IamInstanceProfile": {"Name": "other"}})},
        "the instance profile `other`",
    ),
    "a configuration's": (
        {"L": resource("AutoScaling::LaunchConfiguration", IamInstanceProfile="other")},
        "the instance profile `other`",
    ),
    "a fleet of a template that is there": (
        {"F": resource("EC2::EC2Fleet", LaunchTemplateConfigs=[SPECIFIED])},
        "starts instances from `<Launch>`",
    ),
    "a spot fleet of a profile that is there": (
        {
            "F": resource(
                "EC2::SpotFleet",
                SpotFleetRequestConfigData={
                    "LaunchSpecifications": [
                        {"IamInstanceProfile": {"Arn": {"Fn::GetAtt": ["Profile", "Arn"]}}}
                    ]
                },
            )
        },
        "the instance profile",
    ),
    "a launch template from outside": (group(LaunchTemplateId="lt-1", Version="1"), "instances from `lt-1`"),
}


@pytest.mark.parametrize(("added", "told"), WIDENINGS.values(), ids=WIDENINGS)
def test_a_passed_role_is_a_gain(tmp_path: Path, added: dict[str, Any], told: str) -> None:
    found = reviewed(tmp_path, WORKER, WORKER | added)
    assert found.verdict is Verdict.WIDENS
    assert told in " ".join(f"`{each.name}` {each.says}" for each in found.facts if each.widens)
    assert reviewed(tmp_path, WORKER | added, WORKER).verdict is Verdict.NARROWS


QUIET: dict[str, dict[str, Any]] = {
    "a template without a profile": LAUNCH,
    "a group of a template that is there": LAUNCH | group(LaunchTemplateId={"Ref": "Launch"}, Version="1"),
    "a role named in a policy document": {
        "Vault": resource(
            "New::Vault", Rules={"Statement": [], "Role": ADMIN}, Words="the role of this thing"
        )
    },
}


@pytest.mark.parametrize("added", QUIET.values(), ids=QUIET)
def test_properties_that_pass_no_role_are_ignored(tmp_path: Path, added: dict[str, Any]) -> None:
    found = reviewed(tmp_path, WORKER, WORKER | added)
    assert [each for each in found.facts if each.kind == "carrier"] == []


LATEST = {"Fn::GetAtt": ["Launch", "LatestVersionNumber"]}


@pytest.mark.parametrize(("was", "now"), [("1", "2"), ("2", "1"), ("1", LATEST), (LATEST, "$Default")])
def test_another_version_of_a_launch_template_is_undecided(tmp_path: Path, was: Any, now: Any) -> None:
    by, other = (group(LaunchTemplateId={"Ref": "Launch"}, Version=each) for each in (was, now))
    assert reviewed(tmp_path, WORKER | by, WORKER | other).verdict is Verdict.UNDECIDED


def test_the_same_version_has_the_same_role(tmp_path: Path) -> None:
    by = group(LaunchTemplateId={"Ref": "Launch"}, Version=LATEST)
    assert reviewed(tmp_path, WORKER | by, WORKER | by | {"T": resource("SNS::Topic")}).facts == ()
