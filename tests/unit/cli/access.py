"""One small account as a template, for the commands that answer questions about access."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

BUCKET = {"Fn::Sub": "arn:${AWS::Partition}:s3:::acme-reports/*"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | elements


def trust(principal: Any, **elements: Any) -> dict[str, Any]:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | elements)


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def inline(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"PolicyName": "grants", "PolicyDocument": document(*statements)}]


ACCOUNT = {
    "Analysts": resource("IAM::Group", GroupName="analysts", Policies=inline(allow("s3:GetObject", BUCKET))),
    "Alice": resource("IAM::User", UserName="alice", Groups=[{"Ref": "Analysts"}]),
    "Bob": resource(
        "IAM::User",
        UserName="bob",
        Policies=inline(allow("sts:AssumeRole", {"Fn::GetAtt": ["Writer", "Arn"]})),
    ),
    "Carol": resource(
        "IAM::User", UserName="carol", Policies=inline(allow("s3:DeleteObject", BUCKET, Condition=MFA))
    ),
    "Writer": resource(
        "IAM::Role",
        RoleName="writer",
        AssumeRolePolicyDocument=trust(
            {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
        ),
        Policies=inline(allow(["s3:PutObject", "s3:DeleteObject"], BUCKET)),
    ),
    "Deployer": resource(
        "IAM::Role",
        RoleName="deployer",
        AssumeRolePolicyDocument=trust({"Service": "codebuild.amazonaws.com"}),
        Policies=inline(
            allow("iam:PassRole", {"Fn::GetAtt": ["Admin", "Arn"]}),
            allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
        ),
    ),
    "Admin": resource(
        "IAM::Role",
        RoleName="admin",
        AssumeRolePolicyDocument=trust({"Service": "lambda.amazonaws.com"}),
        ManagedPolicyArns=[{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"}],
    ),
    "Helpdesk": resource("IAM::User", UserName="helpdesk", Policies=inline(allow("iam:DeactivateMFADevice"))),
    "Bucket0reports": resource("S3::Bucket", BucketName="acme-reports"),
    "Policy": resource(
        "S3::BucketPolicy",
        Bucket={"Ref": "Bucket0reports"},
        PolicyDocument=document(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": BUCKET,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
    ),
}


def write(folder: Path, **changes: Any) -> Path:
    """Write the account with some resources replaced, or removed (None)."""
    resources = {name: each for name, each in (ACCOUNT | changes).items() if each is not None}
    file = folder / "access.template.json"
    file.write_text(json.dumps({"Resources": resources}, indent=1))
    return file
