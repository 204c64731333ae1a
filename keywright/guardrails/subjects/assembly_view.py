"""An assembly as rules look at it: what many of them ask for is gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Identities, Identity, identities
from keywright.assembly.resources.resource_policies import resource_policies
from keywright.guardrails.invariants.record import NONE, Invariants
from keywright.guardrails.subjects.permission_set_roles import permission_set_roles
from keywright.guardrails.subjects.policies import AnyPolicy, capping_policies, granting_policies
from keywright.guardrails.subjects.serverless_roles import serverless_roles
from keywright.policy.statement import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.reporting.finding import Finding


@dataclass(frozen=True, eq=False)
class Whole:
    """An assembly, its identities and its policies, and what is to hold of them; `own` is true where it is ours."""

    assembly: Assembly
    invariants: Invariants = NONE
    own: bool = False

    def proofs_of(self, rule: str, kind: str) -> Iterator[Finding]:
        """Tell what stands against the invariants of a kind, or against their proof."""
        if not self.invariants.of(kind):
            return
        from keywright.guardrails.invariants.proofs import findings_of  # noqa: PLC0415 - only where something is to hold

        yield from findings_of(rule, self.assembly, self.invariants.of(kind), self.invariants.elsewhere)

    @property
    def strange_names(self) -> Iterator[Finding]:
        """Say which names of invariants mean nothing here, and what they may be meant for."""
        if self.invariants.declared:
            from keywright.guardrails.invariants.proofs import named_strangely  # noqa: PLC0415 - as above

            yield from named_strangely(self.assembly, self.invariants.declared, self.invariants.elsewhere)

    @cached_property
    def identities(self) -> Identities:
        """Give the users, groups and roles."""
        return identities(self.assembly)

    @cached_property
    def roles(self) -> tuple[Identity, ...]:
        """Give the roles, those of serverless functions among them, which no resource of their own declares."""
        return (*self.identities.roles, *serverless_roles(self.assembly))

    @cached_property
    def of_center(self) -> tuple[Identity, ...]:
        """Give the roles that IAM Identity Center makes of permission sets, which no trust of ours lets anybody assume."""
        return permission_set_roles(self.assembly, self.identities)

    @cached_property
    def granting(self) -> tuple[Policy, ...]:
        """Give every identity-based policy once, without those that serve as boundaries alone."""
        return granting_policies(self.assembly, self.identities, own=self.own, of_center=self.of_center)

    @cached_property
    def on_resources(self) -> tuple[Policy, ...]:
        """Give the resource-based policies; trust policies are with their roles."""
        return tuple(each.policy for each in resource_policies(self.assembly))

    @property
    def _capping(self) -> tuple[Policy, ...]:
        return capping_policies(self.identities, own=self.own, of_center=self.of_center)

    @cached_property
    def caps(self) -> frozenset[Resource]:
        """Give the managed policies that serve as boundaries alone, and so grant nothing."""
        return frozenset(policy.holder for policy in self._capping)

    @cached_property
    def policies(self) -> tuple[AnyPolicy, ...]:
        """Give every policy: of identities, boundaries, roles' trust, and resources."""
        return (
            *(AnyPolicy(policy, Kind.IDENTITY) for policy in self.granting),
            *(AnyPolicy(policy, Kind.IDENTITY, caps=True) for policy in self._capping),
            *(AnyPolicy(role.trust, Kind.TRUST) for role in self.roles if role.trust),
            *(AnyPolicy(policy, Kind.RESOURCE) for policy in self.on_resources),
        )
