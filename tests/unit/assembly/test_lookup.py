"""Principals and resources are found by every name they have; an ambiguous name finds neither."""

import json

import pytest

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.lookup import (
    UnusableNameError,
    acts_on_objects,
    find_actor,
    find_resource,
    resource_names,
)
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.reference import catalogue


def test_actions_on_objects_are_those_of_the_catalogue():
    wrong = [
        str(action)
        for action in catalogue.actions_of("s3")
        if acts_on_objects(str(action))
        is not ("object" in action.resource_types and "bucket" not in action.resource_types)
    ]
    assert wrong == []


def user(**properties):
    return {"Type": "AWS::IAM::User", "Properties": properties}


def bucket(**properties):
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def read(folder, **templates):
    for name, resources in templates.items():
        (folder / f"{name}.json").write_text(json.dumps({"Resources": resources}, indent=1))
    return read_assembly(folder)


def refused(call):
    with pytest.raises(UnusableNameError) as caught:
        call()
    return str(caught.value)


ONE = {
    "Alice": user(UserName="alice", Groups=[{"Ref": "Analysts"}]),
    "bob": user(UserName="robert"),
    "Robert": user(UserName="bob", Path="/team/"),
    "Analysts": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "analysts"}},
    "Empty": {"Type": "AWS::IAM::Group", "Properties": {}},
    "Reports": bucket(BucketName="acme-reports"),
    "acme": bucket(BucketName="one"),
    "Acme": bucket(BucketName="acme"),
}
ARN = "arn:aws:iam::<AWS.AccountId>:user"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "user/alise",
            "there is no such user or role in the assembly; found `user/alise`; accepted: `user/alice`",
            id="mistyped",
        ),
        pytest.param(
            "zoe",
            "there is no such user or role in the assembly; found `zoe`; accepted: "
            "`user/alice`, `user/bob`, `user/robert`",
            id="like no other",
        ),
        pytest.param(
            "user/bob",
            f"the name matches 2 in the assembly; found `user/bob`; accepted: one of `{ARN}/robert` (FILE:14:3), "
            f"`{ARN}/team/bob` (FILE:20:3)",
            id="the name of one is the logical id of the other",
        ),
        pytest.param(
            "group/analysts",
            "a group makes no request, its members do; found `group/analysts`; accepted: `user/alice`",
            id="a group",
        ),
        pytest.param(
            "group/Empty",
            "a group makes no request, its members do; found `group/Empty`; accepted: a user or role",
            id="a group without members",
        ),
    ],
)
def test_reports_a_principal_that_is_not_found(tmp_path, name, message):
    people = principals_of(read(tmp_path, one=ONE))
    found = refused(lambda: find_actor(name, people))
    assert found.replace(str(tmp_path / "one.json"), "FILE") == message


def test_reports_one_name_in_two_templates(tmp_path):
    people = principals_of(read(tmp_path, one={"A": user(UserName="al")}, two={"B": user(UserName="al")}))
    assert refused(lambda: find_actor("user/al", people)).replace(f"{tmp_path}/", "") == (
        "the name matches 2 in the assembly; found `user/al`; accepted: one of "
        "the template `one.json` alone, the template `two.json` alone"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "bucket/report",
            "there is no such resource in the assembly; found `bucket/report`; accepted: `bucket/acme-reports`",
            id="mistyped",
        ),
        pytest.param(
            "bucket/acme",
            "the name matches 2 in the assembly; found `bucket/acme`; accepted: one of "
            "`arn:aws:s3:::one` (FILE:43:3), `arn:aws:s3:::acme` (FILE:49:3)",
            id="the name of one is the logical id of the other",
        ),
        pytest.param(
            "bucket/acme/monthly/*",
            "the name matches 2 in the assembly; found `bucket/acme/monthly/*`; accepted: one of "
            "`arn:aws:s3:::one` (FILE:43:3), `arn:aws:s3:::acme` (FILE:49:3)",
            id="within one of two",
        ),
    ],
)
def test_reports_a_resource_that_is_not_found(tmp_path, name, message):
    assembly = read(tmp_path, one=ONE)
    found = refused(lambda: find_resource(name, "s3:GetObject", assembly, Spelling()))
    assert found.replace(str(tmp_path / "one.json"), "FILE") == message


def test_a_bucket_in_two_stages_is_one_name(tmp_path):
    assembly = read(tmp_path, one={"A": bucket(BucketName="b")}, two={"B": bucket(BucketName="b")})
    assert find_resource("bucket/b", "s3:GetObject", assembly, Spelling()).arn == "arn:aws:s3:::b/*"


def test_names_are_listed_by_type(tmp_path):
    read(tmp_path, one=ONE)
    assert resource_names(tmp_path, ("AWS::S3::Bucket",)) == {
        "bucket/acme-reports",
        "bucket/one",
        "bucket/acme",
    }
