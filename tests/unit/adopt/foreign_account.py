"""An account that grew without Keywright: people, software, service roles, and what no declaration can express."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT, REGION = "1" * 12, "eu-central-1"
OTHER = "2" * 12
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
DAY = "2025-02-03T10:00:00+00:00"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def trust(principal: dict[str, Any], action: str = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def _managed(*arns: str) -> list[dict[str, str]]:
    whole = [each if each.startswith("arn:") else f"arn:aws:iam::aws:policy/{each}" for each in arns]
    return [{"PolicyName": each.rpartition("/")[2], "PolicyArn": each} for each in whole]


def identity(
    kind: str,
    name: str,
    *statements: dict[str, Any],
    path: str = "/",
    managed: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    policies = [{"PolicyName": "inline", "PolicyDocument": document(*statements)}] if statements else []
    return {
        "Path": path,
        f"{kind}Name": name,
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind.lower()}{path}{name}",
        f"{kind}PolicyList": policies,
        "AttachedManagedPolicies": _managed(*managed),
        **more,
    }


def user(name: str, *statements: dict[str, Any], groups: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return identity("User", name, *statements, GroupList=list(groups), Tags=more.pop("tags", []), **more)


def group(name: str, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return identity("Group", name, *statements, **more)


def role(name: str, trusted: dict[str, Any], *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = identity("Role", name, *statements, AssumeRolePolicyDocument=trusted, **more)
    return {"MaxSessionDuration": 3600, "Description": "", "InstanceProfileList": [], "Tags": [], **found}


def profile(name: str, path: str = "/") -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:instance-profile{path}{name}"
    return {"InstanceProfileName": name, "Path": path, "Arn": arn, "Roles": []}


def policy(name: str, *statements: dict[str, Any], path: str = "/") -> dict[str, Any]:
    return {
        "PolicyName": name,
        "Path": path,
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy{path}{name}",
        "Description": "",
        "PolicyVersionList": [
            {"VersionId": "v3", "IsDefaultVersion": True, "Document": document(*statements)}
        ],
    }


def key(owner: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "UserName": owner,
        "AccessKeyId": f"AKIAEXAMPLE{number:09}",
        "Status": "Active",
        "CreateDate": DAY,
        **more,
    }


def account(**parts: Any) -> dict[str, Any]:
    """Give an account with these parts and no others."""
    nothing: tuple[Any, ...] = ()
    empty = dict.fromkeys(
        (
            "UserDetailList",
            "GroupDetailList",
            "RoleDetailList",
            "Policies",
            "LoginProfiles",
            "PasswordLastUsed",
            "AccessKeys",
            "MFADevices",
            "OtherCredentials",
            "SAMLProviders",
            "OpenIDConnectProviders",
            "StackResources",
        ),
        nothing,
    )
    return {**empty, "AccountId": ACCOUNT, "Region": REGION, **parts}


def text(**parts: Any) -> str:
    return json.dumps(account(**parts), ensure_ascii=False)


READ_REPORTS = (
    allow("s3:ListBucket", "arn:aws:s3:::acme-reports", Condition={"StringLike": {"s3:prefix": "monthly/*"}}),
    allow(
        ["s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging"],
        "arn:aws:s3:::acme-reports/monthly/*",
    ),
)
GROWN = account(
    UserDetailList=[
        user("alice", groups=("developers",), tags=[{"Key": "email", "Value": "alice@acme.example"}]),
        user("bob", groups=("developers", "administrators")),
        user("ci-deploy", allow(["s3:PutObject", "s3:DeleteObject"], "arn:aws:s3:::acme-site/*")),
        user("Zoë", path="/people/"),
        user(
            "eva",
            {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
            groups=("developers",),
            tags=[{"Key": "team", "Value": "Müller und Söhne"}],
            PermissionsBoundary={"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/team/limits"},
        ),
    ],
    GroupDetailList=[
        group("developers", *READ_REPORTS, managed=(f"arn:aws:iam::{ACCOUNT}:policy/team/logs",)),
        group("administrators", managed=("AdministratorAccess",)),
    ],
    RoleDetailList=[
        role(
            "thumbnails", trust({"Service": "lambda.amazonaws.com"}), *READ_REPORTS[1:], path="/service-role/"
        ),
        role(
            "deploy",
            trust(
                {"Federated": PROVIDER},
                "sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringEquals": {
                        f"{GITHUB}:aud": "sts.amazonaws.com",
                        f"{GITHUB}:sub": "repo:acme/shop:environment:production",
                    }
                },
            ),
            allow("cloudformation:*", "*"),
            MaxSessionDuration=7200,
        ),
        role(
            "auditors",
            trust(
                {"AWS": f"arn:aws:iam::{OTHER}:root"},
                Condition={"StringEquals": {"sts:ExternalId": "acme-7f3a"}},
            ),
            managed=("SecurityAudit",),
        ),
        role(
            "shop-server",
            trust({"Service": "ec2.amazonaws.com"}),
            *READ_REPORTS,
            InstanceProfileList=[profile("shop-server-profile")],
        ),
        role("ping", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/pong"})),
        role("pong", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ping"})),
        role("open", trust({"AWS": "*"})),
        role(
            "AWSServiceRoleForSupport",
            trust({"Service": "support.amazonaws.com"}),
            path="/aws-service-role/support.amazonaws.com/",
        ),
    ],
    Policies=[
        policy("logs", allow("logs:*", "*"), path="/team/"),
        policy("limits", allow("*", "*"), path="/team/"),
        policy("unused", allow("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders")),
    ],
    StackResources=[
        {
            "StackName": "thumbnails-production",
            "LogicalResourceId": "Role",
            "PhysicalResourceId": "thumbnails",
            "ResourceType": "AWS::IAM::Role",
        }
    ],
    LoginProfiles=[{"UserName": each, "CreateDate": DAY} for each in ("alice", "bob", "eva")],
    PasswordLastUsed=[{"UserName": "alice", "Date": "2026-11-30T08:00:00+00:00"}],
    AccessKeys=[
        key("bob", 1),
        key(
            "ci-deploy",
            2,
            LastUsedDate="2026-12-01T00:00:00+00:00",
            LastUsedService="s3",
            LastUsedRegion=REGION,
        ),
    ],
    MFADevices=[
        {"UserName": "alice", "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice", "EnableDate": DAY}
    ],
    OpenIDConnectProviders=[
        {"Arn": PROVIDER, "Url": GITHUB, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": []}
    ],
)
