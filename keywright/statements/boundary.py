"""The statements of a permissions boundary: what it allows, and the denials that every boundary contains.

The denials keep an identity with the boundary from gaining more by IAM itself: from creating identities without the
boundary, changing what deployments manage, and reading other people's sign-in information.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.reference.catalogue import IAM_WRITE_ACTIONS
from keywright.policy.statement import Conditions, Effect, Statement, policy_document
from keywright.reporting.text import refusal
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
    own_users,
    self_service_statements,
)
from keywright.statements.trusts.same_account import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


BOUNDARY_POLICY = "keywright-boundary"
WIDE_BOUNDARY_POLICY = "keywright-boundary-any-service"
"""For identities with AWS managed policies: AWS can add services to these at any time."""
DELEGATED_POLICY = "keywright-delegated-"
"""Prefix of the name of a delegation's boundary; every boundary denies changing policies named `keywright-*`."""
_SERVICE = re.compile(r"\*|[a-z0-9-]+")
ROLE_ACTIONS = (
    "iam:AttachRole*",
    "iam:CreateRole",
    "iam:DeleteRole*",
    "iam:DetachRole*",
    "iam:PutRole*",
    "iam:Update*Role*",
)
"""Actions on roles whose requests contain `iam:PermissionsBoundary`. A request without that key is denied, which is safe."""

READ_ACTIONS = (
    *("cloudformation:Describe*", "cloudformation:Detect*", "cloudformation:Get*", "cloudformation:List*"),
    *("iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"),
    *("lambda:Get*", "lambda:List*"),
    *("logs:Describe*", "logs:Filter*", "logs:Get*", "logs:List*", "logs:Start*", "logs:Stop*"),
    *("secretsmanager:Describe*", "secretsmanager:Get*", "secretsmanager:List*"),
    "sts:GetSessionToken",
)
OWN_SIGN_IN_ACTIONS = ("iam:ChangePassword", "iam:*MFADevice")
"""What people do with their own user: change its password; enable, deactivate and resynchronize its MFA devices."""

IDENTITY_CENTER_ACTIONS = {
    "identitystore": ("Create", "Update"),
    "sso": ("Associate", "Attach", "Create", "Delete", "Detach", "Provision", "Put", "Start", "Update"),
    "sso-directory": ("Add", "Complete", "Create", "Enable", "Import", "Start", "Update"),
}
"""Prefixes of write actions of IAM Identity Center, which creates roles of its own outside the path."""


class BoundaryRestrictions(TypedDict, total=False):
    """Arguments of `restriction_statements` that the `Boundary` construct passes on; documented there."""

    roles_outside: Sequence[str]
    stacks: Sequence[str]
    key_readers: Sequence[str] | None
    own_access_keys: bool
    delegated: Sequence[str]
    sessions: bool
    other_user_paths: Sequence[str]


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
    **restrictions: Unpack[BoundaryRestrictions],
) -> tuple[Statement, ...]:
    """Give the boundary's statements: first what it allows, then what it denies.

    Raises:
        ValueError: See `Boundary`.
    """
    statements = (
        _services(services),
        *(() if "*" in services else _own(partition, account, path, **restrictions)),
        *restriction_statements(
            partition,
            account,
            path,
            boundary_arn=boundary_arn(partition, account, path),
            services=services,
            **restrictions,
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
    partition: str, account: str, path: str, **restrictions: Unpack[BoundaryRestrictions]
) -> Iterator[Statement]:
    """Allow managing one's own sign-in; a boundary for any service allows it already.

    With users under other paths it names all users, which is shorter: the denials restrict writes to one's own user, and
    grants restrict reads.
    """
    every_user = f"arn:{partition}:iam::{account}:user/*"
    elsewhere = bool(restrictions.get("other_user_paths"))
    for statement in self_service_statements(partition, account, path):
        of_user = elsewhere and statement.resources == own_users(partition, account, (path,))
        yield replace(statement, resources=(every_user,)) if of_user else statement
    if restrictions.get("own_access_keys", False):
        yield _own_keys((every_user,) if elsewhere else own_users(partition, account, (path,)))


def _own_keys(own: tuple[str, ...]) -> Statement:
    return Statement(sid="OwnKeys", actions=(WRITE_ACCESS_KEYS, "iam:GetAccessKeyLastUsed"), resources=own)


def _services(services: Sequence[str]) -> Statement:
    # People assume roles and request session tokens, whatever services their grants name.
    named = {*services, "sts"}
    for service in sorted(named):
        if not _SERVICE.fullmatch(service):
            raise refusal(
                "a permissions boundary is for named services",
                found=f"`{service}`",
                accepted="prefixes such as `s3`, or `*`",
            )
    whole = {f"{service}:*" for service in named}
    # A secret that is encrypted with a customer managed key can only be read with `kms:Decrypt` on that key.
    of_secrets = {"kms:Decrypt"} if "secretsmanager" in named and "kms" not in named else set()
    actions = ("*",) if "*" in named else tuple(sorted({*whole, *of_secrets, *COMMAND_LINE_ACTIONS}))
    return Statement(sid="Services", actions=actions, resources=("*",))


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
    other_user_paths: Sequence[str] = (),
) -> tuple[Statement, ...]:
    """Deny privilege escalation by IAM and changes to what deployments manage.

    Roles, instance profiles and policies can be created under the path, roles only with this boundary or one of the
    `delegated` ones, which allow less. Users and groups are as declared: nobody changes them, but people manage their
    own sign-in. Variables in `NotResource` have a default value, because the documentation contradicts itself about
    variables without a value there ("IAM policy elements: Variables and tags").
    """
    user_paths = (path, *other_user_paths)
    return (
        *_deny_other_identities(
            partition, account, path, (boundary_arn, *sorted(delegated)), user_paths=user_paths
        ),
        _deny_manual_changes(partition, account, path, stacks, own_access_keys=own_access_keys),
        *((_deny_own_keys(),) if own_access_keys else ()),
        _deny_tagging(partition, account),
        *((_deny_instance_tags(),) if sessions else ()),
        *_deny_reading_secrets(partition, account, "/" if other_user_paths else path, key_readers),
        _deny_other_roles(partition, account, path, roles_outside),
        *_deny_identity_center(services),
    )


def _deny_other_identities(
    partition: str, account: str, path: str, boundaries: tuple[str, ...], *, user_paths: Sequence[str]
) -> Iterator[Statement]:
    ours = f"arn:{partition}:iam::{account}"
    # Users and groups are missing here: memberships and policies of groups have no condition key for a
    # boundary.
    creatable = tuple(f"{ours}:{kind}{path}*" for kind in ("instance-profile", "policy", "role"))
    own = (
        *own_users(partition, account, user_paths, NOBODY),
        *own_devices(partition, account, NOBODY),
    )
    unbounded: Conditions = {"StringNotEquals": {"iam:PermissionsBoundary": boundaries}}
    yield _deny("OutsideThePath", IAM_WRITE_ACTIONS, not_resources=(*creatable, *own))
    yield _deny("WithoutThisBoundary", ROLE_ACTIONS, resources=("*",), conditions=unbounded)
    # The statement above does not deny this for a role that has the boundary.
    yield _deny("WithoutABoundary", ("iam:DeleteRolePermissionsBoundary",), resources=("*",))


def _deny_manual_changes(
    partition: str, account: str, path: str, stacks: Sequence[str], *, own_access_keys: bool
) -> Statement:
    """Deny changes by hand to users, boundaries, the identity keeper, its secrets and the stacks; reading is allowed."""
    ours = f"arn:{partition}:iam::{account}"
    return Statement(
        sid="AsDeclared",
        effect=Effect.DENY,
        # `NotAction` also denies actions that AWS adds later.
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
    """Deny managing access keys unless the user has the tag for it; all such users are in the MFA guard's group.

    Only a user can use the tag: `OutsideThePath` allows keys of one's own user alone, and a role session has no user.
    """
    unless: Conditions = {"StringNotEquals": {f"aws:PrincipalTag/{OWN_KEYS_TAG}": ("true",)}}
    return _deny("OwnKeysAsDeclared", (WRITE_ACCESS_KEYS,), resources=("*",), conditions=unless)


def _deny_tagging(partition: str, account: str) -> Statement:
    """Deny changing tags of roles and passing session tags: grants and trust policies compare them.

    Tags of users are already protected. An identity provider passes session tags without an identity of this account, so
    this does not deny it. IAM accepts no wildcard for the service of a resource, so both are listed.
    """
    return _deny(
        "Tags",
        ("iam:*TagRole", "sts:TagSession"),
        resources=tuple(f"arn:{partition}:{service}::{account}:*" for service in ("iam", "sts")),
    )


def _deny_instance_tags() -> Statement:
    """Deny setting the tag by which sessions are granted: on another instance it would grant a shell there.

    Auto Scaling groups propagate their tags to instances. `aws:TagKeys` is compared ignoring case, because IAM matches
    tag keys in conditions regardless of case.
    """
    tagged: Conditions = {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": (WORKLOAD_TAG,)}}
    tagging = ("autoscaling:Create*", "ec2:CreateTags", "ec2:DeleteTags")
    return _deny("SessionsAsDeclared", tagging, resources=("*",), conditions=tagged)


def _deny_reading_secrets(
    partition: str, account: str, path: str, key_readers: Sequence[str] | None
) -> Iterator[Statement]:
    """Deny reading first passwords and access keys except to the handover group, or to the declared readers of keys.

    The tag is accepted on users only, because a role session could get it as a session tag, and nobody with the boundary
    can tag users. Roles are named by ARN.
    """
    users = f"arn:{partition}:iam::{account}:user{path}*"
    both = sign_in_secret_arns(partition, "*", account)
    # Without declared readers, the handover group reads both kinds of secrets.
    if key_readers is None:
        yield from _deny_secrets("HandedOver", both, ("true",), users)
        return
    keys, passwords = both
    yield from _deny_secrets("HandedOver", (passwords,), ("true",), users)
    yield from _deny_secrets("KeysHandedOver", (keys,), ("true", KEYS_ONLY), users, *sorted(key_readers))


def _deny_secrets(
    sid: str, secrets: tuple[str, ...], tags: tuple[str, ...], users: str, *roles: str
) -> Iterator[Statement]:
    named: Conditions = {"ArnNotEquals": {"aws:PrincipalArn": roles}} if roles else {}
    tagged: Conditions = {"StringNotEquals": {f"aws:PrincipalTag/{HANDOVER_TAG}": tags}, **named}
    no_user: Conditions = {"ArnNotLike": {"aws:PrincipalArn": (users, *roles)}}
    # Two statements, because all conditions of one must match: either condition alone has to deny.
    for name, conditions in ((sid, tagged), (f"{sid}ByUsers", no_user)):
        yield _deny(name, ("secretsmanager:GetSecretValue",), resources=secrets, conditions=conditions)


def _deny_other_roles(partition: str, account: str, path: str, roles_outside: Sequence[str]) -> Statement:
    inside = (f"arn:{partition}:iam::{account}:role{path}*", *sorted(roles_outside))
    # A role of another account is limited by the grant that names it and by that account's trust policy.
    within: Conditions = {"StringEqualsIfExists": {"aws:ResourceAccount": (account,)}}
    return _deny("OtherRoles", ("sts:AssumeRole",), not_resources=inside, conditions=within)


def _deny_identity_center(services: Sequence[str]) -> Iterator[Statement]:
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
