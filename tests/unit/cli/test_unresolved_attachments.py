"""A policy on a resource of an unknown type or ARN makes answers undecided."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, document, resource, trust

ROLE = "arn:aws:iam::111111111111:role/app"
HERE = "eu-central-1:111111111111:"
NAMED = {"AWS": ROLE}


def of(action: str = "*", principal: Any = NAMED, **elements: Any) -> dict[str, Any]:
    return document(allow(action, Principal=principal, **elements))


BUS = {"EventBusName": "b", "StatementId": "s"}
OPEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "a global table": (
        resource(
            "DynamoDB::GlobalTable", Replicas=[{"ResourcePolicy": {"PolicyDocument": of("dynamodb:*")}}]
        ),
        "dynamodb:GetItem",
        f"arn:aws:dynamodb:{HERE}table/t",
    ),
    "a repository of packages": (
        resource("CodeArtifact::Domain", DomainName="d", PermissionsPolicyDocument=of()),
        "codeartifact:GetAuthorizationToken",
        f"arn:aws:codeartifact:{HERE}domain/d",
    ),
    "a policy as text": (
        resource("XRay::ResourcePolicy", PolicyName="p", PolicyDocument=json.dumps(of("xray:*"))),
        "xray:PutTraceSegments",
        "*",
    ),
    "one below a condition of the template": (
        resource("MSK::ClusterPolicy", Policy={"Fn::If": ["C", of("kafka:*"), {"Ref": "AWS::NoValue"}]}),
        "kafka:DescribeCluster",
        f"arn:aws:kafka:{HERE}cluster/c/x",
    ),
    "an unknown type": (
        resource("New::Thing", Policies=[{"Document": of("new:*")}]),
        "new:Get",
        f"arn:aws:new:{HERE}thing/n",
    ),
    "a file system with a generated id": (
        resource("EFS::FileSystem", FileSystemPolicy=of("elasticfilesystem:*")),
        "elasticfilesystem:ClientMount",
        f"arn:aws:elasticfilesystem:{HERE}file-system/fs-1",
    ),
    "a secret by its name": (
        resource("SecretsManager::ResourcePolicy", SecretId="s", ResourcePolicy=of("secretsmanager:*")),
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{HERE}secret:s-AbCdEf",
    ),
}
OPEN["a bucket's access control list"] = (
    resource("S3::Bucket", BucketName="b", AccessControl="AuthenticatedRead"),
    "s3:ListBucket",
    "arn:aws:s3:::b",
)
DENIED: dict[str, tuple[dict[str, Any], str, str]] = {
    "another service's": (
        resource("New::Thing", Policy=of()),
        "sqs:SendMessage",
        f"arn:aws:sqs:{HERE}q",
    ),
    "of another account": (
        resource("New::Thing", Policy=of("new:*", {"AWS": ROLE + "-2"})),
        "new:Get",
        f"arn:aws:new:{HERE}thing/n",
    ),
    "a secret of another name": (
        resource("SecretsManager::ResourcePolicy", SecretId="other", ResourcePolicy=of("secretsmanager:*")),
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{HERE}secret:s-AbCdEf",
    ),
    "an IoT policy, which grants roles nothing": (
        resource("IoT::Policy", PolicyDocument=of("iot:*")),
        "iot:Publish",
        f"arn:aws:iot:{HERE}topic/x",
    ),
}
ALLOWED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a function's alias": (
        resource("Lambda::Permission", Action="lambda:InvokeFunction", Principal=ROLE, FunctionName="f:prod"),
        "lambda:InvokeFunction",
        f"arn:aws:lambda:{HERE}function:f:prod",
    ),
    "a bus, by one statement": (
        resource("Events::EventBusPolicy", **BUS, Statement=allow("events:PutEvents", Principal=NAMED)),
        "events:PutEvents",
        f"arn:aws:events:{HERE}event-bus/b",
    ),
    "a bus, by its properties": (
        resource("Events::EventBusPolicy", **BUS, Action="events:PutEvents", Principal=ROLE),
        "events:PutEvents",
        f"arn:aws:events:{HERE}event-bus/b",
    ),
    "a signing profile": (
        resource(
            "Signer::ProfilePermission", Action="signer:StartSigningJob", Principal=ROLE, ProfileName="p"
        ),
        "signer:StartSigningJob",
        f"arn:aws:signer:{HERE}/signing-profiles/p",
    ),
}


def ask(folder: Any, owner: dict[str, Any], action: str, on: str) -> int:
    file = folder / "t.template.json"
    role = resource(
        "IAM::Role", RoleName="app", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"})
    )
    sections = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "y"]}},
    }
    file.write_text(json.dumps({**sections, "Resources": {"R": role, "It": owner}}))
    return CliRunner().invoke(app, ["can", ROLE, action, on, str(file), "--today", "2026-11-24"]).exit_code


@pytest.mark.parametrize(("owner", "action", "on"), OPEN.values(), ids=OPEN)
def test_is_undecided(tmp_path, owner, action, on):
    assert ask(tmp_path, owner, action, on) == 3


@pytest.mark.parametrize(("owner", "action", "on"), DENIED.values(), ids=DENIED)
def test_is_denied(tmp_path, owner, action, on):
    assert ask(tmp_path, owner, action, on) == 1


@pytest.mark.parametrize(("owner", "action", "on"), ALLOWED.values(), ids=ALLOWED)
def test_is_allowed(tmp_path, owner, action, on):
    assert ask(tmp_path, owner, action, on) == 0
