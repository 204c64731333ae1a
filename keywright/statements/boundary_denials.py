"""The fence: what nobody within it may do, whoever grants it. The Deny statements of every permissions boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.reference.catalogue import IAM_WRITE_ACTIONS
from keywright.policy.statement import Conditions, Effect, Statement
from keywright.statements.handover import (
    FUNCTION_NAME,
    HANDOVER_TAG,
    KEEPER_LOG,
    READS_KEYS,
    handed_over_secrets,
)
from keywright.statements.self_service import KEY_WRITING, OWN_KEYS_TAG, own_devices, own_user
from keywright.statements.trusts.same_account import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ON_ROLES = (
    "iam:AttachRole*",
    "iam:CreateRole",
    "iam:DeleteRole*",
    "iam:DetachRole*",
    "iam:PutRole*",
    "iam:Update*Role*",
)
"""Actions on roles that carry `iam:PermissionsBoundary`; a request without that key is denied, which is the safe side."""

LOOKING = (
    *("cloudformation:Describe*", "cloudformation:Detect*", "cloudformation:Get*", "cloudformation:List*"),
    *("iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"),
    *("lambda:Get*", "lambda:List*"),
    *("logs:Describe*", "logs:Filter*", "logs:Get*", "logs:List*", "logs:Start*", "logs:Stop*"),
    *("secretsmanager:Describe*", "secretsmanager:Get*", "secretsmanager:List*"),
    "sts:GetSessionToken",
)
OWN_SIGN_IN = ("iam:ChangePassword", "iam:*MFADevice")
"""What people do to their own user: change its password, enable, deactivate and resynchronize its devices."""

DIRECTORIES = {
    "identitystore": ("Create", "Update"),
    "sso": ("Associate", "Attach", "Create", "Delete", "Detach", "Provision", "Put", "Start", "Update"),
    "sso-directory": ("Add", "Complete", "Create", "Enable", "Import", "Start", "Update"),
}
"""Services of IAM Identity Center, which makes roles of its own outside every path, and how their writing begins."""


class FenceTerms(TypedDict, total=False):
    """What a fence takes besides whom it holds, as boundaries hand it on; see `Boundary`."""

    roles_outside: Sequence[str]
    stacks: Sequence[str]
    key_readers: Sequence[str] | None
    own_access_keys: bool
    delegated: Sequence[str]
    sessions: bool


def fence_statements(
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
        *((_own_keys(),) if own_access_keys else ()),
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
    yield _deny("WithoutThisBoundary", ON_ROLES, resources=("*",), conditions=unbounded)
    yield _deny("WithoutABoundary", ("iam:DeleteRolePermissionsBoundary",), resources=("*",))


def _as_declared(
    partition: str, account: str, path: str, stacks: Sequence[str], *, own_access_keys: bool
) -> Statement:
    """Let users, the fence itself, the keeper, what is handed over and the stacks be looked at, and not changed by hand."""
    ours = f"arn:{partition}:iam::{account}"
    return Statement(
        sid="AsDeclared",
        effect=Effect.DENY,
        not_actions=(*LOOKING, *OWN_SIGN_IN, *((KEY_WRITING,) if own_access_keys else ())),
        resources=(
            f"{ours}:user/*",
            f"{ours}:policy{path}keywright-*",
            f"{ours}:role{path}keywright-*",
            f"arn:{partition}:lambda:*:{account}:function:{FUNCTION_NAME}*",
            f"arn:{partition}:logs:*:{account}:log-group:*{KEEPER_LOG}*",
            *handed_over_secrets(partition, "*", account),
            *(f"arn:{partition}:cloudformation:*:{account}:stack/{name}/*" for name in sorted(stacks)),
        ),
    )


def _own_keys() -> Statement:
    """Leave keys of one's own to those who are declared to make some, all of whom the guard holds.

    Software has no second factor to ask for. As with the handover, the tag counts on a user alone: `OutsideThePath` leaves
    the keys of one's own user, and a role's session is none.
    """
    unless: Conditions = {"StringNotEquals": {f"aws:PrincipalTag/{OWN_KEYS_TAG}": ("true",)}}
    return _deny("OwnKeysAsDeclared", (KEY_WRITING,), resources=("*",), conditions=unless)


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
    both = handed_over_secrets(partition, "*", account)
    if key_readers is None:
        yield from _handed_to("HandedOver", both, ("true",), users)
        return
    keys, passwords = both
    yield from _handed_to("HandedOver", (passwords,), ("true",), users)
    yield from _handed_to("KeysHandedOver", (keys,), ("true", READS_KEYS), users, *sorted(key_readers))


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
    reached = [name for name in DIRECTORIES if {name, "*"} & set(services)]
    if reached:
        actions = tuple(f"{name}:{verb}*" for name in reached for verb in DIRECTORIES[name])
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
