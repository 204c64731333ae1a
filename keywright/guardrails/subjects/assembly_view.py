"""An assembly with what several rules need, each computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Identities, Identity, identities
from keywright.assembly.resources.resource_policies import resource_policies
from keywright.guardrails.invariants.record import NO_INVARIANTS, Invariants
from keywright.guardrails.subjects.implicit_roles import permission_set_roles
from keywright.guardrails.subjects.policies import AnyPolicy, boundary_policies, granting_policies
from keywright.policy.statement import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.reporting.finding import Finding


@dataclass(frozen=True, eq=False)
class AssemblyView:
    """An assembly, its identities, policies and invariants; `own` says whether it is ours."""

    assembly: Assembly
    invariants: Invariants = NO_INVARIANTS
    own: bool = False

    def invariant_findings(self, rule: str, kind: str) -> Iterator[Finding]:
        """Yield what violates the invariants of a kind, or prevents their proof."""
        # Proofs load the whole policy engine.
        if not self.invariants.of(kind):
            return
        from keywright.guardrails.invariants.proofs import invariant_findings  # noqa: PLC0415 - only where something is to hold

        yield from invariant_findings(
            rule,
            self.assembly,
            self.invariants.of(kind),
            self.invariants.elsewhere,
            self._proven_boundaries,
        )

    @property
    def unknown_names(self) -> Iterator[Finding]:
        """Yield the names of invariants that no template has, with similar names."""
        if self.invariants.declared:
            from keywright.guardrails.invariants.proofs import unknown_name_findings  # noqa: PLC0415 - as above

            yield from unknown_name_findings(
                self.assembly, self.invariants.declared, self.invariants.elsewhere
            )

    @cached_property
    def identities(self) -> Identities:
        """Return the users, groups and roles."""
        return identities(self.assembly)

    @cached_property
    def permission_set_roles(self) -> tuple[Identity, ...]:
        """Return the roles that IAM Identity Center creates for permission sets; no trust policy of a template is theirs."""
        return permission_set_roles(self.assembly, self.identities)

    @cached_property
    def granting_policies(self) -> tuple[Policy, ...]:
        """Return every identity-based policy once, without those used only as boundaries."""
        return granting_policies(
            self.assembly, self.identities, own=self.own, permission_set_roles=self.permission_set_roles
        )

    @cached_property
    def resource_policies(self) -> tuple[Policy, ...]:
        """Return the resource-based policies; trust policies are with their roles."""
        return tuple(each.policy for each in resource_policies(self.assembly))

    @property
    def _proven_boundaries(self) -> Iterator[Resource]:
        """Yield the boundaries that cannot be attached to anybody; a name or mark in another's template proves nothing."""
        for resource in self.is_boundary_only if self.own else ():
            if not any(each in resource.properties for each in ("Users", "Groups", "Roles")):
                yield resource

    @property
    def _capping(self) -> tuple[Policy, ...]:
        return boundary_policies(
            self.identities, own=self.own, permission_set_roles=self.permission_set_roles
        )

    @cached_property
    def is_boundary_only(self) -> frozenset[Resource]:
        """Return the managed policies that are used only as boundaries, and so grant nothing."""
        return frozenset(policy.holder for policy in self._capping)

    @cached_property
    def policies(self) -> tuple[AnyPolicy, ...]:
        """Return every policy: of identities, boundaries, trust policies, and resource-based policies."""
        return (
            *(AnyPolicy(policy, Kind.IDENTITY) for policy in self.granting_policies),
            *(AnyPolicy(policy, Kind.IDENTITY, is_boundary_only=True) for policy in self._capping),
            *(AnyPolicy(role.trust, Kind.TRUST) for role in self.identities.roles if role.trust),
            *(AnyPolicy(policy, Kind.RESOURCE) for policy in self.resource_policies),
        )
