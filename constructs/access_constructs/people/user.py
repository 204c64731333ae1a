"""What people and applications have in common: the IAM user itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import aws_cdk.aws_iam as iam

from access_constructs.shared.accepted_findings import accept_necessary_wildcards, in_strict_packs
from access_constructs.shared.identity_policies import INLINE_ACCEPTED, USER_INLINE_QUOTA, identity_policies
from access_constructs.shared.resources import Properties, typed_arguments
from keywright.policy.statement import Effect, Statement
from keywright.reporting.refusal import refusal
from keywright.statements.handover import SECRET_PREFIX
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

Kind = Literal["User", "Application"]
GROUPS_PER_USER = 10
_ONLY_DENIES = {"IAMUserNoPolicies": "what the user holds by itself only denies: no access comes by it"}
MANAGED_PER_USER = 9
"""IAM takes ten; one place is kept free for the keeper's deny-all, by which leaving begins."""


def access_user(
    scope: Construct,
    *,
    kind: Kind,
    name: str,
    path: str,
    boundary_arn: str,
    groups: Sequence[str],
    tags: Mapping[str, str],
    statements: Sequence[Statement],
    managed_policy_arns: Sequence[str],
) -> iam.CfnUser:
    """Make a user that owns its memberships and its grants, so that they come and go with it.

    A person and an application of one name are two identities, each with a logical id of its kind: as one resource, a
    person declared an application would be out of the guard before the login is gone. As two, the second can't be made
    while the first is there, and the deployment is rolled back: remove the one, deploy, then add the other.

    Raises:
        ValueError: More groups, policies or statements than a user holds ("IAM and AWS STS quotas").
    """
    properties = user_properties(name=name, path=path, boundary_arn=boundary_arn, groups=groups, tags=tags)
    owned = identity_policies(
        scope,
        kind="User",
        name=name,
        path=path,
        statements=statements,
        managed_policy_arns=managed_policy_arns,
        inline_quota=USER_INLINE_QUOTA,
    )
    if len(owned.managed_policy_arns) > MANAGED_PER_USER:
        raise refusal(
            f"`{name}` has too many managed policies",
            found=f"{len(owned.managed_policy_arns)}",
            accepted=f"at most {MANAGED_PER_USER}: the tenth place is where leaving begins",
        )
    user = iam.CfnUser(
        scope,
        "User",
        **typed_arguments(properties | owned.properties),
    )
    user.override_logical_id(logical_id(kind, name))
    known = INLINE_ACCEPTED | _denials_accepted(statements, managed_policy_arns) if owned.policies else {}
    accept_necessary_wildcards(scope, statements, beside=in_strict_packs(known))
    return user


def user_properties(
    *, name: str, path: str, boundary_arn: str, groups: Sequence[str], tags: Mapping[str, str]
) -> Properties:
    """Write down a user that holds nothing by itself.

    Raises:
        ValueError: More groups than a user may be in.
    """
    if len(groups) > GROUPS_PER_USER:
        raise refusal(
            f"`{name}` is in too many groups",
            found=f"{len(groups)}",
            accepted=f"at most {GROUPS_PER_USER}, the guard's one of them",
        )
    properties: Properties = {"UserName": name, "Path": path, "PermissionsBoundary": boundary_arn}
    if groups:
        properties["Groups"] = list(groups)
    if tags:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    return properties


def _denials_accepted(statements: Sequence[Statement], managed_policy_arns: Sequence[str]) -> dict[str, str]:
    """Answer the rule that users hold nothing by themselves where what they hold by themselves only denies."""
    grants = managed_policy_arns or any(each.effect is Effect.ALLOW for each in statements)
    return {} if grants else _ONLY_DENIES


def secret_name(kind: str, user: str) -> str:
    """Name the secret that holds something of a user's.

    Raises:
        ValueError: The name has a comma, which IAM takes and Secrets Manager does not ("CreateSecret", API Reference).
    """
    if "," in user:
        raise refusal(
            "a user with a secret has no comma in its name",
            found=f"`{user}`",
            accepted="letters, digits and `+=.@_-`",
        )
    return f"{SECRET_PREFIX}{kind}{user}"
