"""Protected resources: whatever would let the update role escalate privileges."""

from __future__ import annotations

import pytest

from keywright.deployer.bootstrap.plan import is_read_only, plan_of
from keywright.deployer.bootstrap.protected import (
    ACTS_AS_UNBOUNDED,
    ATTACHED_TO_UNBOUNDED,
    BEYOND_BOUNDARIES,
    BOUNDARY,
    OUTSIDE,
    TRUSTED_BY_UNBOUNDED,
    UNBOUNDED,
    UNKNOWN_NAME,
    ProtectedResources,
)
from keywright.deployer.requirements.references import References
from tests.unit.deployer.assemblies import (
    ACCOUNT,
    HOLDING,
    IAM,
    allowing,
    assembly,
    boundary,
    resource,
    role,
    trusting,
)

ANYBODY = {**HOLDING, "Statement": HOLDING["Statement"][:1]}


def protected(folder, **resources):
    """Give the reasons by logical id."""
    read = assembly(folder, resources)
    return {each.logical_id: why for each, why in ProtectedResources(read, References(read)).all.items()}


def trusts(principal, condition=None):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    more = {"Condition": condition} if condition else {}
    return {"Version": "2012-10-17", "Statement": [statement | more]}


def test_bounded_identities_are_not_protected_and_boundaries_are(tmp_path):
    assert protected(tmp_path, Limit=boundary(), R=role("r")) == {"Limit": BOUNDARY}


def test_a_boundary_of_other_identities_is_protected(tmp_path):
    serving = boundary() | {"Metadata": {"keywright:serves": "permissions boundary"}}
    assert protected(tmp_path, Limit=serving) == {"Limit": BOUNDARY}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="none"),
        pytest.param({"Fn::If": ["C", {"Ref": "Limit"}, {"Ref": "AWS::NoValue"}]}, id="perhaps one"),
        pytest.param(f"{IAM}:policy/old", id="one that is not known"),
        pytest.param(
            "arn:aws:iam::aws:policy/PowerUserAccess", id="one of AWS's that leaves other identities"
        ),
    ],
)
def test_an_identity_that_may_lack_an_enforcing_boundary_is_protected(tmp_path, given):
    found = protected(tmp_path, Limit=boundary(), R=role("r", PermissionsBoundary=given))
    assert found["R"] == UNBOUNDED


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(allowing("*"), id="everything"),
        pytest.param(allowing("s3:*", "iam:CreateLoginProfile"), id="somebody else's sign-in"),
        pytest.param(allowing("iam:PutRolePolicy", on=f"{IAM}:role/*"), id="policies of roles"),
        pytest.param(allowing("iam:PassRole", on="*"), id="any role passed"),
        pytest.param(allowing("s3:*", "sts:AssumeRole"), id="any role assumed"),
        pytest.param(
            allowing("iam:CreateUser", on="*", Condition={"StringEquals": {"aws:PrincipalTag/x": "y"}}),
            id="under a condition that may hold",
        ),
    ],
)
def test_a_boundary_that_allows_changes_of_identities_is_not_enforcing(tmp_path, document):
    assert protected(tmp_path, Limit=boundary(document=document), R=role("r"))["R"] == UNBOUNDED


def test_a_boundary_without_changes_of_identities_is_enforcing(tmp_path):
    assert "R" not in protected(tmp_path, Limit=boundary(document=ANYBODY), R=role("r"))


def test_policies_and_principals_of_an_unbounded_role_are_protected(tmp_path):
    found = protected(
        tmp_path,
        Limit=boundary(),
        Own=boundary("own", allowing("s3:*")),
        Beside=resource(
            "AWS::IAM::Policy", PolicyName="b", PolicyDocument=allowing("s3:*"), Roles=[{"Ref": "Admin"}]
        ),
        Held=role("held"),
        Other=role("other"),
        Dora=resource("AWS::IAM::User", UserName="dora", Path="/team/", PermissionsBoundary={"Ref": "Limit"}),
        Idp=resource("AWS::IAM::SAMLProvider", Name="idp", SamlMetadataDocument="x"),
        Admin=role(
            "admin",
            PermissionsBoundary=None,
            ManagedPolicyArns=[{"Ref": "Own"}],
            AssumeRolePolicyDocument={
                "Version": "2012-10-17",
                "Statement": [
                    *trusts({"AWS": f"{IAM}:role/team/held"})["Statement"],
                    *trusts({"Federated": {"Ref": "Idp"}})["Statement"],
                    *trusts({"AWS": ACCOUNT}, {"ArnLike": {"aws:PrincipalArn": f"{IAM}:user/team/dora"}})[
                        "Statement"
                    ],
                ],
            },
        ),
    )
    assert found == {
        "Limit": BOUNDARY,
        "Admin": UNBOUNDED,
        "Own": ATTACHED_TO_UNBOUNDED,
        "Beside": ATTACHED_TO_UNBOUNDED,
        "Held": TRUSTED_BY_UNBOUNDED,
        "Idp": BEYOND_BOUNDARIES,
        "Dora": TRUSTED_BY_UNBOUNDED,
    }


def test_groups_and_keys_of_an_unbounded_user_are_protected(tmp_path):
    found = protected(
        tmp_path,
        G=resource("AWS::IAM::Group", GroupName="g"),
        U=resource("AWS::IAM::User", UserName="u", Groups=[{"Ref": "G"}]),
        K=resource("AWS::IAM::AccessKey", UserName={"Ref": "U"}),
    )
    assert found == {"U": UNBOUNDED, "G": ATTACHED_TO_UNBOUNDED, "K": ACTS_AS_UNBOUNDED}


def test_what_uses_an_unbounded_role_is_protected(tmp_path):
    found = protected(
        tmp_path,
        R=role("r", PermissionsBoundary=None),
        F=resource("AWS::Lambda::Function", FunctionName="f", Role={"Fn::GetAtt": ["R", "Arn"]}),
        Q=resource("AWS::SQS::Queue", QueueName="q"),
    )
    assert found == {"R": UNBOUNDED, "F": ACTS_AS_UNBOUNDED}


def test_what_uses_a_role_outside_of_the_assembly_is_protected(tmp_path):
    function = resource("AWS::Lambda::Function", FunctionName="f", Role=f"{IAM}:role/outside")
    plan = plan_of(assembly(tmp_path, {"F": function}))
    assert set(plan.protected.values()) == {ACTS_AS_UNBOUNDED}
    assert "iam:PassRole" not in {each.action for each in plan.update_permissions}
    assert "iam:PassRole" in {each.action for each in plan.required.permissions}


def test_a_chain_of_trust_is_protected_completely(tmp_path):
    found = protected(
        tmp_path,
        Limit=boundary(),
        First=role("first", AssumeRolePolicyDocument=trusting("lambda.amazonaws.com")),
        Second=role("second", AssumeRolePolicyDocument=trusts({"AWS": f"{IAM}:role/team/first"})),
        Admin=role(
            "admin",
            PermissionsBoundary=None,
            AssumeRolePolicyDocument=trusts({"AWS": f"{IAM}:role/team/second"}),
        ),
        F=resource("AWS::Lambda::Function", FunctionName="f", Role={"Fn::GetAtt": ["First", "Arn"]}),
    )
    assert found == {
        "Limit": BOUNDARY,
        "Admin": UNBOUNDED,
        "Second": TRUSTED_BY_UNBOUNDED,
        "First": TRUSTED_BY_UNBOUNDED,
        "F": ACTS_AS_UNBOUNDED,
    }


STS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
}


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        pytest.param({"AWS": ACCOUNT}, None, id="the account"),
        pytest.param({"AWS": f"{IAM}:root"}, None, id="its root"),
        pytest.param({"AWS": "*"}, None, id="anybody"),
        pytest.param({"AWS": ACCOUNT}, {"ArnLike": {"aws:PrincipalArn": f"{IAM}:role/team/*"}}, id="a path"),
        pytest.param(
            {"AWS": ACCOUNT}, {"ArnNotLike": {"aws:PrincipalArn": f"{IAM}:role/x"}}, id="all but one"
        ),
    ],
)
@pytest.mark.parametrize(
    ("document", "is_sealed"),
    [pytest.param(STS, True, id="who may assume"), pytest.param(HOLDING, False, id="who may not")],
)
def test_principals_that_can_assume_an_unbounded_role_are_protected(
    tmp_path, principal, condition, document, is_sealed
):
    found = protected(
        tmp_path,
        Limit=boundary(document=document),
        R=role("r"),
        Admin=role("admin", PermissionsBoundary=None, AssumeRolePolicyDocument=trusts(principal, condition)),
    )
    assert ("R" in found) is is_sealed


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::SSO::PermissionSet",
        "AWS::SSO::Assignment",
        "AWS::IdentityStore::GroupMembership",
        "AWS::IAM::OIDCProvider",
        "AWS::RolesAnywhere::TrustAnchor",
        "AWS::EKS::AccessEntry",
    ],
)
def test_types_beyond_boundaries_are_protected(tmp_path, kind):
    read = assembly(tmp_path, {"X": resource(kind, Name="x", InstanceArn="arn:aws:sso:::instance/i")})
    plan = plan_of(read)
    assert set(plan.protected.values()) == {BEYOND_BOUNDARIES}
    assert all(is_read_only(each.action) for each in plan.update_permissions)
    assert not all(is_read_only(each.action) for each in plan.required.permissions)


def test_an_assignment_makes_roles_where_aws_reserves_them(tmp_path):
    found = plan_of(assembly(tmp_path, {"X": resource("AWS::SSO::Assignment")})).required.permissions
    assert {each.arn for each in found if each.action == "iam:CreateRole"} == {
        f"{IAM}:role/aws-reserved/sso.amazonaws.com/*"
    }


def test_an_unknown_name_is_protected_without_protecting_others(tmp_path):
    unpinned = assembly(
        tmp_path, {"P": resource("AWS::IAM::ManagedPolicy"), "R": role("r")}, stack="", account=""
    )
    plan = plan_of(unpinned)
    assert [why for each, why in plan.protected.items() if each.logical_id == "P"] == [UNKNOWN_NAME]
    assert not [
        each
        for each in plan.update_permissions
        if each.arn.endswith(":policy/*") and not is_read_only(each.action)
    ]
    assert not any(
        resource.endswith(":policy/*") for each in plan.boundary_denials for resource in each.resources
    )


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(
            resource("AWS::IAM::Policy", PolicyName="p", PolicyDocument=allowing("*"), Roles=["old"]),
            id="inline",
        ),
        pytest.param(
            resource("AWS::IAM::RolePolicy", PolicyName="p", PolicyDocument=allowing("*"), RoleName="old"),
            id="one of a role",
        ),
        pytest.param(
            resource(
                "AWS::IAM::ManagedPolicy", ManagedPolicyName="p", PolicyDocument=allowing("*"), Users=["old"]
            ),
            id="managed",
        ),
    ],
)
def test_policies_of_identities_outside_are_protected(tmp_path, given):
    plan = plan_of(assembly(tmp_path, {"X": given}))
    assert list(plan.protected.values()) == [OUTSIDE]
    assert all(is_read_only(each.action) for each in plan.update_permissions)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("AWS::EC2::LaunchTemplate", "ec2:CreateLaunchTemplateVersion"),
        ("AWS::EC2::Instance", "ec2:ModifyInstanceAttribute"),
        ("AWS::KMS::Key", "kms:PutKeyPolicy"),
        ("AWS::KMS::Key", "kms:ScheduleKeyDeletion"),
        ("AWS::CloudFormation::Stack", "cloudformation:UpdateStack"),
        ("AWS::CloudFormation::StackSet", "cloudformation:UpdateStackSet"),
        ("AWS::SSM::Association", "ssm:CreateAssociation"),
    ],
)
def test_the_update_role_does_not_affect_resources_of_others(tmp_path, kind, action):
    plan = plan_of(assembly(tmp_path, {"X": resource(kind)}))
    assert action not in {each.action for each in plan.update_permissions}
    assert action in {each.action for each in plan.required.permissions}
