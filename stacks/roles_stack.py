"""`access-roles` and its shards: identity providers, delegations, and the roles that people, partners and federated identities assume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from access_constructs.federation.identity_providers import OidcProvider, SamlProvider
from access_constructs.federation.pod_identity import PodIdentity
from access_constructs.federation.roles_anywhere import AnywhereProfile, TrustAnchor
from access_constructs.policies.delegation import Delegation
from access_constructs.roles.role import AccessRole, RoleDefinition
from access_constructs.roles.support_role import SUPPORT_POLICY, accept_support_policy
from access_constructs.shared.accepted_findings import accept_wildcards
from access_constructs.shared.identity import BulkIdentities, fits_in_bulk
from keywright.model import roles as declared
from keywright.model.fields.dates import seconds
from keywright.model.holders import takes_sessions
from keywright.model.stacks.shards import stack_name
from keywright.policy.statement import Effect, Statement
from keywright.statements.conditions import deny_after, expire_statements
from keywright.statements.declared.boundaries import declared_denials
from keywright.statements.declared.trusts import trust_statements
from keywright.statements.trusts.document import fits_quota
from keywright.statements.trusts.roles_anywhere import anywhere_trust
from keywright.statements.trusts.same_account import group_trust
from stacks.grants import (
    DELEGATION_WILDCARDS,
    NAME_PREFIX_WILDCARDS,
    accept_justified_wildcards,
    delegation_statements,
    has_justified_wildcards,
    key_reader_statements,
    managed_policy_arns,
    policy_arns,
    role_chaining_statements,
    services_of,
    services_passed_to,
    statements_of,
)
from stacks.pinned_stack import PinnedStack, declared_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from constructs import Construct

    from keywright.model.trusts.identity_provider import IdentityProvider
    from stacks.inputs import StackInputs

    MembersOf = Callable[[str], Sequence[str] | None]


_NOTHING = Statement(sid="Ended", effect=Effect.DENY, actions=("*",), resources=("*",))
"""What a delegation's roles may do once every grant of it has ended: the boundary stays, for they carry it."""


class RolesStack(PinnedStack):
    """The assumed roles of a shard, with what they are come to by; in the first, the providers that are ours."""

    def __init__(self, scope: Construct, number: int, *, inputs: StackInputs) -> None:
        super().__init__(
            scope,
            stack_name("roles", number),
            inputs=inputs,
            description="Identity providers and assumed roles",
        )
        self._inputs = inputs
        self._anchors: dict[str, TrustAnchor] = {}
        if number == 0:
            self._providers()
            self._delegations()
        self._by_itself = {each.on for each in inputs.declarations.exceptions}
        self._plain: list[RoleDefinition] = []
        for name in inputs.named_in("roles", number):
            role = inputs.declarations.roles[name]
            if not role.existing:
                with declared_at("roles", name):
                    self._role(name, role)
        if self._plain:
            piece = BulkIdentities(self, "roles", self._plain)
            self.declared |= {f"role/{each.name}": piece for each in self._plain}

    def _providers(self) -> None:
        for name, provider in self._inputs.declarations.identity_providers.items():
            if not provider.existing:
                with declared_at("identity_providers", name):
                    self.declared[f"provider/{name}"] = self._provider(name, provider)

    def _delegations(self) -> None:
        inputs = self._inputs
        for name, delegation in inputs.declarations.delegations.items():
            with declared_at("delegations", name):
                self.declared[f"delegation/{name}"] = Delegation(
                    self,
                    f"delegation-{name}",
                    name=name,
                    path=inputs.account.path,
                    ceiling=statements_of(delegation.grants, inputs) or (_NOTHING,),
                    attachable=managed_policy_arns(delegation.policies, inputs),
                    pass_to=services_passed_to(delegation),
                    stacks=inputs.stacks(),
                    sessions=takes_sessions(inputs.declarations),
                    denials=declared_denials(
                        inputs.declarations, services_of(inputs), sandbox=inputs.sandbox
                    ),
                )

    def _provider(self, name: str, provider: IdentityProvider) -> Construct:
        if provider.saml is not None:
            metadata = (self._inputs.folder / provider.saml).read_text(encoding="utf-8")
            return SamlProvider(self, f"saml-{name}", name=name, metadata=metadata)
        return OidcProvider(self, f"oidc-{name}", url=provider.url, audiences=provider.accepted_audiences)

    def _role(self, name: str, role: declared.Role) -> None:
        """Make a role, or keep it to be made with the others: one of which nothing is accepted for a reason of its own."""
        inputs = self._inputs
        attached = managed_policy_arns(role.policies, inputs)
        reading = key_reader_statements(f"role/{name}", inputs)
        making = delegation_statements(f"role/{name}", inputs)
        further = role_chaining_statements(name, inputs)
        given: dict[str, Any] = {
            "name": name,
            "path": inputs.account.path,
            "boundary_arn": None if self._breaks_glass(name) else inputs.boundary_of(role),
            "trust": self._trusts(name, role),
            "session_seconds": seconds(role.session),
            "statements": (
                *statements_of(role.grants, inputs),
                *further,
                *reading,
                *making,
                *_end(role),
            ),
            "managed_policy_arns": attached,
            "tags": role.tags,
        }
        plain = RoleDefinition(**given)
        if not (reading or making or self._stands_alone(name, role)) and fits_in_bulk(self, plain):
            self._plain.append(plain)
            return
        made = self.declared[f"role/{name}"] = AccessRole(self, f"role-{name}", **given)
        accept_support_policy(made, attached, inputs.partition)
        self._ways_in(name, role, made)
        accept_wildcards(made, reading, NAME_PREFIX_WILDCARDS)
        accept_justified_wildcards(made, role.grants, inputs)
        accept_wildcards(made, making, DELEGATION_WILDCARDS)

    def _stands_alone(self, name: str, role: declared.Role) -> bool:
        """Tell whether something hangs on a role's construct, or is accepted of it for a reason of its own."""
        return (
            f"role/{name}" in self._by_itself
            or has_justified_wildcards(role.grants)
            or SUPPORT_POLICY in {each.managed for each in role.policies}
            or any(isinstance(each, declared.AnywhereTrust | declared.EksTrust) for each in role.trusts)
        )

    def _ways_in(self, name: str, role: declared.Role, made: AccessRole) -> None:
        """Make what machines ask by, and what hands the role to pods."""
        certified = next((each for each in role.trusts if isinstance(each, declared.AnywhereTrust)), None)
        if certified is not None:
            length, limits = seconds(role.session), policy_arns(certified.at_most, self._inputs)
            AnywhereProfile(
                self, f"profile-{name}", name=name, role=made, session_seconds=length, at_most=limits
            )
        pods = [trust.eks for trust in role.trusts if isinstance(trust, declared.EksTrust)]
        for number, each in enumerate(pods):
            PodIdentity(
                made,
                f"pods-{name}-{number}",
                role_arn=made.arn,
                cluster=each.cluster,
                namespace=each.namespace,
                service_account=each.service_account,
            )

    def _anchor_arn(self, trust: declared.AnywhereTrust) -> str:
        """Give an anchor's ARN; one that is ours is made in each stack with a role that trusts it, once."""
        if trust.declared is None:
            return trust.trust_anchor
        name, anchor = trust.declared, self._inputs.declarations.trust_anchors[trust.declared]
        if anchor.existing is not None:
            return anchor.existing
        if name not in self._anchors:
            with declared_at("trust_anchors", name):
                self._anchors[name] = self.declared[f"anchor/{name}"] = TrustAnchor(
                    self,
                    f"anchor-{name}",
                    name=name,
                    bundle=self._inputs.text_of(anchor.bundle),
                    authority_arn=anchor.authority,
                    revoked=self._inputs.text_of(anchor.revoked),
                    authority_days=anchor.notify.authority_days,
                    machine_days=anchor.notify.machine_days,
                )
        return self._anchors[name].arn

    def _breaks_glass(self, name: str) -> bool:
        """Tell whether a role is the one that repairs the account, the boundary included."""
        return self._inputs.account.break_glass == f"role/{name}"

    def _trusts(self, name: str, role: declared.Role) -> tuple[Statement, ...]:
        """Name the members of groups, or every user of ours where the names don't fit; never so for the break-glass."""
        named = self._trusted(role, self._inputs.members_of)
        return named if self._breaks_glass(name) or fits_quota(named) else self._trusted(role, lambda _: None)

    def _trusted(self, role: declared.Role, members_of: MembersOf) -> tuple[Statement, ...]:
        trusted = tuple(self._trust_in(role, members_of=members_of))
        return trusted if role.until is None else expire_statements(trusted, role.until)

    def _trust_in(self, role: declared.Role, members_of: MembersOf) -> Iterator[Statement]:
        for trust in role.trusts:
            if isinstance(trust, declared.GroupTrust):
                yield self._group(trust, members_of(trust.group))
            elif isinstance(trust, declared.AnywhereTrust):
                yield anywhere_trust(trust_anchor_arn=self._anchor_arn(trust), common_name=trust.common_name)
            else:
                yield from trust_statements(trust, self._inputs.declarations)

    def _group(self, trust: declared.GroupTrust, members: Sequence[str] | None) -> Statement:
        account = self._inputs.account
        within = seconds(trust.mfa.within)
        return group_trust(self._inputs.partition, account.id, account.path, within, members)


def _end(role: declared.Role) -> Iterator[Statement]:
    """Deny everything once a role's last day is over: a session that was begun before ends with it."""
    if role.until is not None:
        yield deny_after(role.until)
