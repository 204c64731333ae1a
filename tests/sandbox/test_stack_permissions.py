"""CloudFormation has the permissions of the stack's role, or of the caller, and no more.

AWS: "AWS CloudFormation service role" in the AWS CloudFormation User Guide. What passes here because of a
repair proves the repair, not AWS.
"""

import json

import pytest

from tests.sandbox.cloud import ACCOUNT, allow, code_of, deny, inline, policy, resource, trust

STACKS = allow("cloudformation:*")
CLOUDFORMATION_TRUST = trust({"Service": "cloudformation.amazonaws.com"})
LAMBDAS = json.loads(policy(trust({"Service": "lambda.amazonaws.com"})))
ROLE = {"R": resource("AWS::IAM::Role", RoleName="made", AssumeRolePolicyDocument=LAMBDAS)}
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"


def create(cloud, credentials, template, **more):
    """Create a stack as a caller and return its final status."""
    body = json.dumps({"Resources": template})
    cloud.client("cloudformation", credentials).create_stack(
        StackName="stack", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"], **more
    )
    return cloud.outcome("stack")


def test_without_a_role_the_permissions_of_the_caller_count(cloud):
    unpermitted = cloud.user("may-not", STACKS)
    outcome = create(cloud, unpermitted, ROLE)
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert (
        f"user/may-not is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::{ACCOUNT}:role/made"
        in outcome.reasons["R"]
    )
    cloud.destroy()
    permitted = cloud.user("may", STACKS, allow(["iam:CreateRole", "iam:TagRole"]))
    assert create(cloud, permitted, ROLE).status == "CREATE_COMPLETE"


def test_with_a_role_the_permissions_of_the_role_count(cloud):
    cloud.role("deployer", CLOUDFORMATION_TRUST, allow("iam:CreateRole"))
    caller = cloud.user("caller", STACKS, allow("iam:PassRole", DEPLOYER))
    assert create(cloud, caller, ROLE, RoleARN=DEPLOYER).status == "CREATE_COMPLETE"


def test_role_must_be_passed_and_trust_cloudformation(cloud):
    cloud.role("deployer", CLOUDFORMATION_TRUST, allow("*"))
    cloud.role("other", trust({"Service": "ec2.amazonaws.com"}), allow("*"))
    caller = cloud.user("caller", STACKS)
    passing = cloud.user("passing", STACKS, allow("iam:PassRole"))
    other = DEPLOYER.replace("deployer", "other")
    assert code_of(create, cloud=cloud, credentials=caller, template=ROLE, RoleARN=DEPLOYER) == "AccessDenied"
    assert (
        code_of(create, cloud=cloud, credentials=passing, template=ROLE, RoleARN=other) == "ValidationError"
    )


def test_role_is_kept_for_later_operations(cloud):
    cloud.role("deployer", CLOUDFORMATION_TRUST, allow(["iam:CreateRole", "iam:DeleteRole"]))
    caller = cloud.user("caller", STACKS, allow("iam:PassRole", DEPLOYER))
    create(cloud, caller, ROLE, RoleARN=DEPLOYER)
    grown = {"R": resource("AWS::IAM::Role", **ROLE["R"]["Properties"], Policies=[inline("p", allow("*"))])}
    body = json.dumps({"Resources": grown})
    cloud.client("cloudformation", caller).update_stack(
        StackName="stack", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    outcome = cloud.outcome("stack")
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "assumed-role/deployer/AWSCloudFormation is not authorized to perform: iam:PutRolePolicy"
        in outcome.reasons["R"]
    )
    assert cloud.destroy().status == "DELETE_COMPLETE"


def test_boundary_restrictions_apply_to_cloudformation(cloud):
    """Permissions boundaries for IAM entities: delegation by iam:PermissionsBoundary."""
    fence = cloud.iam.create_policy(PolicyName="fence", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    fenced = {"StringEquals": {"iam:PermissionsBoundary": fence}}
    cloud.role("deployer", CLOUDFORMATION_TRUST, allow(["iam:CreateRole", "iam:PutRolePolicy"], "*", fenced))
    assert create(cloud, None, ROLE, RoleARN=DEPLOYER).status == "ROLLBACK_COMPLETE"
    cloud.destroy()
    bounded = {
        "R": resource(
            "AWS::IAM::Role",
            **ROLE["R"]["Properties"],
            PermissionsBoundary=fence,
            Policies=[inline("p", allow("*"))],
        )
    }
    assert create(cloud, None, bounded, RoleARN=DEPLOYER).status == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("kind", "properties", "action"),
    [
        pytest.param("AWS::S3::Bucket", {"BucketName": "bbb"}, "s3:CreateBucket", id="bucket"),
        pytest.param(
            "AWS::SecretsManager::Secret", {"Name": "s"}, "secretsmanager:CreateSecret", id="secret"
        ),
        pytest.param("AWS::Logs::LogGroup", {"LogGroupName": "/l"}, "logs:CreateLogGroup", id="log group"),
        pytest.param("AWS::KMS::Key", {"KeyPolicy": {"Statement": []}}, "kms:EnableKeyRotation", id="key"),
        pytest.param(
            "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {}}, "ec2:CreateLaunchTemplate", id="template"
        ),
        pytest.param("AWS::IAM::Group", {"GroupName": "g"}, "iam:CreateGroup", id="group"),
        pytest.param(
            "AWS::IAM::OIDCProvider",
            {"Url": "https://a.example"},
            "iam:CreateOpenIDConnectProvider",
            id="provider",
        ),
    ],
)
def test_other_types_are_authorized_too(cloud, kind, properties, action):
    cloud.role("deployer", CLOUDFORMATION_TRUST, allow("*"), deny(action))
    outcome = create(cloud, None, {"X": resource(kind, **properties)}, RoleARN=DEPLOYER)
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert action in outcome.reasons["X"]


def test_custom_resource_needs_permission_to_invoke_its_function(cloud):
    cloud.role("deployer", CLOUDFORMATION_TRUST, allow("*"), deny("lambda:InvokeFunction"))
    cloud.role("runs", trust({"Service": "lambda.amazonaws.com"}))
    template = {
        "F": resource(
            "AWS::Lambda::Function", Runtime="python3.12", Handler="index.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/runs", Code={"ZipFile": "def handler(event, context): pass"},
        ),
        "C": resource("Custom::Kept", ServiceToken={"Fn::GetAtt": ["F", "Arn"]}, ServiceTimeout=10),
    }  # fmt: skip
    assert "lambda:InvokeFunction" in create(cloud, None, template, RoleARN=DEPLOYER).reasons["C"]
