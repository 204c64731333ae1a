"""Resources that the update role must not change, because changing them can escalate privileges.

IAM has no condition on the content of a policy. Who can write the policies of an identity can give it everything that its
permissions boundary allows; who can write the boundary, everything. So only the bootstrap role can change:
boundaries; identities without an enforcing boundary, their policies, and the principals that they trust; whatever acts as
one of them, such as a function whose code can be changed; and what grants access from outside of IAM, such as a permission
set. A boundary is *enforcing* if no identity with it can change one without a boundary, whatever its policies allow.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import identities
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.deployer.bootstrap.escalation import (
    allows_any,
    identity_change_probes,
    open_groups,
    role_use_probes,
)
from keywright.deployer.handlers.refinements import is_beyond_boundaries, referring_properties
from keywright.deployer.requirements.arns import partition_of_stack, pattern_of
from keywright.deployer.requirements.passed_roles import ROLE, passes_outside
from keywright.deployer.requirements.permissions import actions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.identities.identity import Identity
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Text
    from keywright.deployer.requirements.references import References
    from keywright.policy.statement import Document

BOUNDARY = "it is a permissions boundary"
UNBOUNDED = "no permissions boundary limits it"
ATTACHED_TO_UNBOUNDED = "it is attached to an identity that no permissions boundary limits"
TRUSTED_BY_UNBOUNDED = "a role that no permissions boundary limits trusts it"
BEYOND_BOUNDARIES = "it grants access to identities that no permissions boundary of the assembly limits"
ACTS_AS_UNBOUNDED = "it acts as an identity that no permissions boundary limits"
PASSING = "iam:PassRole"
SERVES = "keywright:serves"
GROUP_POLICY = "any user can be added to a group, also one that no permissions boundary limits"
UNKNOWN_NAME = "its name is unknown, so it could be any in the account"
OUTSIDE = "it is attached to an identity outside of the assembly"
_IDENTITIES = frozenset(
    {
        "AWS::IAM::Group",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::IAM::User",
    }
)
_ANY = re.compile(r"arn:[^:]*:iam::[^:]*:[a-z-]+[/*]*\*")


class ProtectedResources:
    """Finds the protected resources of an assembly, with the reasons."""

    def __init__(self, assembly: Assembly, references: References) -> None:
        self._assembly = assembly
        self._references = references
        self._found = identities(assembly)
        self._enforcing: dict[int, bool] = {}

    @cached_property
    def all(self) -> Mapping[Resource, str]:
        """Give every protected resource with the reason."""
        unbounded = [each for each in self._found.all if self._is_unbounded(each)]
        found: dict[Resource, str] = {}
        for resource, why in (*self._boundaries(), *self._beyond(), *self._of_unbounded(unbounded)):
            found.setdefault(resource, why)
        # The order matters: each step searches from what the steps before it found.
        self._trusted(unbounded, found)
        for resource, why in (*self._of_groups(), *self._without_a_name()):
            found.setdefault(resource, why)
        for resource in (*self._credentials_of(found), *self._acting_as(found)):
            found.setdefault(resource, ACTS_AS_UNBOUNDED)
        return found

    def _beyond(self) -> Iterator[tuple[Resource, str]]:
        for resource in self._assembly.resources:
            if is_beyond_boundaries(resource.type):
                yield resource, BEYOND_BOUNDARIES

    def _of_unbounded(self, unbounded: list[Identity]) -> Iterator[tuple[Resource, str]]:
        yield from ((identity.resource, UNBOUNDED) for identity in unbounded)
        for identity in unbounded:
            yield from ((each, ATTACHED_TO_UNBOUNDED) for each in self._attached_to(identity))

    def _trusted(self, unbounded: list[Identity], found: dict[Resource, str]) -> None:
        """Add the principals that unbounded roles trust, and those that these trust in turn."""
        edge = unbounded
        while edge:
            trusted = {
                each: None for one in edge for each in self._trusted_principals(one) if each not in found
            }
            found |= dict.fromkeys(trusted, TRUSTED_BY_UNBOUNDED)
            edge = [each for each in self._found.all if each.resource in trusted]

    @cached_property
    def arns(self) -> frozenset[str]:
        """Give the ARNs of protected resources, without wildcard names, which would protect everything else too."""
        found = {arn.pattern for each in self.all for arn in self._references.arns_of(each)}
        return frozenset(each for each in found if not _ANY.fullmatch(each))

    @cached_property
    def open_groups(self) -> frozenset[str]:
        """Give the groups to which any user can safely be added."""
        return open_groups(self._assembly, self._references, self.all)

    @cached_property
    def enforcing_boundaries(self) -> tuple[str, ...]:
        """Give the ARNs of the enforcing boundaries."""
        arns = (policy.holder.arn for policy in self.enforcing_policies)
        return tuple(sorted(pattern_of(arn) for arn in arns if arn is not None))

    @cached_property
    def enforcing_policies(self) -> tuple[Policy, ...]:
        """Give the documents of those boundaries."""
        return tuple(
            each for each in self._found.managed if each.holder in self._served and self._is_enforcing(each)
        )

    @cached_property
    def _served(self) -> Mapping[Resource, str]:
        return dict(self._boundaries())

    def _boundaries(self) -> Iterator[tuple[Resource, str]]:
        for policy in self._found.managed:
            metadata = policy.holder.raw.get("Metadata")
            if isinstance(metadata, dict) and SERVES in metadata:
                yield policy.holder, BOUNDARY
        for identity in self._found.all:
            for each in identity.boundaries:
                if each.policy is not None:
                    yield each.policy.holder, BOUNDARY

    def _is_unbounded(self, identity: Identity) -> bool:
        """Tell whether an identity may be without an enforcing boundary; groups are limited by their members' boundaries."""
        if identity.kind == "group":
            return False
        # A boundary that only some outcomes of the template's conditions set is no limit.
        if identity.may_lack_boundary or not identity.boundaries:
            return True
        return not all(
            each.policy is not None and self._is_enforcing(each.policy) for each in identity.boundaries
        )

    def _is_enforcing(self, policy: Policy) -> bool:
        """Tell whether under a boundary nobody can change identities without a boundary, or use other roles of the account."""
        # Each check evaluates many requests, and many identities share one boundary.
        if id(policy) not in self._enforcing:
            ours = f"arn:{partition_of_stack(policy.holder.template)}:iam::{self._account}"
            # Only the first use of a role is checked, `sts:AssumeRole`: the others depend on resources of
            # other people, which boundaries do not restrict (ADR 12).
            assuming = next(role_use_probes(ours))
            probes = (*identity_change_probes(ours, self._prefix(policy)), assuming)
            who = f"{ours}:role/anybody"
            self._enforcing[id(policy)] = not allows_any(who, (self._document(policy),), probes)
        return self._enforcing[id(policy)]

    def _document(self, policy: Policy) -> Document:
        return Spelling(self._account).most(policy)

    @cached_property
    def _account(self) -> str:
        return next((each.account for each in self._assembly.templates if each.account), "111122223333")

    def _prefix(self, policy: Policy) -> str:
        """Give the path of a boundary's own name, which is the path of the identities that it is for."""
        arn = pattern_of(policy.holder.arn) if policy.holder.arn is not None else ""
        return arn.partition(":policy")[2].rpartition("/")[0] + "/"

    def _attached_to(self, identity: Identity) -> Iterator[Resource]:
        yield from (each.policy.holder for each in identity.attached if each.policy is not None)
        yield from (each.policy.holder for each in identity.inline_policies)
        if identity.kind == "user":
            yield from (group.resource for group in self._found.groups_of(identity))

    def _trusted_principals(self, identity: Identity) -> Iterator[Resource]:
        """Find the principals that a role trusts: users, roles and identity providers of the assembly."""
        patterns = (
            set() if identity.trust is None else {pattern_of(each) for each in _named_in(identity.trust)}
        )
        for pattern in patterns:
            trusted = self._references.resource_at(pattern)
            if trusted is not None:
                yield trusted
        # A wildcard or an account trusts everyone who matches, but only identities whose boundary allows it
        # can assume the role.
        wide = [each for each in patterns if "*" in each or each.endswith(":root") or each.isdigit()]
        for other in self._found.all if wide else ():
            if (
                other is not identity
                and self._matches_principal(other, wide)
                and self._may_assume(other, identity)
            ):
                yield other.resource
        yield from _referred_to(identity)

    def _matches_principal(self, other: Identity, wide: list[str]) -> bool:
        """Tell whether a wildcard principal or account may mean an identity."""
        arns = [arn.pattern for arn in self._references.arns_of(other.resource)]
        by_name = [each for each in wide if "*" in each]
        return not by_name or any(fnmatchcase(arn, each) for arn in arns for each in by_name)

    def _may_assume(self, other: Identity, role: Identity) -> bool:
        """Tell whether the boundary of an identity lets it assume a role, if its policies allow that."""
        arn = min((each.pattern for each in self._references.arns_of(role.resource)), default="*")
        me = min((each.pattern for each in self._references.arns_of(other.resource)), default="*")
        boundaries = [each.policy for each in other.boundaries if each.policy is not None]
        # Only the boundary counts here: the update role can write the policies of this identity.
        return all(allows_any(me, (self._document(each),), [("sts:AssumeRole", arn)]) for each in boundaries)

    def _of_groups(self) -> Iterator[tuple[Resource, str]]:
        """Find groups and their policies: any user can be added to a group and then has its policies."""
        for group in self._found.groups:
            yield group.resource, GROUP_POLICY
            yield from (
                (each.policy.holder, GROUP_POLICY) for each in group.attached if each.policy is not None
            )
            yield from ((each.policy.holder, GROUP_POLICY) for each in group.inline_policies)

    def _without_a_name(self) -> Iterator[tuple[Resource, str]]:
        """Find resources with an unknown name, and policies that are attached to identities outside of the assembly."""
        for resource in self._assembly.of_type(*sorted(_IDENTITIES)):
            if any(_ANY.fullmatch(arn.pattern) for arn in self._references.arns_of(resource)):
                yield resource, UNKNOWN_NAME
        named = {id(owned.policy.holder): owned.policy.holder for owned in self._found.inline_policies}
        for holder in named.values():
            if holder.type not in _IDENTITIES and self._reaches_outside(holder):
                yield holder, OUTSIDE
        for policy in self._found.managed:
            if self._reaches_outside(policy.holder):
                yield policy.holder, OUTSIDE

    def _reaches_outside(self, holder: Resource) -> bool:
        """Tell whether a policy is attached to an identity outside of the assembly."""
        names = referring_properties(holder.type)
        return any(name in holder.properties for name in names) and any(
            arn.resource is None for arn in self._references.referenced_arns(holder)
        )

    def _credentials_of(self, found: Mapping[Resource, str]) -> Iterator[Resource]:
        """Find the access keys of protected users."""
        for resource in self._assembly.of_type("AWS::IAM::AccessKey"):
            if any(each.resource in found for each in self._references.referenced_arns(resource)):
                yield resource

    def _acting_as(self, found: Mapping[Resource, str]) -> Iterator[Resource]:
        """Find what passes a protected role, or a role outside of the assembly, to a service."""
        roles = {each for each in found if each.type == ROLE}
        for resource in self._assembly.resources:
            if PASSING in actions_of(resource) and (
                roles & set(self._references.referenced_resources(resource, stop=ROLE))
                or passes_outside(resource, self._references)
            ):
                yield resource


def _named_in(trust: Policy) -> Iterator[Text]:
    """Yield the principals of a trust policy; if a condition on `aws:PrincipalArn` names some, only those."""
    for statement in trust.statements:
        by_condition = [
            text
            for operator, keys in statement.conditions.items()
            for key, values in keys.items()
            if key.lower() == "aws:principalarn" and "not" not in operator.lower()
            for text in values
        ]
        # A role that trusts the account and restricts `aws:PrincipalArn` trusts only the named ones.
        yield from by_condition or statement.principals.get("AWS", ())
        yield from statement.principals.get("Federated", ())
        yield from statement.principals.get("*", ())


def _referred_to(identity: Identity) -> Iterator[Resource]:
    """Yield the resources of the template that a role's trust policy refers to."""
    properties = identity.resource.raw.get("Properties")
    trust = properties.get("AssumeRolePolicyDocument") if isinstance(properties, dict) else None
    # The text is searched, so that references in any intrinsic function count; one too many only protects
    # more.
    for logical_id, resource in identity.resource.template.resources.items():
        if f"'{logical_id}'" in str(trust) and resource is not identity.resource:
            yield resource


def is_wildcard_name(arn: str) -> bool:
    """Tell whether an IAM ARN has neither a known name nor a known path."""
    return _ANY.fullmatch(arn) is not None
