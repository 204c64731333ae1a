"""Requests that AWS refuses to everyone except its own services, whatever policies allow.

Only what AWS's documentation states is in the table: a request that is refused here counts as impossible in every
proof, so an entry that is wrong would hide real access.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from keywright.policy.matching.context import YES, Context
from keywright.policy.matching.memoize import memoized
from keywright.policy.principals import PrincipalKind
from keywright.policy.statement import Document, Effect, Statement


@dataclass(frozen=True, slots=True)
class Refusal:
    """Actions on resources that AWS refuses, why, and the titles of the pages that say so."""

    why: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def reason(self) -> str:
        """What a verdict states."""
        return f"AWS refuses this for everyone: {self.why}"

    @property
    def statement(self) -> Statement:
        """A statement that allows exactly these requests."""
        return Statement(actions=self.actions, resources=self.resources)


_PERMISSIONS_OF_ROLES = (
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
)

REFUSALS = (
    Refusal(
        "AWS managed policies are changed by AWS only",
        (
            "iam:CreatePolicyVersion",
            "iam:DeletePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "iam:DeletePolicy",
        ),
        ("arn:*:iam::aws:policy/*",),
        (
            "Managed policies and inline policies",
            "Define custom IAM permissions with customer managed policies",
        ),
    ),
    Refusal(
        "only its service changes or deletes a service-linked role",
        (*_PERMISSIONS_OF_ROLES, "iam:DeleteRole"),
        ("arn:*:iam::*:role/aws-service-role/*/AWSServiceRoleFor*",),
        ("Create a service-linked role", "AttachRolePolicy (UnmodifiableEntity), IAM API Reference"),
    ),
    Refusal(
        "only IAM Identity Center changes the role of a permission set",
        _PERMISSIONS_OF_ROLES,
        ("arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_*",),
        ("Troubleshooting IAM Identity Center issues", "Referencing permission sets in resource policies"),
    ),
    Refusal(
        "the prefix `alias/aws/` is reserved for AWS managed keys",
        ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"),
        ("arn:*:kms:*:*:alias/aws/*",),
        ("CreateAlias, AWS KMS API Reference", "Create aliases", "Delete an alias"),
    ),
)

REFUSED = Document(tuple(each.statement for each in REFUSALS))
"""A policy that allows what AWS refuses."""
NOT_REFUSED = Document(
    (
        Statement(actions=("*",), resources=("*",)),
        *(replace(each.statement, effect=Effect.DENY) for each in REFUSALS),
    )
)
"""A policy that allows everything else."""

_BY_ACTION = {
    action.lower(): [each for each in REFUSALS if action in each.actions]
    for refusal in REFUSALS
    for action in refusal.actions
}
REFUSED_ACTIONS = frozenset(_BY_ACTION)
"""The actions of the table, in lower case."""
_NOT_SUBJECT = frozenset({PrincipalKind.SERVICE, PrincipalKind.PROVIDER, PrincipalKind.OTHER})


def refusal_of(lowered_action: str, resource: str, kind: PrincipalKind, *, is_linked: bool) -> str:
    """Return why AWS refuses a request whatever the policies allow; empty where policies decide.

    `is_linked` says that a service-linked role may make the request: services use these for changes of their own.
    """
    if lowered_action not in _BY_ACTION or kind in _NOT_SUBJECT or is_linked:
        return ""
    return _reason(lowered_action, resource)


@memoized
def _reason(lowered_action: str, resource: str) -> str:
    matching = (
        each
        for each in _BY_ACTION[lowered_action]
        if each.statement.covers_resource(resource, Context()) is YES
    )
    return next((each.reason for each in matching), "")


def refusals_of(lowered_action: str) -> tuple[Refusal, ...]:
    """Return the entries about an action."""
    return tuple(_BY_ACTION.get(lowered_action, ()))


def refused_patterns(lowered_action: str) -> tuple[str, ...]:
    """Return the patterns of the resources on which AWS refuses an action."""
    return tuple(pattern for each in _BY_ACTION.get(lowered_action, ()) for pattern in each.resources)
