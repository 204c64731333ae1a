"""The permissions boundary of the update role: Deny statements for everything that it must never do.

The role's policies do not allow these actions either; the boundary makes sure that no later policy on the role does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text
from keywright.deployer.bootstrap.escalation import ADD_TO_GROUP, REMOVE_FROM_GROUP
from keywright.deployer.requirements.arns import iam_arn_prefix
from keywright.deployer.requirements.conditions import REMOVE_BOUNDARY_ACTIONS
from keywright.deployer.requirements.permissions import under_path
from keywright.deployer.requirements.used_resources import INVOKE_ACTIONS
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import IAM_WRITE_ACTIONS
from keywright.policy.statement import Conditions, Effect, Statement
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.bootstrap.protected import ProtectedResources
    from keywright.deployer.requirements.permissions import RequiredPermission
    from keywright.deployer.requirements.references import References

GRANTING_ACTIONS = (
    *("iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateRole", "iam:CreateUser"),
    *("iam:PutRole*", "iam:PutUser*", "iam:UpdateAssumeRolePolicy"),
)
"""Actions that give an identity access; every request without `iam:PermissionsBoundary` is denied."""
SECRET_ACTIONS = ("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue")
CREDENTIAL_ACTIONS = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
)
PATH = "/keywright/"
"""The path of the bootstrap's own roles and policies, outside of every path that declarations use."""
_READ_VERBS = ("Describe*", "Get*", "List*")
_ALWAYS = re.compile(r"arn:[^:]*:iam::[^:]*:(group|oidc-provider|saml-provider)/.*")
_TAGGED = "aws:PrincipalTag/"


_KINDS = ("group", "instance-profile", "policy", "role", "user")
"""What can lie under the deployer's own path."""


def identities_under_reserved_path(assembly: Assembly) -> Iterator[Finding]:
    """Report identities and policies under the bootstrap's path: the execution roles cannot change them."""
    for resource in assembly.resources:
        paths = resource.possible_values("Path") if resource.type.startswith("AWS::IAM::") else ()
        texts = (str(each) for each in paths if isinstance(each, Text))
        for path in sorted({each for each in texts if PATH in each}):
            yield Finding(
                resource.locate("Properties", "Path"),
                f"`{resource.title}` is under the path of the roles of `keywright deployer`, which they cannot change",
                found=f"`{path}`",
                accepted=f"a path without `{PATH}`",
            )


def boundary_denials(
    update_permissions: tuple[RequiredPermission, ...],
    assembly: Assembly,
    protected: ProtectedResources,
    references: References,
) -> tuple[Statement, ...]:
    """Give the Deny statements: the first seven and those on groups always, the others only where they protect something."""
    written = {each.arn for each in update_permissions if each.action.startswith("iam:") and each.arn != "*"}
    # A Deny with an empty NotResource is invalid, so a role that cannot exist stands in.
    inside = tuple(sorted({under_path(each) for each in written})) or ("arn:aws:iam::*:role/none",)
    kept = tuple(sorted(protected.arns))
    # Without an enforcing boundary in the assembly there is no identity that the update role could safely
    # give access, so the Deny has no condition.
    unbounded: Conditions = (
        {"StringNotEquals": {"iam:PermissionsBoundary": protected.enforcing_boundaries}}
        if protected.enforcing_boundaries
        else {}
    )
    return (
        Statement(
            effect=Effect.DENY, sid="OutsideTheAssembly", actions=IAM_WRITE_ACTIONS, not_resources=inside
        ),
        Statement(
            effect=Effect.DENY,
            sid="UnderNoBoundary",
            actions=GRANTING_ACTIONS,
            resources=("*",),
            conditions=unbounded,
        ),
        Statement(
            effect=Effect.DENY, sid="BoundariesStay", actions=REMOVE_BOUNDARY_ACTIONS, resources=("*",)
        ),
        Statement(effect=Effect.DENY, sid="NoOtherSessions", actions=("sts:*",), resources=("*",)),
        Statement(
            effect=Effect.DENY,
            sid="ItselfStays",
            actions=IAM_WRITE_ACTIONS,
            # IAM refuses a resource that does not begin with a type ("CreatePolicy", IAM API Reference).
            resources=tuple(f"arn:*:iam::*:{kind}{PATH}*" for kind in _KINDS),
        ),
        _only_where_needed("SecretsStay", SECRET_ACTIONS, update_permissions),
        _only_where_needed("CredentialsStay", CREDENTIAL_ACTIONS, update_permissions),
        *_protected(kept),
        *_groups(kept, protected.open_groups, iam_arn_prefix(assembly)),
        *_tags(assembly, protected, references),
    )


def _only_where_needed(
    sid: str, actions: tuple[str, ...], update_permissions: Iterable[RequiredPermission]
) -> Statement:
    """Deny credentials and secrets, except those that a template creates, writes or looks up."""
    needed = tuple(sorted({each.arn for each in update_permissions if each.action in actions}))
    return Statement(
        effect=Effect.DENY,
        sid=sid,
        actions=actions,
        resources=() if needed else ("*",),
        not_resources=needed,
    )


def _protected(arns: tuple[str, ...]) -> Iterator[Statement]:
    """Allow only read and invoke actions on protected resources; groups and identity providers have their own statement."""
    # One Deny with `NotAction` also covers actions that AWS adds later; a list of actions would not.
    named = tuple(each for each in arns if not _ALWAYS.fullmatch(each))
    if named:
        services = sorted({each.split(":")[2] for each in named})
        called = (INVOKE_ACTIONS[each] for each in services if each in INVOKE_ACTIONS)
        left = (*_read_patterns(services), *called)
        yield Statement(effect=Effect.DENY, sid="Sealed", not_actions=left, resources=named)


def _groups(arns: tuple[str, ...], open_groups: frozenset[str], ours: str) -> Iterator[Statement]:
    """Deny changes of groups and identity providers; allow to add users to open groups only."""
    left = (*_read_patterns(("iam",)), ADD_TO_GROUP, REMOVE_FROM_GROUP)
    # A pattern also covers groups and providers that are not declared yet.
    always = tuple(f"{ours}:{kind}/*" for kind in ("group", "oidc-provider", "saml-provider"))
    yield Statement(effect=Effect.DENY, sid="GroupsAndProviders", not_actions=left, resources=always)
    closed = tuple(each for each in arns if ":group/" in each and each not in open_groups)
    if closed:
        yield Statement(effect=Effect.DENY, sid="ClosedGroups", actions=(ADD_TO_GROUP,), resources=closed)


def _read_patterns(services: Iterable[str]) -> Iterator[str]:
    for service in services:
        for verb in _READ_VERBS:
            # A pattern that matches no action would only use up the boundary's 6,144 characters.
            if any(catalogue.matching_actions(f"{service}:{verb}")):
                yield f"{service}:{verb}"


def _tags(assembly: Assembly, protected: ProtectedResources, references: References) -> Iterator[Statement]:
    """Deny tags that a boundary has conditions on, except for the identities that declare them."""
    deciding = sorted(_deciding_tags(protected))
    if not deciding:
        return
    tagged = _tagged_identities(assembly, set(deciding), references)
    condition: Conditions = {"ForAnyValue:StringEquals": {"aws:TagKeys": tuple(deciding)}}
    actions = ("iam:CreateRole", "iam:CreateUser", "iam:TagRole", "iam:TagUser")
    yield Statement(
        effect=Effect.DENY,
        sid="TagsThatDecide",
        actions=actions,
        resources=() if tagged else ("*",),
        not_resources=tagged,
        conditions=condition,
    )


def _deciding_tags(protected: ProtectedResources) -> set[str]:
    return {
        key[len(_TAGGED) :]
        for policy in protected.enforcing_policies
        for statement in policy.statements
        for keys in statement.conditions.values()
        for key in keys
        if key.lower().startswith(_TAGGED.lower())
    }


def _tagged_identities(assembly: Assembly, tags: set[str], references: References) -> tuple[str, ...]:
    tagged = (each for each in assembly.of_type("AWS::IAM::User", "AWS::IAM::Role") if _has_tag(each, tags))
    return tuple(sorted({arn.pattern for each in tagged for arn in references.arns_of(each)}))


def _has_tag(resource: Resource, tags: set[str]) -> bool:
    # The text is searched instead of the tag list, because a key behind an intrinsic function must not be
    # missed.
    written = str(resource.raw.get("Properties", {}))
    return any(f"'{each}'" in written for each in tags)


def service_wildcards(required: tuple[RequiredPermission, ...]) -> tuple[str, ...]:
    """Give `service:*` for each service of the permissions: the most that the boundary allows."""
    return tuple(f"{service}:*" for service in sorted({each.action.partition(":")[0] for each in required}))
