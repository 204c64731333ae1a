"""The identities that exist in the account under Keywright's path, read from the IAM API. Changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date

    from mypy_boto3_iam import IAMClient


IDENTITY_CENTER_PATH = "/aws-reserved/sso.amazonaws.com/"
"""The beginning of their path; the instance's region follows, unless it is us-east-1."""


CONCURRENT_READS = 8
"""Concurrent requests: six per user would take minutes in sequence, and IAM's rate limit is far higher."""


@dataclass(frozen=True, kw_only=True)
class LiveIdentity:
    """A user, group or role with its own policies: ARNs of attached ones, names of inline ones; a group has no path here."""

    name: str
    inline: frozenset[str] = frozenset()
    attached: frozenset[str] = frozenset()
    boundary: str | None = None
    path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LiveUser(LiveIdentity):
    """A user with its credentials. `keys` are pairs of id and status, `others` counts other credentials by kind.

    `oldest_key` is the day on which the oldest active key was created.
    """

    groups: frozenset[str] = frozenset()
    login: bool = False
    keys: tuple[tuple[str, str], ...] = ()
    oldest_key: date | None = None
    devices: int = 0
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LiveIdentities:
    """Everything under one path by name, and the groups of users outside it (`external_members`)."""

    users: Mapping[str, LiveUser]
    groups: Mapping[str, LiveIdentity]
    roles: Mapping[str, LiveIdentity]
    policies: frozenset[str]
    external_members: Mapping[str, frozenset[str]]
    external_users: Mapping[str, LiveUser] | None = None
    """The users outside the path with their credentials; `None` if they were not asked for."""
    identity_center_roles: Mapping[str, LiveIdentity] = field(default_factory=dict)
    """The roles created by IAM Identity Center, which are outside of the path."""
    summary: Mapping[str, int] = field(default_factory=dict)
    """The account's numbers of resources and quotas."""


def read_identities(
    iam_client: IAMClient, path: str, *, adopted: Collection[str] = (), all_paths: bool = False
) -> LiveIdentities:
    """Read everything under a path ("GetAccountAuthorizationDetails", IAM API Reference); with `all_paths` all users.

    `adopted` are the ARNs of users, groups and roles that are read wherever they are.

    Raises:
        botocore.exceptions.ClientError: Read access is missing; nothing is left out silently.
    """
    details = _details(iam_client)

    def is_ours(detail: Any) -> bool:
        return detail["Path"].startswith(path) or detail["Arn"] in adopted

    ours = {kind: list(filter(is_ours, found)) for kind, found in details.items()}
    outside = [each for each in details["UserDetailList"] if not is_ours(each)]
    with ThreadPoolExecutor(CONCURRENT_READS) as pool:
        users = pool.map(partial(_user, iam_client), ours["UserDetailList"])
        external_users = pool.map(partial(_user, iam_client), outside if all_paths else [])
        roles = pool.map(partial(_role, iam_client), ours["RoleDetailList"])
        of_center = [
            each for each in details["RoleDetailList"] if each["Path"].startswith(IDENTITY_CENTER_PATH)
        ]
        identity_center_roles = pool.map(partial(_role, iam_client), of_center)
        return LiveIdentities(
            users={user.name: user for user in users if user is not None},
            groups={each["GroupName"]: _group(each) for each in ours["GroupDetailList"]},
            roles={role.name: role for role in roles},
            policies=frozenset(each["PolicyName"] for each in ours["Policies"]),
            external_members={each["UserName"]: frozenset(each["GroupList"]) for each in outside},
            external_users={user.name: user for user in external_users if user is not None}
            if all_paths
            else None,
            identity_center_roles={role.name: role for role in identity_center_roles},
            summary={
                str(key): value for key, value in iam_client.get_account_summary()["SummaryMap"].items()
            },
        )


def _details(iam_client: IAMClient) -> dict[str, list[Any]]:
    pages: Iterable[Any] = iam_client.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "Group", "Role", "LocalManagedPolicy"]
    )
    kinds = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    found: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for page in pages:
        for kind in kinds:
            found[kind] += page.get(kind, [])
    return found


def _user(iam_client: IAMClient, detail: Any) -> LiveUser | None:
    """Read one user's credentials; `None` if the user was deleted since it was listed."""
    name = detail["UserName"]
    try:
        keys = list(_pages(iam_client.list_access_keys, "AccessKeyMetadata", UserName=name))
        active = (key["CreateDate"].date() for key in keys if key["Status"] == "Active")
        return LiveUser(
            name=name,
            inline=_names(detail, "UserPolicyList"),
            attached=_arns(detail),
            # The list can lack a boundary that GetUser returns, so nobody is reported before it is asked.
            boundary=_boundary(detail) or _boundary(iam_client.get_user(UserName=name)["User"]),
            path=detail["Path"],
            tags=_tags(detail),
            groups=frozenset(detail["GroupList"]),
            login=_has_login(iam_client, name),
            keys=tuple(sorted((key["AccessKeyId"], key["Status"]) for key in keys)),
            oldest_key=min(active, default=None),
            devices=len(list(_pages(iam_client.list_mfa_devices, "MFADevices", UserName=name))),
            others=_others(iam_client, name),
        )
    except iam_client.exceptions.NoSuchEntityException:
        return None


def _others(iam_client: IAMClient, name: str) -> dict[str, int]:
    lists: dict[str, tuple[Callable[..., Any], str]] = {
        "SSH public key": (iam_client.list_ssh_public_keys, "SSHPublicKeys"),
        "signing certificate": (iam_client.list_signing_certificates, "Certificates"),
        "service-specific credential": (
            iam_client.list_service_specific_credentials,
            "ServiceSpecificCredentials",
        ),
    }
    counted = {kind: len(list(_pages(call, key, UserName=name))) for kind, (call, key) in lists.items()}
    return {kind: number for kind, number in counted.items() if number}


def _has_login(iam_client: IAMClient, name: str) -> bool:
    try:
        iam_client.get_login_profile(UserName=name)
    except iam_client.exceptions.NoSuchEntityException:
        return False
    return True


def _pages(call: Callable[..., Any], key: str, **request: str) -> Iterator[Any]:
    """Yield all pages of a list call; botocore has no paginator for some of them."""
    page = call(**request)
    yield from page.get(key, [])
    while page.get("IsTruncated"):
        page = call(**request, Marker=page["Marker"])
        yield from page.get(key, [])


def _role(iam_client: IAMClient, detail: Any) -> LiveIdentity:
    name = detail["RoleName"]
    return LiveIdentity(
        name=name,
        inline=_names(detail, "RolePolicyList"),
        attached=_arns(detail),
        boundary=_boundary(detail) or _boundary(iam_client.get_role(RoleName=name)["Role"]),
        path=detail["Path"],
        tags=_tags(detail),
    )


def _group(detail: Any) -> LiveIdentity:
    return LiveIdentity(
        name=detail["GroupName"], inline=_names(detail, "GroupPolicyList"), attached=_arns(detail)
    )


def _names(detail: Any, key: str) -> frozenset[str]:
    return frozenset(policy["PolicyName"] for policy in detail.get(key, []))


def _arns(detail: Any) -> frozenset[str]:
    return frozenset(policy["PolicyArn"] for policy in detail.get("AttachedManagedPolicies", []))


def _boundary(detail: Any) -> str | None:
    """Read a boundary. If it is missing, the callers ask `GetUser` or `GetRole` before they report anything."""
    found: str | None = detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return found


def _tags(detail: Any) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in detail.get("Tags", [])}
