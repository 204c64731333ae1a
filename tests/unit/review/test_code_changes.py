"""Changed code that runs with a role is reported, without any of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.report.markdown import heading, render_markdown
from keywright.review.result import Verdict
from tests.unit.review.templates import resource, reviewed, role, trust

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2-hunter2"
ROLE = {
    "Worker": role(trust({"Service": "lambda.amazonaws.com"})),
    "Profile": resource("IAM::InstanceProfile", InstanceProfileName="workers", Roles=[{"Ref": "Worker"}]),
}
ARN = {"Fn::GetAtt": ["Worker", "Arn"]}
PROFILE = {"IamInstanceProfile": {"Ref": "Profile"}}


def launch(**data: Any) -> dict[str, Any]:
    return resource(
        "EC2::LaunchTemplate", LaunchTemplateData={"IamInstanceProfile": {"Name": "workers"}, **data}
    )


def function(**properties: Any) -> dict[str, Any]:
    return resource(
        "Lambda::Function", **{"Role": ARN, "FunctionName": "f", "Code": {"S3Key": "a"}, **properties}
    )


CASES: dict[str, tuple[Any, Any, str]] = {
    "an instance's user data": (
        resource("EC2::Instance", **PROFILE, UserData="a"),
        resource("EC2::Instance", **PROFILE, UserData=SECRET),
        "`UserData`: it runs with the role of its instance profile",
    ),
    "a launch template's user data, its key and its image": (
        launch(UserData="a", ImageId="ami-1"),
        launch(UserData=SECRET, ImageId="ami-2", KeyName="k"),
        "`LaunchTemplateData.UserData`, `LaunchTemplateData.ImageId`, `LaunchTemplateData.KeyName`",
    ),
    "a function's code": (
        function(),
        function(Code={"S3Key": "b"}),
        "`Code.S3Key`: it runs with `role/worker`",
    ),
    "a function's layers": (function(), function(Layers=["arn"]), "`Layers`: it runs with `role/worker`"),
    "a task's images": (
        resource("ECS::TaskDefinition", Family="t", TaskRoleArn=ARN, ContainerDefinitions=[{"Image": "a"}]),
        resource(
            "ECS::TaskDefinition", Family="t", TaskRoleArn=ARN, ContainerDefinitions=[{"Image": SECRET}]
        ),
        "`ContainerDefinitions`: it runs with `role/worker`",
    ),
    "a project's build": (
        resource("CodeBuild::Project", Name="p", ServiceRole=ARN, Source={"BuildSpec": "a"}),
        resource("CodeBuild::Project", Name="p", ServiceRole=ARN, Source={"BuildSpec": SECRET}),
        "`Source.BuildSpec`: it runs with `role/worker`",
    ),
    "a job": (
        resource("Glue::Job", Role=ARN, Command={"ScriptLocation": "a"}),
        resource("Glue::Job", Role=ARN, Command={"ScriptLocation": "b"}),
        "`Command.ScriptLocation`: it runs with `role/worker`",
    ),
    "what nobody heard of": (
        resource("New::Thing", RoleArn=ARN, Program="a"),
        resource("New::Thing", RoleArn=ARN, Program="b"),
        "`Program`: it runs with `role/worker`",
    ),
    "a layer": (
        resource("Lambda::LayerVersion", Content={"S3Key": "a"}),
        resource("Lambda::LayerVersion", Content={"S3Key": "b"}),
        "`Content.S3Key`: functions that include it run it with their roles",
    ),
    "a key pair": (
        resource("EC2::KeyPair", KeyName="k", PublicKeyMaterial="ssh-ed25519 a"),
        resource("EC2::KeyPair", KeyName="k", PublicKeyMaterial="ssh-ed25519 b"),
        "`PublicKeyMaterial`: whoever has the key can act with the roles of its instances",
    ),
    "a new source": (
        None,
        resource("Lambda::EventSourceMapping", FunctionName="f", EventSourceArn="arn"),
        "is new: its events decide what a function does with its role",
    ),
}


@pytest.mark.parametrize(("was", "now", "says"), CASES.values(), ids=CASES)
def test_tells_what_runs_otherwise(tmp_path: Path, was: Any, now: Any, says: str) -> None:
    found = reviewed(tmp_path, {**ROLE, **({"It": was} if was else {})}, {**ROLE, "It": now})
    assert [(each.about, says in each.says) for each in found.facts] == [("runs", True)]
    assert found.verdict is Verdict.NO_NEW_ACCESS
    assert "1 code change not evaluated" in heading(found)
    assert SECRET not in render_markdown(found)


@pytest.mark.parametrize("section", ["Parameters", "Mappings"])
def test_sees_through_what_the_text_refers_to(tmp_path: Path, section: str) -> None:
    image = {"Ref": "Image"} if section == "Parameters" else {"Fn::FindInMap": ["Image", "a", "b"]}
    template = {**ROLE, "It": resource("EC2::Instance", **PROFILE, ImageId=image)}
    before, after = (
        {
            section: {
                "Image": {"Type": "String", "Default": each}
                if section == "Parameters"
                else {"a": {"b": each}}
            }
        }
        for each in ("ami-1", "ami-2")
    )
    found = reviewed(tmp_path, template, template, before=before, after=after)
    assert [each.says.partition(":")[0] for each in found.facts] == ["has changed `ImageId`"]


def test_ignores_code_without_a_role_and_irrelevant_properties(tmp_path: Path) -> None:
    was = {**ROLE, "Q": resource("SQS::Queue", QueueName="q"), "F": function(MemorySize=128)}
    now = {**ROLE, "Q": resource("SQS::Queue", QueueName="q", DelaySeconds=3), "F": function(MemorySize=256)}
    assert reviewed(tmp_path, was, now).facts == ()
