"""The first pass keeps deleted groups with their references, and changes nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from keywright.live.passes.first_pass import PostponedChange, postpone_removals, write_first_pass

if TYPE_CHECKING:
    from pathlib import Path


def group(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Group", "Properties": {"GroupName": name, **more}}


POLICY = {
    "Type": "AWS::IAM::ManagedPolicy",
    "Properties": {"ManagedPolicyName": "rest"},
    "DependsOn": ["Kept"],
}
USER = {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}}
KEPT = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
DEPLOYED = {
    "Resources": {
        "Kept": KEPT,
        "Old": group("old", ManagedPolicyArns=[{"Ref": "Rest"}]),
        "Rest": POLICY,
        "Stays": group("stays"),
        "Alice": USER,
    }
}


def test_a_deleted_group_is_kept_with_its_policies() -> None:
    new = {"Description": "d", "Resources": {"Kept": KEPT, "Stays": group("stays", Path="/new/")}}
    first, names = postpone_removals(new, DEPLOYED)
    assert names == [("group", "old")]
    assert first == {
        "Description": "d",
        "Resources": {**new["Resources"], "Old": DEPLOYED["Resources"]["Old"], "Rest": POLICY},
    }


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param({"Fn::Sub": "${Rest}"}, id="in a text"),
        pytest.param({"Fn::Sub": ["${a}${Rest.Id}${!Stays}", {"a": ""}]}, id="beside values"),
        pytest.param({"Fn::Sub": ["${a}", {"a": {"Ref": "Rest"}}]}, id="as a value"),
    ],
)
def test_what_a_text_refers_to_stays_as_well(arn: dict[str, Any]) -> None:
    old = group("old", ManagedPolicyArns=[arn])
    first, _ = postpone_removals(
        {"Resources": {}}, {"Resources": {"Old": old, "Rest": POLICY, "Alice": USER}}
    )
    assert first == {"Resources": {"Old": old, "Rest": POLICY}}


def test_nothing_is_kept_if_no_group_is_deleted() -> None:
    new = {"Resources": {"Old": group("old"), "Stays": group("stays")}}
    assert postpone_removals(new, DEPLOYED) == (new, [])


SHARED = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "shared"}}


def test_a_shared_policy_is_deleted_last_even_without_groups() -> None:
    deployed = {"Resources": {"SharedPolicy0shared": SHARED, "Old": group("old"), "Rest": POLICY}}
    first, names = postpone_removals({"Resources": {}}, deployed, groups=False)
    assert names == [("policy", "shared")]
    assert first == {"Resources": {"SharedPolicy0shared": SHARED}}


class Formation:
    """CloudFormation with one deployed stack, which the CDK command line sent as YAML."""

    def list_stacks(self) -> dict[str, Any]:
        return {"StackSummaries": [{"StackName": "access-people", "StackStatus": "CREATE_COMPLETE"}]}

    def get_template(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the AWS SDK calls it so
        if StackName != "access-people":
            raise ClientError({"Error": {"Code": "ValidationError"}}, "GetTemplate")
        return {
            "TemplateBody": "Resources:\n  Old:\n    Type: AWS::IAM::Group\n    Properties: {GroupName: old}\n"
        }


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    (folder / "cdk.out").write_text("{}")
    stacks = {
        name: {"type": "aws:cloudformation:stack", "properties": {"templateFile": f"{name}.template.json"}}
        for name in ("access-people", "access-people-1")
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": stacks}))
    for name in stacks:
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": {"Alice": USER}}))
    return folder


def test_the_first_pass_is_an_assembly_with_the_groups_that_go(assembly: Path) -> None:
    output = assembly.with_name("first")
    assert write_first_pass(assembly, output, Formation()) == [PostponedChange("access-people", "old")]
    assert json.loads((output / "access-people.template.json").read_text()) == {
        "Resources": {"Alice": USER, "Old": group("old")}
    }
    assert json.loads((output / "access-people-1.template.json").read_text()) == {
        "Resources": {"Alice": USER}
    }
    (assembly / "access-people.template.json").write_text(json.dumps({"Resources": {"Old": group("old")}}))
    assert write_first_pass(assembly, output, Formation()) == []
    assert not output.exists()


def test_what_is_no_assembly_is_never_replaced(assembly: Path, tmp_path: Path) -> None:
    precious = tmp_path / "access"
    precious.mkdir()
    (precious / "people.yaml").write_text("users: {}\n")
    with pytest.raises(FileExistsError):
        write_first_pass(assembly, precious, Formation())
    assert (precious / "people.yaml").exists()


def test_one_stack_needs_one_pass(assembly: Path) -> None:
    (assembly / "access-people-1.template.json").write_text('{"Resources": {}}')
    assert write_first_pass(assembly, assembly.with_name("first"), Formation()) == []
