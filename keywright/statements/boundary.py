"""The statements of a permissions boundary, and its name; see `boundary.Boundary`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict, Unpack

from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.reference.catalogue import IAM_WRITE_ACTIONS
from keywright.policy.statement import Conditions, Effect, Statement, policy_document
from keywright.reporting.refusal import refusal
from keywright.statements.handover import (
    HANDOVER_TAG,
    KEEPER_FUNCTION,
    KEEPER_LOG,
    KEYS_ONLY,
    sign_in_secret_arns,
)
from keywright.statements.self_service import (
    COMMAND_LINE_ACTIONS,
    OWN_KEYS_TAG,
    WRITE_ACCESS_KEYS,
    own_devices,
    own_user,
    self_service_statements,
)
from keywright.statements.trusts.same_account import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


ROLE_ACTIONS = (
    "iam:AttachRole*",
    "iam:CreateRole",
    "iam:DeleteRole*",
    "iam:DetachRole*",
    "iam:PutRole*",
    "iam:Update*Role*",
)
"""Actions on roles that carry `iam:PermissionsBoundary`; a request without that key is denied, which is the safe side."""

READ_ACTIONS = (
    *("cloudformation:Describe*", "cloudformation:Detect*", "cloudformation:Get*", "cloudformation:List*"),
    *("iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"),
    *("lambda:Get*", "lambda:List*"),
    *("logs:Describe*", "logs:Filter*", "logs:Get*", "logs:List*", "logs:Start*", "logs:Stop*"),
    *("secretsmanager:Describe*", "secretsmanager:Get*", "secretsmanager:List*"),
    "sts:GetSessionToken",
)
OWN_SIGN_IN_ACTIONS = ("iam:ChangePassword", "iam:*MFADevice")
"""What people do to their own user: change its password, enable, deactivate and resynchronize its devices."""

IDENTITY_CENTER_ACTIONS = {
    "identitystore": ("Create", "Update"),
    "sso": ("Associate", "Attach", "Create", "Delete", "Detach", "Provision", "Put", "Start", "Update"),
    "sso-directory": ("Add", "Complete", "Create", "Enable", "Import", "Start", "Update"),
}
"""Services of IAM Identity Center, which makes roles of its own outside every path, and how their writing begins."""


class BoundaryRestrictions(TypedDict, total=False):
    """What a fence takes besides whom it holds, as boundaries hand it on; see `Boundary`."""

    roles_outside: Sequence[str]
    stacks: Sequence[str]
    key_readers: Sequence[str] | None
    own_access_keys: bool
    delegated: Sequence[str]
    sessions: bool


def restriction_statements(
    partition: str,
    account: str,
    path: str,
    *,
    boundary_arn: str,
    services: Sequence[str],
    roles_outside: Sequence[str] = (),
    stacks: Sequence[str] = (),
    key_readers: Sequence[str] | None = None,
    own_access_keys: bool = False,
    delegated: Sequence[str] = (),
    sessions: bool = False,
) -> tuple[Statement, ...]:
    """Deny the ways out.

    Roles, instance profiles and policies may be made under the path, roles with this boundary alone, or one of the
    `delegated`, which allow less. Users and groups
    are as declared: nobody changes one, but everybody their own sign-in. A variable in `NotResource` has a default,
    because AWS says two things of one without a value ("IAM policy elements: Variables and tags").
    """
    return (
        *_identities(partition, account, path, (boundary_arn, *sorted(delegated))),
        _as_declared(partition, account, path, stacks, own_access_keys=own_access_keys),
        *((_deny_own_keys(),) if own_access_keys else ()),
        _tags(partition, account),
        *((_instances(),) if sessions else ()),
        *_handed_over(partition, account, path, key_readers),
        _roles(partition, account, path, roles_outside),
        *_directories(services),
    )


def _identities(partition: str, account: str, path: str, boundaries: tuple[str, ...]) -> Iterator[Statement]:
    ours = f"arn:{partition}:iam::{account}"
    made = tuple(f"{ours}:{kind}{path}*" for kind in ("instance-profile", "policy", "role"))
    own = (own_user(partition, account, path, NOBODY), *own_devices(partition, account, NOBODY))
    unbounded: Conditions = {"StringNotEquals": {"iam:PermissionsBoundary": boundaries}}
    yield _deny("OutsideThePath", IAM_WRITE_ACTIONS, not_resources=(*made, *own))
    yield _deny("WithoutThisBoundary", ROLE_ACTIONS, resources=("*",), conditions=unbounded)
    yield _deny("WithoutABoundary", ("iam:DeleteRolePermissionsBoundary",), resources=("*",))


def _as_declared(
    partition: str, account: str, path: str, stacks: Sequence[str], *, own_access_keys: bool
) -> Statement:
    """Let users, the fence itself, the keeper, what is handed over and the stacks be looked at, and not changed by hand."""
    ours = f"arn:{partition}:iam::{account}"
    return Statement(
        sid="AsDeclared",
        effect=Effect.DENY,
        not_actions=(*READ_ACTIONS, *OWN_SIGN_IN_ACTIONS, *((WRITE_ACCESS_KEYS,) if own_access_keys else ())),
        resources=(
            f"{ours}:user/*",
            f"{ours}:policy{path}keywright-*",
            f"{ours}:role{path}keywright-*",
            f"arn:{partition}:lambda:*:{account}:function:{KEEPER_FUNCTION}*",
            f"arn:{partition}:logs:*:{account}:log-group:*{KEEPER_LOG}*",
            *sign_in_secret_arns(partition, "*", account),
            *(f"arn:{partition}:cloudformation:*:{account}:stack/{name}/*" for name in sorted(stacks)),
        ),
    )


def _deny_own_keys() -> Statement:
    """Leave keys of one's own to those who are declared to make some, all of whom the guard holds.

    Software has no second factor to ask for. As with the handover, the tag counts on a user alone: `OutsideThePath` leaves
    the keys of one's own user, and a role's session is none.
    """
    unless: Conditions = {"StringNotEquals": {f"aws:PrincipalTag/{OWN_KEYS_TAG}": ("true",)}}
    return _deny("OwnKeysAsDeclared", (WRITE_ACCESS_KEYS,), resources=("*",), conditions=unless)


def _tags(partition: str, account: str) -> Statement:
    """Leave the tags of roles and sessions as they are: a grant may decide by them, and so may what a role trusts.

    Those of users are as declared. A provider's session tags are its own: it acts with no identity of ours. Sessions of
    another account's roles are its own too; IAM takes no wildcard for the services of a resource.
    """
    return _deny(
        "Tags",
        ("iam:*TagRole", "sts:TagSession"),
        resources=tuple(f"arn:{partition}:{service}::{account}:*" for service in ("iam", "sts")),
    )


def _instances() -> Statement:
    """Leave the tag alone by which sessions are granted: on an instance of somebody else's it would open that one.

    A group hands its own tags to instances that it launches. Names of condition keys know no case, those of tags do.
    """
    tagged: Conditions = {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": (WORKLOAD_TAG,)}}
    tagging = ("autoscaling:Create*", "ec2:CreateTags", "ec2:DeleteTags")
    return _deny("SessionsAsDeclared", tagging, resources=("*",), conditions=tagged)


def _handed_over(
    partition: str, account: str, path: str, key_readers: Sequence[str] | None
) -> Iterator[Statement]:
    """Leave first passwords and keys to the handover group, or keys to those who are said to read some.

    The tag counts on a user alone: it can be brought into the session of a role, and nobody within the fence tags users.
    Roles are known by name.
    """
    users = f"arn:{partition}:iam::{account}:user{path}*"
    both = sign_in_secret_arns(partition, "*", account)
    if key_readers is None:
        yield from _handed_to("HandedOver", both, ("true",), users)
        return
    keys, passwords = both
    yield from _handed_to("HandedOver", (passwords,), ("true",), users)
    yield from _handed_to("KeysHandedOver", (keys,), ("true", KEYS_ONLY), users, *sorted(key_readers))


def _handed_to(
    sid: str, secrets: tuple[str, ...], tags: tuple[str, ...], users: str, *roles: str
) -> Iterator[Statement]:
    named: Conditions = {"ArnNotEquals": {"aws:PrincipalArn": roles}} if roles else {}
    tagged: Conditions = {"StringNotEquals": {f"aws:PrincipalTag/{HANDOVER_TAG}": tags}, **named}
    no_user: Conditions = {"ArnNotLike": {"aws:PrincipalArn": (users, *roles)}}
    for name, conditions in ((sid, tagged), (f"{sid}ByUsers", no_user)):
        yield _deny(name, ("secretsmanager:GetSecretValue",), resources=secrets, conditions=conditions)


def _roles(partition: str, account: str, path: str, roles_outside: Sequence[str]) -> Statement:
    inside = (f"arn:{partition}:iam::{account}:role{path}*", *sorted(roles_outside))
    within: Conditions = {"StringEqualsIfExists": {"aws:ResourceAccount": (account,)}}
    return _deny("OtherRoles", ("sts:AssumeRole",), not_resources=inside, conditions=within)


def _directories(services: Sequence[str]) -> Iterator[Statement]:
    reached = [name for name in IDENTITY_CENTER_ACTIONS if {name, "*"} & set(services)]
    if reached:
        actions = tuple(f"{name}:{verb}*" for name in reached for verb in IDENTITY_CENTER_ACTIONS[name])
        yield _deny("OtherDirectories", actions, resources=("*",))


def _deny(
    sid: str,
    actions: tuple[str, ...],
    *,
    resources: tuple[str, ...] = (),
    not_resources: tuple[str, ...] = (),
    conditions: Conditions | None = None,
) -> Statement:
    return Statement(
        sid=sid,
        effect=Effect.DENY,
        actions=actions,
        resources=resources,
        not_resources=not_resources,
        conditions=conditions or {},
    )


BOUNDARY_POLICY = "keywright-boundary"
WIDE_BOUNDARY_POLICY = "keywright-boundary-any-service"
"""For holders of managed policies: which services those reach, AWS may change at any time."""
DELEGATED_POLICY = "keywright-delegated-"
"""How the name of a delegation's boundary begins; the fence lets nobody write what begins with `keywright-`."""
_SERVICE = re.compile(r"\*|[a-z0-9-]+")


def boundary_arn(partition: str, account: str, path: str, policy_name: str = BOUNDARY_POLICY) -> str:
    """Give a boundary's ARN, the same in every stack."""
    return f"arn:{partition}:iam::{account}:policy{path}{policy_name}"


def boundary_statements(
    partition: str,
    account: str,
    path: str,
    *,
    services: Sequence[str],
    denials: Sequence[Statement] = (),
    **fence: Unpack[BoundaryRestrictions],
) -> tuple[Statement, ...]:
    """Give the boundary's statements: first what it allows, then what it denies.

    Raises:
        ValueError: See `Boundary`.
    """
    statements = (
        _services(services),
        *(() if "*" in services else _own(partition, account, path, **fence)),
        *restriction_statements(
            partition,
            account,
            path,
            boundary_arn=boundary_arn(partition, account, path),
            services=services,
            **fence,
        ),
        *denials,
    )
    size = document_size(policy_document(*statements))
    if size > MANAGED_QUOTA:
        raise refusal(
            "the permissions boundary is too long",
            found=f"{size} characters",
            accepted=f"at most {MANAGED_QUOTA}" + (", with fewer denials for the account" if denials else ""),
        )
    return statements


def _own(
    partition: str, account: str, path: str, **fence: Unpack[BoundaryRestrictions]
) -> Iterator[Statement]:
    """Allow what people do about their own sign-in; where any service is allowed it is part of that, and takes no room."""
    yield from self_service_statements(partition, account, path)
    if fence.get("own_access_keys", False):
        yield _own_keys(partition, account, path)


def _own_keys(partition: str, account: str, path: str) -> Statement:
    own = (own_user(partition, account, path),)
    return Statement(sid="OwnKeys", actions=(WRITE_ACCESS_KEYS, "iam:GetAccessKeyLastUsed"), resources=own)


def _services(services: Sequence[str]) -> Statement:
    named = {*services, "sts"}
    for service in sorted(named):
        if not _SERVICE.fullmatch(service):
            raise refusal(
                "a boundary names services", found=f"`{service}`", accepted="prefixes such as `s3`, or `*`"
            )
    whole = {f"{service}:*" for service in named}
    of_secrets = {"kms:Decrypt"} if "secretsmanager" in named and "kms" not in named else set()
    actions = ("*",) if "*" in named else tuple(sorted({*whole, *of_secrets, *COMMAND_LINE_ACTIONS}))
    return Statement(sid="Services", actions=actions, resources=("*",))
