"""What the everyday role may never do, whatever its policies say: the boundary's statements that deny.

They say again, by exclusion, what the policies say by listing, so that no later policy on the role opens a way out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text
from keywright.deployer.bootstrap.escalation import JOINING, LEAVING
from keywright.deployer.requirements.arns import identities_here
from keywright.deployer.requirements.conditions import UNBOUNDING
from keywright.deployer.requirements.permissions import under_path
from keywright.deployer.requirements.used_resources import CALLING
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import IAM_WRITE_ACTIONS
from keywright.policy.statement import Conditions, Effect, Statement
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.bootstrap.protected import ProtectedResources
    from keywright.deployer.requirements.permissions import RequiredPermission
    from keywright.deployer.requirements.references import Surroundings

GIVING = (
    *("iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateRole", "iam:CreateUser"),
    *("iam:PutRole*", "iam:PutUser*", "iam:UpdateAssumeRolePolicy"),
)
"""Actions by which an identity comes to more; every request of them carries `iam:PermissionsBoundary`, or is denied."""
READING = ("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue")
CREDENTIALS = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
)
PATH = "/keywright/"
"""Where a bootstrap stands: outside of every path that declarations use."""
_LOOKING = ("Describe*", "Get*", "List*")
_ALWAYS = re.compile(r"arn:[^:]*:iam::[^:]*:(group|oidc-provider|saml-provider)/.*")
_TAGGED = "aws:PrincipalTag/"


def untouchable(assembly: Assembly) -> Iterator[Finding]:
    """Tell of identities and policies that lie where a bootstrap stands: what deploys is denied to touch them."""
    for resource in assembly.resources:
        paths = resource.readings("Path") if resource.type.startswith("AWS::IAM::") else ()
        texts = (str(each) for each in paths if isinstance(each, Text))
        for path in sorted({each for each in texts if PATH in each}):
            yield Finding(
                resource.locate("Properties", "Path"),
                f"`{resource.title}` is under the path of the roles of `keywright deployer`, which they cannot change",
                found=f"`{path}`",
                accepted=f"a path without `{PATH}`",
            )


def fence(
    everyday: tuple[RequiredPermission, ...],
    assembly: Assembly,
    sealed: ProtectedResources,
    around: Surroundings,
) -> tuple[Statement, ...]:
    """Give the statements that deny: the first seven, and that of groups, for all; others where there is something to keep."""
    written = {each.place for each in everyday if each.action.startswith("iam:") and each.place != "*"}
    inside = tuple(sorted({under_path(each) for each in written})) or ("arn:aws:iam::*:role/none",)
    kept = tuple(sorted(sealed.places))
    unheld: Conditions = (
        {"StringNotEquals": {"iam:PermissionsBoundary": sealed.holding}} if sealed.holding else {}
    )
    return (
        Statement(
            effect=Effect.DENY, sid="OutsideTheAssembly", actions=IAM_WRITE_ACTIONS, not_resources=inside
        ),
        Statement(
            effect=Effect.DENY, sid="UnderNoBoundary", actions=GIVING, resources=("*",), conditions=unheld
        ),
        Statement(effect=Effect.DENY, sid="BoundariesStay", actions=UNBOUNDING, resources=("*",)),
        Statement(effect=Effect.DENY, sid="NoOtherSessions", actions=("sts:*",), resources=("*",)),
        Statement(
            effect=Effect.DENY,
            sid="ItselfStays",
            actions=IAM_WRITE_ACTIONS,
            resources=(f"arn:*:iam::*:*{PATH}*",),
        ),
        _only_where_needed("SecretsStay", READING, everyday),
        _only_where_needed("CredentialsStay", CREDENTIALS, everyday),
        *_sealed(kept),
        *_groups(kept, sealed.joinable, identities_here(assembly)),
        *_tags(assembly, sealed, around),
    )


def _only_where_needed(
    sid: str, actions: tuple[str, ...], everyday: Iterable[RequiredPermission]
) -> Statement:
    """Leave credentials and secrets alone, but those that a template makes, writes or looks up."""
    needed = tuple(sorted({each.place for each in everyday if each.action in actions}))
    return Statement(
        effect=Effect.DENY,
        sid=sid,
        actions=actions,
        resources=() if needed else ("*",),
        not_resources=needed,
    )


def _sealed(places: tuple[str, ...]) -> Iterator[Statement]:
    """Leave what is sealed to be looked at and called; groups and identity providers always are, whatever their names."""
    named = tuple(each for each in places if not _ALWAYS.fullmatch(each))
    if named:
        services = sorted({each.split(":")[2] for each in named})
        called = (CALLING[each] for each in services if each in CALLING)
        left = (*_looking(services), *called)
        yield Statement(effect=Effect.DENY, sid="Sealed", not_actions=left, resources=named)


def _groups(places: tuple[str, ...], joinable: frozenset[str], ours: str) -> Iterator[Statement]:
    """Leave what groups hold, and who lets in, as it is; put people into the open groups alone."""
    left = (*_looking(("iam",)), JOINING, LEAVING)
    always = tuple(f"{ours}:{kind}/*" for kind in ("group", "oidc-provider", "saml-provider"))
    yield Statement(effect=Effect.DENY, sid="GroupsAndProviders", not_actions=left, resources=always)
    closed = tuple(each for each in places if ":group/" in each and each not in joinable)
    if closed:
        yield Statement(effect=Effect.DENY, sid="ClosedGroups", actions=(JOINING,), resources=closed)


def _looking(services: Iterable[str]) -> Iterator[str]:
    for service in services:
        for verb in _LOOKING:
            if any(catalogue.matching_actions(f"{service}:{verb}")):
                yield f"{service}:{verb}"


def _tags(assembly: Assembly, sealed: ProtectedResources, around: Surroundings) -> Iterator[Statement]:
    """Leave tags by which a boundary decides to those for whom they are declared."""
    deciding = sorted(_deciding_tags(sealed))
    if not deciding:
        return
    bearing = _bearers(assembly, set(deciding), around)
    condition: Conditions = {"ForAnyValue:StringEquals": {"aws:TagKeys": tuple(deciding)}}
    actions = ("iam:CreateRole", "iam:CreateUser", "iam:TagRole", "iam:TagUser")
    yield Statement(
        effect=Effect.DENY,
        sid="TagsThatDecide",
        actions=actions,
        resources=() if bearing else ("*",),
        not_resources=bearing,
        conditions=condition,
    )


def _deciding_tags(sealed: ProtectedResources) -> set[str]:
    return {
        key[len(_TAGGED) :]
        for policy in sealed.holding_policies
        for statement in policy.statements
        for keys in statement.conditions.values()
        for key in keys
        if key.lower().startswith(_TAGGED.lower())
    }


def _bearers(assembly: Assembly, tags: set[str], around: Surroundings) -> tuple[str, ...]:
    bearing = (each for each in assembly.of_type("AWS::IAM::User", "AWS::IAM::Role") if _has(each, tags))
    return tuple(sorted({place.pattern for each in bearing for place in around.own(each)}))


def _has(resource: Resource, tags: set[str]) -> bool:
    written = str(resource.raw.get("Properties", {}))
    return any(f"'{each}'" in written for each in tags)


def allowed_at_most(needs: tuple[RequiredPermission, ...]) -> tuple[str, ...]:
    """Give what a boundary leaves at most: whole services that the assembly's resources are of, and no other."""
    return tuple(f"{service}:*" for service in sorted({each.action.partition(":")[0] for each in needs}))
