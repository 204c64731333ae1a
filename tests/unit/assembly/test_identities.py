"""Users, groups and roles with their attached policies and memberships, wherever a template declares them."""

import json
from pathlib import Path
from typing import Any

from keywright.assembly.identities.collection import Identities, IdentityKind, identities
from keywright.assembly.resources.resource_policies import resource_policies
from keywright.assembly.templates.reader import read_assembly
from keywright.policy.statement import Effect, Statement
from tests.unit.assembly.builders import assembly_of, write_assembly

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
}


def gather(folder: Path, **resources: Any) -> Identities:
    return identities(assembly_of(folder, resources))


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::IAM::{kind}", "Properties": properties}


def test_reads_memberships_of_users_and_of_groups(tmp_path: Path) -> None:
    found = gather(
        tmp_path,
        Ann=one("User", UserName="ann", Groups=["readers", {"Ref": "Writers"}]),
        Readers=one("Group", GroupName="readers"),
        Writers=one("Group"),
        Ops=one("Group", GroupName="ops"),
        Add=one("UserToGroupAddition", GroupName="ops", Users=[{"Ref": "Ann"}, "stranger"]),
    )
    (ann,) = found.users
    assert [group.label for group in found.groups_of(ann)] == ["readers", "Writers", "ops"]
    assert [member.label for member in found.members_of(found.groups[1])] == ["ann"]
    assert [str(each.user) for each in found.memberships if each.user.literal == "stranger"] == ["stranger"]


def test_reads_inline_policies_from_every_type_of_resource(tmp_path: Path) -> None:
    found = gather(
        tmp_path,
        R=one("Role", RoleName="r", Policies=[{"PolicyName": "own", "PolicyDocument": DOCUMENT}]),
        P=one("Policy", PolicyName="policy", PolicyDocument=DOCUMENT, Roles=[{"Ref": "R"}], Users=["ann"]),
        RP=one("RolePolicy", PolicyName="role-policy", RoleName={"Ref": "R"}, PolicyDocument=DOCUMENT),
        G=one("Group", GroupName="g"),
        GP=one("GroupPolicy", PolicyName="group-policy", GroupName="g", PolicyDocument=DOCUMENT),
    )
    (role,), (group,) = found.roles, found.groups
    assert [str(policy.name) for policy in role.inline] == ["own", "policy", "role-policy"]
    assert [str(policy.name) for policy in group.inline] == ["group-policy"]
    assert [str(each.owner) for each in found.inline_policies if each.kind is IdentityKind.USER] == ["ann"]


def test_finds_a_managed_policy_by_a_literal_partition(tmp_path: Path) -> None:
    template = {
        "Resources": {
            "U": one("User", ManagedPolicyArns=[{"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/p"}]),
            "P": one("ManagedPolicy", ManagedPolicyName="p", PolicyDocument=DOCUMENT),
        }
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    (user,) = identities(read_assembly(tmp_path / "t.json")).users
    assert [each.policy is not None for each in user.attached] == [True]


def test_finds_managed_policies_across_stacks(tmp_path: Path) -> None:
    arn = "arn:aws:iam::111111111111:policy/access/shared"
    boundary = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/access/shared"}
    attached = [
        arn,
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/job-function/ViewOnlyAccess"},
        "arn:aws:iam::1:policy/x",
    ]
    folder = write_assembly(
        tmp_path,
        one={
            "Resources": {
                "Shared": one(
                    "ManagedPolicy", ManagedPolicyName="shared", Path="/access/", PolicyDocument=DOCUMENT
                )
            }
        },
        two={"Resources": {"R": one("Role", ManagedPolicyArns=attached, PermissionsBoundary=boundary)}},
    )
    (role,) = identities(read_assembly(folder)).roles
    assert [each.policy is not None for each in role.attached] == [True, False, False]
    assert [each.aws_managed for each in role.attached] == [None, "job-function/ViewOnlyAccess", None]
    assert [each.policy is not None for each in role.boundaries] == [True]
    assert not role.may_lack_boundary


def test_reads_the_identities_that_a_managed_policy_names(tmp_path: Path) -> None:
    found = gather(
        tmp_path,
        M=one("ManagedPolicy", PolicyDocument=DOCUMENT, Users=[{"Ref": "U"}], Groups=["g"]),
        U=one("User"),
        G=one("Group", GroupName="g"),
        I=one("InstanceProfile", Roles=[{"Ref": "R"}]),
        R=one("Role"),
    )
    assert [len(each.policies) for each in found.all] == [1, 1, 0]
    assert [profile.logical_id for profile in found.roles[0].instance_profiles] == ["I"]


def test_a_boundary_under_a_condition_may_be_absent(tmp_path: Path) -> None:
    conditional = {"Fn::If": ["C", "arn:aws:iam::1:policy/b", {"Ref": "AWS::NoValue"}]}
    assembly = assembly_of(
        tmp_path,
        {"R": one("Role", PermissionsBoundary=conditional)},
        Conditions={"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        Parameters={"P": {"Type": "String"}},
    )
    assert identities(assembly).roles[0].may_lack_boundary


def test_reasoning_accepts_a_literal_document(tmp_path: Path) -> None:
    (role,) = gather(
        tmp_path, R=one("Role", Policies=[{"PolicyName": "p", "PolicyDocument": DOCUMENT}])
    ).roles
    (document,) = role.inline[0].documents
    assert document.literal is not None
    assert document.literal.statements == (Statement(Effect.ALLOW, ("s3:GetObject",), resources=("*",)),)


def test_keeps_unknown_parts_visible(tmp_path: Path) -> None:
    statement = {
        "effect": "allow",
        "Action": "s3:*",
        "Resource": {"Fn::Sub": "${B.Arn}/*"},
        "Condition": {"Bool": {"Fn::GetAtt": ["C", "V"]}},
    }
    bucket = {"Type": "AWS::S3::Bucket"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [statement, {"Ref": "Nobody"}]}}
    (role,) = gather(tmp_path, R=one("Role", Policies=[policy]), B=bucket).roles
    (document,) = role.inline[0].documents
    assert document.literal is None
    assert document.as_document().statements[0].resources == ("arn:aws:s3:::<stack|B>/*",)
    assert [each.pointer for each in document.as_document().unread] == [
        "/Statement",
        "/Statement/0/Condition/Bool",
    ]


def test_reads_resource_policies(tmp_path: Path) -> None:
    assembly = assembly_of(
        tmp_path,
        {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}},
            "BP": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": DOCUMENT},
            },
            "K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": DOCUMENT}},
            "L": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": "f",
                    "Action": "lambda:InvokeFunction",
                    "Principal": "s3.amazonaws.com",
                    "SourceAccount": {"Ref": "AWS::AccountId"},
                },
            },
        },
    )
    found = list(resource_policies(assembly))
    assert [[str(target) for target in each.targets] for each in found] == [
        ["arn:aws:kms:eu-central-1:111111111111:key/<K>"],
        ["b"],
        ["f"],
    ]
    (permission,) = found[2].policy.statements
    assert permission.as_statement().conditions == {"StringEquals": {"aws:SourceAccount": ("111111111111",)}}
    assert permission.as_statement().principals == {"Service": ("s3.amazonaws.com",)}


def test_reads_policies_written_as_text(tmp_path: Path) -> None:

    resource = {
        "Type": "AWS::Logs::ResourcePolicy",
        "Properties": {"PolicyName": "p", "PolicyDocument": json.dumps(DOCUMENT)},
    }
    (found,) = resource_policies(assembly_of(tmp_path, {"L": resource}))
    assert found.policy.documents[0].literal is not None


def test_policies_written_as_text_keep_their_unknown_parts(tmp_path: Path) -> None:
    form = """{"Statement": [{"Effect": "Allow", "Principal": {"Federated": "${Provider}"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"${Issuer}:sub": "x"}}}]}"""
    parameters = {name: {"Type": "String"} for name in ("Provider", "Issuer")}
    assembly = assembly_of(
        tmp_path, {"R": one("Role", AssumeRolePolicyDocument={"Fn::Sub": form})}, Parameters=parameters
    )
    trust = identities(assembly).roles[0].trust
    assert trust is not None
    (statement,) = trust.statements
    assert [str(each) for each in statement.principals["Federated"]] == ["<Provider>"]
    assert list(statement.conditions["StringEquals"]) == ["<Issuer>:sub"]
