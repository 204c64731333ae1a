"""Builders of account snapshots: each shows only what the case is about."""

import json
from pathlib import Path
from typing import Any

from keywright.account.snapshot import AccountSnapshot, snapshot_of

ACCOUNT = "111111111111"
IAM = f"arn:aws:iam::{ACCOUNT}"
DAY = "2026-12-01T10:00:00+00:00"


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """Give a policy document with one Allow statement."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(**principal: Any) -> dict[str, Any]:
    """Give a trust policy, such as `trust(Service="ec2.amazonaws.com")`."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _identity(
    kind: str, name: str, path: str, *, attached: tuple[str, ...], created: str, more: dict[str, Any]
) -> dict[str, Any]:
    return {
        "Path": path,
        f"{kind}Name": name,
        f"{kind}Id": f"ID{name.upper()}",
        "Arn": f"{IAM}:{kind.lower()}{path}{name}",
        "CreateDate": created,
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in attached
        ],
        **more,
    }


def _boundary(arn: str) -> dict[str, Any]:
    if not arn:
        return {}
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def _inline(policies: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": document} for name, document in (policies or {}).items()]


def _tags(tags: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def user(
    name: str,
    *,
    path: str = "/",
    groups: tuple[str, ...] = (),
    inline: dict[str, Any] | None = None,
    attached: tuple[str, ...] = (),
    boundary: str = "",
    tags: dict[str, str] | None = None,
    created: str = DAY,
) -> dict[str, Any]:
    more = {"GroupList": list(groups), "UserPolicyList": _inline(inline), "Tags": _tags(tags)}
    return _identity("User", name, path, attached=attached, created=created, more=more | _boundary(boundary))


def group(
    name: str,
    *,
    path: str = "/",
    inline: dict[str, Any] | None = None,
    attached: tuple[str, ...] = (),
    created: str = DAY,
) -> dict[str, Any]:
    return _identity(
        "Group", name, path, attached=attached, created=created, more={"GroupPolicyList": _inline(inline)}
    )


def role(
    name: str,
    trust_policy: dict[str, Any],
    *,
    path: str = "/",
    inline: dict[str, Any] | None = None,
    attached: tuple[str, ...] = (),
    boundary: str = "",
    tags: dict[str, str] | None = None,
    created: str = DAY,
    last_used: str = "",
    profiles: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    own: dict[str, Any] = {
        "AssumeRolePolicyDocument": trust_policy,
        "RolePolicyList": _inline(inline),
        "Tags": _tags(tags),
        "RoleLastUsed": {"LastUsedDate": last_used, "Region": "eu-central-1"} if last_used else {},
        "InstanceProfileList": [
            {"InstanceProfileName": each, "Path": "/", "Arn": f"{IAM}:instance-profile/{each}"}
            for each in profiles
        ],
    }
    return _identity(
        "Role", name, path, attached=attached, created=created, more=own | _boundary(boundary) | more
    )


def policy(name: str, document: dict[str, Any], *, path: str = "/", created: str = DAY) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "Path": path,
        "Arn": f"{IAM}:policy{path}{name}",
        "CreateDate": created,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": True, "Document": document, "CreateDate": created}
        ],
    }


def access_key(
    user_name: str, key: str = "", *, status: str = "Active", created: str = DAY, last_used: str = ""
) -> dict[str, Any]:
    used = {"LastUsedDate": last_used, "LastUsedService": "s3", "LastUsedRegion": "eu-central-1"}
    return {
        "UserName": user_name,
        "AccessKeyId": key or f"AKIA{user_name.upper()}",
        "Status": status,
        "CreateDate": created,
        **(used if last_used else {}),
    }


def login(user_name: str, *, created: str = DAY, reset: bool = False) -> dict[str, Any]:
    return {"UserName": user_name, "CreateDate": created, "PasswordResetRequired": reset}


def mfa(user_name: str, *, enabled: str = DAY) -> dict[str, Any]:
    return {"UserName": user_name, "SerialNumber": f"{IAM}:mfa/{user_name}", "EnableDate": enabled}


def account(
    *,
    users: tuple[dict[str, Any], ...] = (),
    groups: tuple[dict[str, Any], ...] = (),
    roles: tuple[dict[str, Any], ...] = (),
    policies: tuple[dict[str, Any], ...] = (),
    **parts: Any,
) -> dict[str, Any]:
    """Give a snapshot in which no credential part is unread; `parts` are its other keys, such as `AccessKeys`."""
    return {
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
        "ReadAt": DAY,
        "AccountId": ACCOUNT,
        "Region": "eu-central-1",
        "LoginProfiles": [],
        "PasswordLastUsed": [],
        "AccessKeys": [],
        "MFADevices": [],
        "OtherCredentials": [],
        **parts,
    }


def snapshot(**parts: Any) -> AccountSnapshot:
    """Read a snapshot with these parts; the parameters are those of `account`."""
    return snapshot_of(json.dumps(account(**parts), indent=1), "account.json")


def write_account(path: Path, **parts: Any) -> Path:
    path.write_text(json.dumps(account(**parts), indent=1))
    return path
