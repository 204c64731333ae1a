"""Groups: their policies are protected, and the update role adds users only to open groups."""

from __future__ import annotations

import pytest

from keywright.deployer.bootstrap.plan import plan_of
from keywright.deployer.bootstrap.protected import GROUP_POLICY, UNBOUNDED
from tests.unit.deployer.assemblies import ACCOUNT, IAM, allowing, assembly, boundary, resource, role

GROUP = f"{IAM}:group/team/g"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret"


def group(document=None, **more):
    policies = [{"PolicyName": "p", "PolicyDocument": document}] if document else []
    return resource("AWS::IAM::Group", GroupName="g", Path="/team/", Policies=policies, **more)


def plan(folder, given, **more):
    user = resource(
        "AWS::IAM::User",
        UserName="u",
        Path="/team/",
        PermissionsBoundary={"Ref": "Limit"},
        Groups=[{"Ref": "G"}],
    )
    others = {
        "Limit": boundary(),
        "U": user,
        "Admin": role("admin", PermissionsBoundary=None),
        "S": resource("AWS::SecretsManager::Secret", Name="first/alice"),
    }
    return plan_of(assembly(folder, {"G": given, **others, **more}))


def update_permissions(made, action):
    return {each.arn for each in made.update_permissions if each.action == action}


def test_policies_of_groups_are_protected(tmp_path):
    made = plan(tmp_path, group(allowing("s3:GetObject"), ManagedPolicyArns=[{"Ref": "P"}]), P=boundary("p"))
    assert {each.logical_id for each, why in made.protected.items() if why == GROUP_POLICY} == {"G", "P"}
    assert GROUP not in update_permissions(made, "iam:PutGroupPolicy")
    assert GROUP in {each.arn for each in made.required.permissions if each.action == "iam:PutGroupPolicy"}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(None, id="nothing"),
        pytest.param(allowing("s3:GetObject", "ec2:Describe*"), id="data"),
        pytest.param(
            allowing("iam:ChangePassword", on=f"{IAM}:user/team/${{aws:username}}"), id="one's own sign-in"
        ),
        pytest.param(allowing("sts:AssumeRole", on=f"{IAM}:role/team/other"), id="another role"),
        pytest.param(allowing("secretsmanager:GetSecretValue", on=f"{SECRET}:other-*"), id="another secret"),
    ],
)
def test_a_group_that_leads_nowhere_is_joined_every_day(tmp_path, document):
    assert update_permissions(plan(tmp_path, group(document)), "iam:AddUserToGroup") == {GROUP}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(group(allowing("*")), id="everything"),
        pytest.param(group(allowing("iam:CreateAccessKey", on=f"{IAM}:user/*")), id="somebody else's key"),
        pytest.param(group(allowing("iam:PutRolePolicy", on=f"{IAM}:role/*")), id="policies of roles"),
        pytest.param(group(allowing("sts:AssumeRole", on=f"{IAM}:role/team/admin")), id="the unheld role"),
        pytest.param(group(allowing("sts:AssumeRole", on=f"{IAM}:role/team/*")), id="roles it is among"),
        pytest.param(group(allowing("sts:AssumeRole", on=f"{IAM}:role/*")), id="any role of the account"),
        pytest.param(group(allowing("lambda:UpdateFunctionCode")), id="the code of any function"),
        pytest.param(group(allowing("codebuild:StartBuild")), id="any build"),
        pytest.param(group(allowing("secretsmanager:GetSecretValue", on=f"{SECRET}:first/*")), id="a secret"),
        pytest.param(group(allowing("cloudformation:UpdateStack")), id="the stack, with its role"),
        pytest.param(
            group(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]), id="of AWS's own"
        ),
        pytest.param(group(ManagedPolicyArns=[f"{IAM}:policy/unknown"]), id="a policy nobody knows"),
        pytest.param(
            group(allowing("iam:CreateUser", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
            id="under a condition",
        ),
    ],
)
def test_only_the_bootstrap_role_adds_users_to_powerful_groups(tmp_path, given):
    made = plan(tmp_path, given)
    assert update_permissions(made, "iam:AddUserToGroup") == set()
    assert GROUP in {each.arn for each in made.required.permissions if each.action == "iam:AddUserToGroup"}
    assert update_permissions(made, "iam:RemoveUserFromGroup") == {GROUP}


def test_a_guard_that_denies_leads_nowhere(tmp_path):
    """What denies under a condition leaves open whether more is denied; nothing of it is allowed."""
    denying = allowing(
        "*", effect="Deny", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    )
    assert update_permissions(plan(tmp_path, group(denying)), "iam:AddUserToGroup") == {GROUP}


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_other_partitions_are_judged_by_their_own_names(tmp_path, region, partition):
    ours = f"arn:{partition}:iam::{ACCOUNT}"
    given = {
        "G": group(allowing("iam:PutUserPolicy", on=f"{ours}:user/*")),
        "Limit": boundary(document=allowing("iam:*", on=f"{ours}:*")),
        "U": resource("AWS::IAM::User", UserName="u", Path="/team/", PermissionsBoundary={"Ref": "Limit"}),
    }
    made = plan_of(assembly(tmp_path, given, region=region))
    assert {each.logical_id: why for each, why in made.protected.items()}["U"] == UNBOUNDED
    assert not update_permissions(made, "iam:AddUserToGroup") | update_permissions(made, "iam:CreateUser")


def test_a_group_of_another_partition_leads_somewhere_by_its_policies_alone(tmp_path):
    given = {
        "Open": resource("AWS::IAM::Group", GroupName="open", Path="/team/"),
        "Shut": group(allowing("iam:PutUserPolicy", on=f"arn:aws-cn:iam::{ACCOUNT}:user/*")),
        "Limit": boundary(),
        "U": resource(
            "AWS::IAM::User",
            UserName="u",
            Path="/team/",
            PermissionsBoundary={"Ref": "Limit"},
            Groups=[{"Ref": "Open"}, {"Ref": "Shut"}],
        ),
    }
    made = plan_of(assembly(tmp_path, given, region="cn-north-1"))
    assert update_permissions(made, "iam:AddUserToGroup") == {f"arn:aws-cn:iam::{ACCOUNT}:group/team/open"}
