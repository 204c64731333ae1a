"""The permissions boundary: what identities under our path may at most do, whoever grants it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.accepted_finding import accept_all, accept_wildcards, in_strict_packs
from access_constructs.command_line import COMMAND_LINE_ACTIONS
from access_constructs.fence import fence_statements
from access_constructs.logical_id import logical_id
from access_constructs.mfa_guard import own_user, self_service_statements
from access_constructs.own_access_keys import KEY_WRITING
from access_constructs.owned_policies import MANAGED_QUOTA, document_size
from access_constructs.refusal import refusal
from keywright.policy.statement import Statement, policy_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BOUNDARY_POLICY = "keywright-boundary"
WIDE_BOUNDARY_POLICY = "keywright-boundary-any-service"
"""For holders of managed policies: which services those reach, AWS may change at any time."""

_CAPS = "a permissions boundary caps what others grant and grants nothing itself"
_SERVICE = re.compile(r"\*|[a-z0-9-]+")


class Boundary(Construct):
    """The managed policy `keywright-boundary`; every identity of ours carries it as its permissions boundary.

    Another `policy_name` makes a boundary of the same fence over other services; whoever carries it may still make
    identities under `keywright-boundary` only.

    Allows what the named services do (`*` stands for all; a secret takes decrypting with its key), `sts`, `aws login` and looking after one's own sign-in.
    Denies the ways out: an IAM write on anything outside the path, and on users and groups anywhere; a role made or
    changed without this boundary; taking a boundary away; somebody else's sign-in; editing boundary, guard or keeper;
    passing or assuming one of the account's other roles; reading or changing what is handed over; the keeper's function
    and log; Identity Center; and changing `stacks`, the names of the stacks that hold all this. `roles_outside` are ARNs
    of roles outside the path that may be assumed all the same. `denials` are further statements that deny, for the whole
    account (`account_denials`). `key_readers` says that users with the tag `keys`, and these
    ARNs of roles, may read keys of applications; without it, those who hand over do. With `own_access_keys`, users with
    the tag `keywright-own-access-keys` may look after keys of their own; nobody may without. `delegated` are ARNs of the
    boundaries of `Delegation`s, under which roles may be made too. Blind to what somebody else's resource does with a role
    of its own, such as a function whose code may be changed: that takes a grant on it, which the guardrails judge.

    Raises:
        ValueError: The document exceeds the 6,144 characters of a managed policy, or a service is no service prefix.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        path: str,
        services: Sequence[str],
        roles_outside: Sequence[str] = (),
        stacks: Sequence[str] = (),
        key_readers: Sequence[str] | None = None,
        delegated: Sequence[str] = (),
        policy_name: str = BOUNDARY_POLICY,
        own_access_keys: bool = False,
        denials: Sequence[Statement] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        statements = boundary_statements(
            stack.partition,
            stack.account,
            path,
            services=services,
            roles_outside=roles_outside,
            stacks=stacks,
            key_readers=key_readers,
            delegated=delegated,
            own_access_keys=own_access_keys,
            denials=denials,
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=policy_name,
            path=path,
            description="What identities under this path may at most do",
            policy_document=policy_document(*statements),
        )
        policy.override_logical_id(logical_id("ManagedPolicy", policy_name))
        policy.add_metadata("keywright:serves", "permissions boundary")
        accept_wildcards(policy, statements, _CAPS)
        accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithFullAccess": _CAPS}))
        if "*" in services:
            accept_all(policy, in_strict_packs({"IAMPolicyNoStatementsWithAdminAccess": _CAPS}))
        self.arn = self.arn_in(stack.partition, stack.account, path, policy_name)

    @staticmethod
    def arn_in(partition: str, account: str, path: str, policy_name: str = BOUNDARY_POLICY) -> str:
        """Give the boundary's ARN, the same in every stack."""
        return f"arn:{partition}:iam::{account}:policy{path}{policy_name}"


def boundary_statements(
    partition: str,
    account: str,
    path: str,
    *,
    services: Sequence[str],
    roles_outside: Sequence[str] = (),
    stacks: Sequence[str] = (),
    key_readers: Sequence[str] | None = None,
    delegated: Sequence[str] = (),
    own_access_keys: bool = False,
    denials: Sequence[Statement] = (),
) -> tuple[Statement, ...]:
    """Give the boundary's statements: first what it allows, then what it denies.

    Raises:
        ValueError: See `Boundary`.
    """
    statements = (
        _services(services),
        *(() if "*" in services else _own(partition, account, path, own_access_keys=own_access_keys)),
        *fence_statements(
            partition,
            account,
            path,
            boundary_arn=Boundary.arn_in(partition, account, path),
            services=services,
            roles_outside=roles_outside,
            stacks=stacks,
            key_readers=key_readers,
            delegated=delegated,
            own_access_keys=own_access_keys,
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


def _own(partition: str, account: str, path: str, *, own_access_keys: bool) -> Iterator[Statement]:
    """Allow what people do about their own sign-in; where any service is allowed it is part of that, and takes no room."""
    yield from self_service_statements(partition, account, path)
    if own_access_keys:
        yield _own_keys(partition, account, path)


def _own_keys(partition: str, account: str, path: str) -> Statement:
    own = (own_user(partition, account, path),)
    return Statement(sid="OwnKeys", actions=(KEY_WRITING, "iam:GetAccessKeyLastUsed"), resources=own)


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
