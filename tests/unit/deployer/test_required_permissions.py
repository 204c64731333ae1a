"""The permissions to deploy: on which ARN, under which conditions, and what is undecided."""

from __future__ import annotations

import pytest

from keywright.deployer.requirements.collection import required_permissions
from keywright.deployer.requirements.permissions import GENERATED_NAME, UNKNOWN_ACTION, UNKNOWN_RESOURCE
from tests.unit.deployer.assemblies import (
    ACCOUNT,
    IAM,
    allowing,
    assembly,
    boundary,
    resource,
    role,
    trusting,
)

HERE = f"eu-central-1:{ACCOUNT}"
LIMIT = f"{IAM}:policy/team/limit"
BOUNDED = ("StringEquals", "iam:PermissionsBoundary", (LIMIT,))


def permissions(folder, resources, action, **sections):
    """Give the places and conditions of one action."""
    found = required_permissions(assembly(folder, resources, **sections)).permissions
    return {(each.arn, each.conditions) for each in found if each.action == action}


def arns(folder, resources, action, **sections):
    return {arn for arn, _ in permissions(folder, resources, action, **sections)}


# --- identities ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy"],
)
def test_granting_actions_require_the_boundary(tmp_path, action):
    resources = {"Limit": boundary(), "R": role("r")}
    assert permissions(tmp_path, resources, action) == {(f"{IAM}:role/team/r", (BOUNDED,))}


def test_a_role_without_a_boundary_has_no_condition(tmp_path):
    assert permissions(tmp_path, {"R": role("r", PermissionsBoundary=None)}, "iam:CreateRole") == {
        (f"{IAM}:role/team/r", ())
    }


def test_a_boundary_is_never_taken_away(tmp_path):
    assert not arns(tmp_path, {"Limit": boundary(), "R": role("r")}, "iam:DeleteRolePermissionsBoundary")


def test_exactly_the_declared_policies_are_attached(tmp_path):
    managed = ["arn:aws:iam::aws:policy/ReadOnlyAccess", {"Ref": "Own"}]
    resources = {
        "Limit": boundary(),
        "Own": boundary("own", allowing("s3:GetObject")),
        "R": role("r", ManagedPolicyArns=managed),
    }
    attached = ("ArnEquals", "iam:PolicyARN", (f"{IAM}:policy/team/own", managed[0]))
    assert permissions(tmp_path, resources, "iam:AttachRolePolicy") == {
        (f"{IAM}:role/team/r", (BOUNDED, attached))
    }


def test_attaching_needs_an_attached_policy(tmp_path):
    assert not arns(tmp_path, {"Limit": boundary(), "R": role("r")}, "iam:AttachRolePolicy")


@pytest.mark.parametrize(
    ("group", "joined"),
    [
        pytest.param({"Ref": "G"}, {f"{IAM}:group/team/g"}, id="of the template"),
        pytest.param("g", {f"{IAM}:group/team/g"}, id="of the assembly, by name"),
        pytest.param("old", {f"{IAM}:group/old", f"{IAM}:group/*/old"}, id="of the account"),
    ],
)
def test_a_user_joins_the_groups_it_is_declared_in(tmp_path, group, joined):
    resources = {
        "G": resource("AWS::IAM::Group", GroupName="g", Path="/team/"),
        "U": resource("AWS::IAM::User", UserName="u", Groups=[group]),
    }
    assert arns(tmp_path, resources, "iam:AddUserToGroup") == joined


@pytest.mark.parametrize(
    "action",
    ["iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:AddUserToGroup", "iam:AttachUserPolicy"],
)
def test_permissions_for_absent_properties_are_not_needed(tmp_path, action):
    assert not arns(tmp_path, {"U": resource("AWS::IAM::User", UserName="u")}, action)


def test_an_access_key_is_for_its_user(tmp_path):
    resources = {
        "U": resource("AWS::IAM::User", UserName="u"),
        "K": resource("AWS::IAM::AccessKey", UserName={"Ref": "U"}),
    }
    assert arns(tmp_path, resources, "iam:CreateAccessKey") == {f"{IAM}:user/u"}


def test_resources_in_a_policy_document_are_ignored(tmp_path):
    document = allowing("iam:PassRole", on=f"{IAM}:role/admin")
    resources = {"R": role("r", Policies=[{"PolicyName": "p", "PolicyDocument": document}])}
    assert f"{IAM}:role/admin" not in {
        each.arn for each in required_permissions(assembly(tmp_path, resources)).permissions
    }


# --- roles that are passed ----------------------------------------------------------------------------------------------


def function(**more):
    given = {"FunctionName": "f", "Role": {"Fn::GetAtt": ["R", "Arn"]}, "Code": {"ZipFile": "x"}}
    return resource("AWS::Lambda::Function", **{**given, **more})


def to(service):
    return (("StringEquals", "iam:PassedToService", (service,)),)


def test_a_role_is_passed_by_name_to_the_services_that_it_trusts(tmp_path):
    found = permissions(tmp_path, {"R": role("r"), "F": function()}, "iam:PassRole")
    assert found == {(f"{IAM}:role/team/r", to("lambda.amazonaws.com"))}


def test_a_role_is_passed_through_profile_and_template(tmp_path):
    resources = {
        "R": role("r", AssumeRolePolicyDocument=trusting("ec2.amazonaws.com")),
        "P": resource("AWS::IAM::InstanceProfile", Roles=[{"Ref": "R"}]),
        "T": resource(
            "AWS::EC2::LaunchTemplate",
            LaunchTemplateData={"IamInstanceProfile": {"Arn": {"Fn::GetAtt": ["P", "Arn"]}}},
        ),
        "I": resource(
            "AWS::EC2::Instance", LaunchTemplate={"LaunchTemplateId": {"Ref": "T"}, "Version": "1"}
        ),
    }
    assembly_needs = required_permissions(assembly(tmp_path, resources)).permissions
    passing = {
        (each.resource.logical_id, each.arn, each.conditions)
        for each in assembly_needs
        if each.action == "iam:PassRole"
    }
    assert passing == {(who, f"{IAM}:role/team/r", to("ec2.amazonaws.com")) for who in ("P", "I")}


def test_a_role_outside_is_passed_to_any_service_with_a_reason(tmp_path):
    found = required_permissions(assembly(tmp_path, {"F": function(Role=f"{IAM}:role/old")})).permissions
    (permission,) = [each for each in found if each.action == "iam:PassRole"]
    assert (permission.arn, permission.conditions) == (f"{IAM}:role/old", ())
    assert permission.widened


def test_an_instance_profile_does_not_pass_its_own_name(tmp_path):
    named = resource("AWS::IAM::InstanceProfile", Roles=[{"Ref": "R"}], InstanceProfileName="web-profile")
    found = required_permissions(assembly(tmp_path, {"R": role("r"), "P": named}))
    assert not [each for each in found.undecided if "passes" in str(each)]


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param({"F": function(Role={"Ref": "P"})}, id="a role by parameter"),
        pytest.param({"F": function(Role={"Fn::ImportValue": "role"})}, id="a role by import"),
        pytest.param(
            {
                "F": resource(
                    "AWS::EC2::Instance", LaunchTemplate={"LaunchTemplateId": "lt-1", "Version": "1"}
                )
            },
            id="a launch template of the account",
        ),
        pytest.param(
            {"F": resource("AWS::EC2::Instance", IamInstanceProfile="old")}, id="a profile of the account"
        ),
    ],
)
def test_an_unknown_role_is_undecided(tmp_path, resources):
    required = required_permissions(assembly(tmp_path, resources, Parameters={"P": {"Type": "String"}}))
    assert [str(each) for each in required.undecided if "the role that `F` passes is not known" in str(each)]
    assert not [each for each in required.permissions if each.action == "iam:PassRole"]


def test_no_role_is_passed_where_none_is_named(tmp_path):
    required = required_permissions(assembly(tmp_path, {"B": resource("AWS::S3::Bucket", BucketName="b")}))
    assert "iam:PassRole" not in {each.action for each in required.permissions}
    assert not required.undecided


# --- everything else ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "service"),
    [
        ("AWS::RolesAnywhere::TrustAnchor", "rolesanywhere.amazonaws.com"),
        ("AWS::AccessAnalyzer::Analyzer", "access-analyzer.amazonaws.com"),
    ],
)
def test_a_service_linked_role_is_of_its_service(tmp_path, kind, service):
    assert permissions(tmp_path, {"X": resource(kind, Name="x")}, "iam:CreateServiceLinkedRole") == {
        (
            f"{IAM}:role/aws-service-role/{service}/*",
            (("StringEquals", "iam:AWSServiceName", (service,)),),
        )
    }


@pytest.mark.parametrize(
    ("properties", "actions"),
    [
        pytest.param({}, set(), id="neither made nor written: the value is nobody's"),
        pytest.param({"SecretString": "x"}, {"secretsmanager:GetSecretValue"}, id="written"),
        pytest.param(
            {"GenerateSecretString": {}},
            {"secretsmanager:GetSecretValue", "secretsmanager:GetRandomPassword"},
            id="made",
        ),
    ],
)
def test_a_secret_is_read_only_where_the_template_says_what_is_in_it(tmp_path, properties, actions):
    found = required_permissions(
        assembly(tmp_path, {"S": resource("AWS::SecretsManager::Secret", Name="s", **properties)})
    )
    reading = {"secretsmanager:GetSecretValue", "secretsmanager:GetRandomPassword"}
    assert {each.action for each in found.permissions} & reading == actions


@pytest.mark.parametrize(
    ("key", "arn"),
    [
        pytest.param(f"arn:aws:kms:{HERE}:key/1", f"arn:aws:kms:{HERE}:key/1", id="by ARN"),
        pytest.param({"Ref": "K"}, f"arn:aws:kms:{HERE}:key/*", id="of the template"),
        pytest.param("alias/mine", f"arn:aws:kms:{HERE}:key/*", id="by alias"),
        pytest.param({"Ref": "P"}, f"arn:aws:kms:{HERE}:key/*", id="by parameter"),
    ],
)
def test_a_customers_key_is_used_through_the_secret_alone(tmp_path, key, arn):
    resources = {
        "K": resource("AWS::KMS::Key"),
        "A": resource("AWS::KMS::Alias", AliasName="alias/mine", TargetKeyId={"Ref": "K"}),
        "S": resource("AWS::SecretsManager::Secret", Name="s", KmsKeyId=key),
    }
    via = (("StringEquals", "kms:ViaService", ("secretsmanager.eu-central-1.amazonaws.com",)),)
    found = permissions(tmp_path, resources, "kms:GenerateDataKey", Parameters={"P": {"Type": "String"}})
    assert found == {(arn, via)}


def test_without_a_key_none_is_used(tmp_path):
    required = required_permissions(assembly(tmp_path, {"R": role("r"), "F": function()}))
    assert not [each.action for each in required.permissions if each.action.startswith("kms:")]


@pytest.mark.parametrize(
    ("token", "action", "arn"),
    [
        pytest.param(
            {"Fn::GetAtt": ["F", "Arn"]},
            "lambda:InvokeFunction",
            f"arn:aws:lambda:{HERE}:function:f",
            id="function",
        ),
        pytest.param(f"arn:aws:sns:{HERE}:topic", "sns:Publish", f"arn:aws:sns:{HERE}:topic", id="topic"),
    ],
)
def test_a_custom_resource_calls_its_function(tmp_path, token, action, arn):
    resources = {"R": role("r"), "F": function(), "C": resource("Custom::Mine", ServiceToken=token)}
    assert arns(tmp_path, resources, action) == {arn}


@pytest.mark.parametrize("token", [{"Ref": "P"}, {"Fn::ImportValue": "x"}, "none"])
def test_an_unknown_provider_of_a_custom_resource_is_undecided(tmp_path, token):
    resources = {"C": resource("Custom::Mine", ServiceToken=token)}
    required = required_permissions(assembly(tmp_path, resources, Parameters={"P": {"Type": "String"}}))
    assert "the provider of the custom resource `C` is not known" in str(required.undecided[0])


def test_a_type_without_known_handlers_is_undecided(tmp_path):
    required = required_permissions(assembly(tmp_path, {"X": resource("AWS::Budgets::Budget")}))
    assert str(required.undecided[0]).endswith(
        ": the permissions to deploy `X` are not known: the CloudFormation registry lists no handlers for its type; found `AWS::Budgets::Budget`;"
        " accepted: a type with handlers in the registry, or a policy of your own with its actions"
    )
    assert not required.permissions


@pytest.mark.parametrize(
    ("reference", "action", "arn"),
    [
        pytest.param(
            "{{resolve:secretsmanager:a/b:SecretString:p}}",
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{HERE}:secret:a/b-??????",
            id="secret by name",
        ),
        pytest.param(
            f"{{{{resolve:secretsmanager:arn:aws:secretsmanager:{HERE}:secret:a-AbCdEf:SecretString}}}}",
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{HERE}:secret:a-AbCdEf",
            id="secret by ARN",
        ),
        pytest.param(
            {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "S"}, ":SecretString::}}"]]},
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{HERE}:secret:s-??????",
            id="secret of the template",
        ),
        pytest.param(
            "x{{resolve:ssm:/a/b:1}}",
            "ssm:GetParameters",
            f"arn:aws:ssm:{HERE}:parameter/a/b",
            id="parameter",
        ),
    ],
)
def test_a_dynamic_reference_is_looked_up(tmp_path, reference, action, arn):
    resources = {
        "S": resource("AWS::SecretsManager::Secret", Name="s"),
        "T": resource("AWS::SNS::Topic", TopicName="t", DisplayName=reference),
    }
    assert arn in arns(tmp_path, resources, action)


def test_a_parameter_of_parameter_store_is_looked_up(tmp_path):
    parameters = {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/b"}}
    found = arns(tmp_path, {"T": resource("AWS::SNS::Topic")}, "ssm:GetParameters", Parameters=parameters)
    assert found == {f"arn:aws:ssm:{HERE}:parameter/a/b"}


def test_what_takes_no_place_is_kept_in_the_region(tmp_path):
    found = permissions(tmp_path, {"K": resource("AWS::KMS::Key")}, "kms:CreateKey")
    assert found == {("*", (("StringEquals", "aws:RequestedRegion", ("eu-central-1",)),))}


def test_an_instance_starts_with_everything_that_it_is_made_of(tmp_path):
    kinds = {
        arn.split(":")[5].partition("/")[0]
        for arn in arns(tmp_path, {"I": resource("AWS::EC2::Instance")}, "ec2:RunInstances")
    }
    assert {"image", "instance", "network-interface", "security-group", "subnet", "volume"} <= kinds


@pytest.mark.parametrize(
    ("kind", "action", "reason"),
    [
        ("AWS::KMS::Key", "kms:PutKeyPolicy", GENERATED_NAME),
        ("AWS::EC2::Instance", "ec2:RunInstances", UNKNOWN_RESOURCE),
    ],
)
def test_says_why_a_place_is_wide(tmp_path, kind, action, reason):
    required = required_permissions(assembly(tmp_path, {"X": resource(kind)})).permissions
    assert reason in {each.widened for each in required if each.action == action}


def test_no_registered_type_is_refused(tmp_path):
    """Each type of the registry alone: every permission comes out as an action that IAM takes, on some place."""
    from keywright.deployer.handlers.registry import types_with_handlers

    kinds = types_with_handlers()[::23]
    resources = {f"X{number}": resource(kind) for number, kind in enumerate(kinds)}
    found = required_permissions(assembly(tmp_path, resources))
    told = {each.resource.type for each in found.permissions} | {
        resources[each.resource]["Type"] for each in found.undecided
    }
    assert set(kinds) - told <= {"AWS::IAM::Policy"}  # it hangs on nobody here
    assert all(each.arn == "*" or each.arn.startswith("arn:") for each in found.permissions)


def test_an_action_that_only_the_registry_lists_is_reported(tmp_path):
    found = required_permissions(
        assembly(tmp_path, {"X": resource("AWS::S3::Bucket", ReplicationConfiguration={})})
    ).permissions
    assert UNKNOWN_ACTION not in {each.widened for each in found}
    other = required_permissions(
        assembly(tmp_path, {"X": resource("AWS::AutoScaling::AutoScalingGroup", InstanceLifecyclePolicy={})})
    )
    assert UNKNOWN_ACTION in {
        each.widened for each in other.permissions if each.action.startswith("managed-fleets:Create")
    }
