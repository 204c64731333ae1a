"""The IAM user that people and applications build on, and its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import aws_cdk.aws_iam as iam

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.identity import (
    INLINE_ACCEPTED,
    IdentityArguments,
    IdentityDefinition,
    IdentityPolicies,
)
from access_constructs.synthesis.resources import Properties, tag_properties, typed_arguments
from keywright.policy.quotas import GROUPS_PER_USER, INLINE
from keywright.policy.statement import Effect, Statement
from keywright.reporting.text import refusal
from keywright.statements.handover import SECRET_PREFIX
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

Kind = Literal["User", "Application"]
MANAGED_PER_USER = 9
"""IAM allows ten; one is reserved for the keeper's deny-all policy, the first step of removing a user."""
_ONLY_DENIES = {"IAMUserNoPolicies": "the user's own policies only deny and grant no access"}


class UserArguments(IdentityArguments):
    """The arguments that people and applications share."""

    boundary_arn: str | None
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class UserDefinition(IdentityDefinition):
    """An IAM user with its memberships and policies as data."""

    kind: ClassVar[str] = "User"
    resource_type: ClassVar[str] = "AWS::IAM::User"
    inline_quota: ClassVar[int] = INLINE["user"].default

    boundary_arn: str | None
    tags: Mapping[str, str]
    groups: Sequence[str] = ()
    statements: Sequence[Statement] = ()

    def accepted_by_kind(self, *, inline: bool) -> Mapping[str, str]:
        """Give the findings that a user's inline policies cause, and the reasons."""
        if not inline:
            return {}
        grants = self.managed_policy_arns or any(each.effect is Effect.ALLOW for each in self.statements)
        return in_strict_packs(INLINE_ACCEPTED | ({} if grants else _ONLY_DENIES))

    def properties(self, policies: IdentityPolicies) -> Properties:
        """Give the properties of the `AWS::IAM::User`.

        Raises:
            ValueError: More groups than IAM allows ("IAM and AWS STS quotas", IAM User Guide).
        """
        if len(self.groups) > GROUPS_PER_USER.default:
            raise refusal(
                f"`{self.name}` is in too many groups",
                found=f"{len(self.groups)}",
                accepted=f"at most {GROUPS_PER_USER.default}, including the group of the MFA guard",
            )
        return {
            "UserName": self.name,
            "Path": self.path,
            **({} if self.boundary_arn is None else {"PermissionsBoundary": self.boundary_arn}),
            # In the user's own resource, so that each membership has one owner and is deleted with the user.
            **({"Groups": list(self.groups)} if self.groups else {}),
            **tag_properties(self.tags),
            **policies.properties,
        }


def make_user(scope: Construct, kind: Kind, definition: UserDefinition) -> iam.CfnUser:
    """Make a user with its memberships and policies, so that they are created and deleted with it.

    A person and an application of the same name get different logical ids. If they shared one, a person that is declared
    an application would lose the MFA guard before the login is deleted. With two, the second cannot be created while the
    first exists, and the deployment is rolled back: remove the one, deploy, then add the other.

    Raises:
        ValueError: More groups, policies or statements than IAM allows ("IAM and AWS STS quotas", IAM User Guide).
    """
    policies = definition.policies(scope)
    # Counted after grants that exceed the inline quota have become managed policies.
    if len(policies.managed_policy_arns) > MANAGED_PER_USER:
        raise refusal(
            f"`{definition.name}` has too many managed policies",
            found=f"{len(policies.managed_policy_arns)}",
            accepted=f"at most {MANAGED_PER_USER}: the tenth is reserved for the policy that denies all when the user leaves",
        )
    user = iam.CfnUser(scope, "User", **typed_arguments(definition.properties(policies)))
    user.override_logical_id(logical_id(kind, definition.name))
    accept_all(scope, definition.accepted_findings(scope, inline=bool(policies.policies)))
    return user


def secret_name(kind: str, user: str) -> str:
    """Name the secret that holds a credential of a user.

    Raises:
        ValueError: A comma in the name, which IAM allows and Secrets Manager does not ("CreateSecret", API Reference).
    """
    if "," in user:
        raise refusal(
            "the name of a user with a secret must not have a comma",
            found=f"`{user}`",
            accepted="letters, digits and `+=.@_-`",
        )
    return f"{SECRET_PREFIX}{kind}{user}"
