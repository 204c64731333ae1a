"""ARNs of resources: from declared names, or from what is known of generated ones."""

from __future__ import annotations

import pytest

from keywright.deployer.requirements.arns import own_arns
from tests.unit.deployer.assemblies import IAM, assembly, resource

HERE = "eu-central-1:111111111111"
LONG = "A" * 60


@pytest.mark.parametrize(
    ("given", "arns"),
    [
        pytest.param(
            resource("AWS::IAM::Role", Path="/team/", RoleName="ci"),
            {f"{IAM}:role/team/ci"},
            id="a named role",
        ),
        pytest.param(resource("AWS::IAM::Role", RoleName="ci"), {f"{IAM}:role/ci"}, id="no path"),
        pytest.param(
            resource("AWS::IAM::Role", Path="/team/"), {f"{IAM}:role/team/stack-It-*"}, id="made up"
        ),
        pytest.param(
            resource("AWS::IAM::ManagedPolicy", ManagedPolicyName="p"), {f"{IAM}:policy/p"}, id="policy"
        ),
        pytest.param(
            resource("AWS::IAM::OIDCProvider", Url="https://a.example/x"),
            {f"{IAM}:oidc-provider/a.example/x"},
            id="provider",
        ),
        pytest.param(resource("AWS::S3::Bucket"), {"arn:aws:s3:::stack-it-*"}, id="a bucket's is lower case"),
        pytest.param(
            resource("AWS::SecretsManager::Secret", Name="a/b"),
            {f"arn:aws:secretsmanager:{HERE}:secret:a/b-??????"},
            id="a secret's ends as AWS likes",
        ),
        pytest.param(
            resource("AWS::SecretsManager::Secret"),
            {f"arn:aws:secretsmanager:{HERE}:secret:*-??????"},
            id="an unnamed secret",
        ),
        pytest.param(resource("AWS::KMS::Key"), {f"arn:aws:kms:{HERE}:key/*"}, id="a key"),
        pytest.param(
            resource("AWS::KMS::Alias", AliasName="alias/k"), {f"arn:aws:kms:{HERE}:alias/k"}, id="an alias"
        ),
        pytest.param(
            resource("AWS::SSM::Parameter", Name="/a/b"),
            {f"arn:aws:ssm:{HERE}:parameter/a/b"},
            id="a parameter",
        ),
        pytest.param(
            resource("AWS::SSM::Parameter", Name="plain"),
            {f"arn:aws:ssm:{HERE}:parameter/plain"},
            id="a parameter without a slash",
        ),
        pytest.param(
            resource("AWS::Lambda::Function", FunctionName="f"),
            {f"arn:aws:lambda:{HERE}:function:f", f"arn:aws:lambda:{HERE}:function:f:*"},
            id="a function with its versions",
        ),
        pytest.param(
            resource("AWS::DynamoDB::Table", TableName="t"),
            {f"arn:aws:dynamodb:{HERE}:table/t"},
            id="by the name of its type",
        ),
        pytest.param(
            resource("AWS::StepFunctions::StateMachine", StateMachineName="m"),
            {f"arn:aws:states:{HERE}:stateMachine:m"},
            id="a type that Ref gives the ARN of",
        ),
        pytest.param(
            resource("AWS::RolesAnywhere::TrustAnchor", Name="t"),
            {f"arn:aws:rolesanywhere:{HERE}:trust-anchor/*"},
            id="an id that is made up",
        ),
    ],
)
def test_gives_the_arns(tmp_path, given, arns):
    (found,) = assembly(tmp_path, {"It": given}).resources
    assert set(own_arns(found)) == arns


@pytest.mark.parametrize(
    ("stack", "logical_id", "name"),
    [
        pytest.param("stack", "A" * 44, f"stack-{'A' * 44}-*", id="just fits"),
        pytest.param("stack", LONG, f"stack-{'A' * 20}*", id="a logical id that is shortened"),
        pytest.param("s" * 40, "Role", f"{'s' * 20}*", id="a stack's name that may be"),
    ],
)
def test_a_shortened_name_is_known_in_part(tmp_path, stack, logical_id, name):
    (found,) = assembly(tmp_path, {logical_id: resource("AWS::IAM::Role")}, stack=stack).resources
    assert own_arns(found) == (f"{IAM}:role/{name}",)


def test_conditional_names_give_several_arns(tmp_path):
    name = {"Fn::If": ["Is", "one", {"Ref": "AWS::NoValue"}]}
    given = assembly(
        tmp_path,
        {"It": resource("AWS::IAM::Role", RoleName=name)},
        Conditions={"Is": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        Parameters={"P": {"Type": "String"}},
    )
    (found,) = given.resources
    assert set(own_arns(found)) == {f"{IAM}:role/one", f"{IAM}:role/stack-It-*"}


def test_a_stack_without_an_account_has_a_wildcard_account(tmp_path):
    given = assembly(tmp_path, {"It": resource("AWS::SQS::Queue", QueueName="q")}, account="", region="")
    (found,) = given.resources
    assert own_arns(found) == ("arn:aws:sqs:*:*:q",)
