"""A role that is assumed: what the roles for people, partners, workflows and federated users stand on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.accepted_finding import in_strict_packs
from access_constructs.logical_id import logical_id
from access_constructs.necessary_wildcards import accept_necessary_wildcards
from access_constructs.owned_policies import INLINE_IS_MEANT, owned_policies
from access_constructs.refusal import refusal
from access_constructs.tag_list import tag_list
from access_constructs.trust_document import trust_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.statement import Statement

ROLE_INLINE_QUOTA = 10_240
SESSION_SECONDS = range(3_600, 43_201)
"""A role's maximum session duration, 1 to 12 hours ("Update the maximum session duration for a role")."""
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")


class AccessRole(Construct):
    """An `AWS::IAM::Role` under its declared name, with its grants inside it and a permissions boundary.

    Name and path are create-only, and there is no description, so that no edit of grants, trust or length of a session
    replaces the role ("AWS::IAM::Role", CloudFormation Template Reference). `boundary_arn=None` says that a role has no
    boundary, as the one that repairs the account must.

    Raises:
        ValueError: A name, a length or a document that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str | None,
        trust: Sequence[Statement],
        session_seconds: int,
        statements: Sequence[Statement],
        managed_policy_arns: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _refuse_bad(name, session_seconds)
        owned = owned_policies(
            self,
            kind="Role",
            name=name,
            path=path,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            inline_quota=ROLE_INLINE_QUOTA,
        )
        self.role = iam.CfnRole(
            self,
            "Role",
            role_name=name,
            path=path,
            permissions_boundary=boundary_arn,
            assume_role_policy_document=trust_document(name, trust),
            max_session_duration=session_seconds,
            policies=owned.policies or None,
            managed_policy_arns=owned.managed_policy_arns or None,
            tags=tag_list(tags),
        )
        self.role.override_logical_id(logical_id("Role", name))
        known = INLINE_IS_MEANT if owned.policies else {}
        accept_necessary_wildcards(self, statements, beside=in_strict_packs(known))

    @property
    def arn(self) -> str:
        """The role's ARN as a reference inside its stack; elsewhere `role_arn` gives it literally."""
        return self.role.attr_arn


def role_arn(*, partition: str, account: str, path: str, name: str) -> str:
    """Give a role's ARN literally, for statements in other stacks."""
    return f"arn:{partition}:iam::{account}:role{path}{name}"


def _refuse_bad(name: str, session_seconds: int) -> None:
    if not _NAME.fullmatch(name):
        raise refusal(
            "a role's name is malformed", found=f"`{name}`", accepted="1 to 64 letters, digits and `+=,.@_-`"
        )
    if session_seconds not in SESSION_SECONDS:
        raise refusal(
            f"a session of role `{name}` is too short or too long",
            found=f"`{session_seconds}` seconds",
            accepted=f"{SESSION_SECONDS.start} to {SESSION_SECONDS.stop - 1}",
        )
