"""`access-roles` and its shards: identity providers, delegations, and the roles that users, accounts and federated principals assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.federation.identity_providers import OidcProvider, SamlProvider
from access_constructs.federation.pod_identity import PodIdentity
from access_constructs.federation.roles_anywhere import AnywhereProfile, TrustAnchor
from access_constructs.policies.delegation import Delegation
from access_constructs.roles.role import AccessRole, RoleDefinition
from access_constructs.roles.support_role import SUPPORT_POLICY, accept_support_policy
from access_constructs.synthesis.accepted_findings import accept_wildcards
from access_constructs.synthesis.identity import BulkIdentities, fits_in_bulk
from access_stacks.grants import (
    DELEGATION_WILDCARDS,
    NAME_PREFIX_WILDCARDS,
    accept_justified_wildcards,
    delegation_statements,
    ending_statements,
    has_justified_wildcards,
    key_reader_statements,
    managed_policy_arns,
    policy_arns,
    role_chaining_statements,
    services_passed_to,
    statements_of,
)
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model import roles as declared
from keywright.model.fields.dates import seconds
from keywright.model.queries import services_used, takes_sessions
from keywright.model.stacks.shards import stack_name
from keywright.policy.statement import Effect, Statement
from keywright.statements.conditions import expire_statements
from keywright.statements.declared.boundaries import declared_denials
from keywright.statements.declared.trusts import trust_statements
from keywright.statements.trusts.document import fits_quota
from keywright.statements.trusts.roles_anywhere import anywhere_trust
from keywright.statements.trusts.same_account import group_trust

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs import Construct

    from access_constructs.roles.role import TrustedRoleArguments
    from access_stacks.inputs import StackInputs
    from keywright.model.trusts.identity_provider import IdentityProvider

    MembersOf = Callable[[str], Sequence[str] | None]


_NOTHING = Statement(sid="Ended", effect=Effect.DENY, actions=("*",), resources=("*",))
"""The boundary of a delegation whose grants have all ended; it must still exist, because the delegated roles have it."""


class RolesStack(PinnedStack):
    """The roles of a shard; the first shard also has the identity providers and the delegations."""

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
        self._bulk: list[RoleDefinition] = []
        for name in inputs.named_in("roles", number):
            role = inputs.declarations.roles[name]
            if not role.existing:
                with declared_at("roles", name):
                    self._role(name, role)
        if self._bulk:
            made = BulkIdentities(self, "roles", self._bulk)
            self.declared |= {f"role/{each.name}": made for each in self._bulk}

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
                        inputs.declarations, services_used(inputs.declarations), sandbox=inputs.sandbox
                    ),
                )

    def _provider(self, name: str, provider: IdentityProvider) -> Construct:
        if provider.saml is not None:
            metadata = (self._inputs.folder / provider.saml).read_text(encoding="utf-8")
            return SamlProvider(self, f"saml-{name}", name=name, metadata=metadata)
        return OidcProvider(self, f"oidc-{name}", url=provider.url, audiences=provider.accepted_audiences)

    def _role(self, name: str, role: declared.Role) -> None:
        """Make a role, or add it to those made in bulk."""
        inputs = self._inputs
        attached = managed_policy_arns(role.policies, inputs)
        key_reading = key_reader_statements(f"role/{name}", inputs)
        delegation = delegation_statements(f"role/{name}", inputs)
        arguments: TrustedRoleArguments = {
            "name": name,
            "path": inputs.path_of("role", name),
            "description": None if role.adopted is None else role.adopted.description,
            # The break-glass role has no boundary, because it must be able to repair it.
            "boundary_arn": None if self._is_break_glass(name) else inputs.boundary_of(role),
            "trust": self._trust_policy(name, role),
            "session_seconds": seconds(role.session),
            "statements": (
                *statements_of(role.grants, inputs),
                *role_chaining_statements(name, inputs),
                *key_reading,
                *delegation,
                *ending_statements(role),
            ),
            "managed_policy_arns": attached,
            "tags": role.tags,
        }
        definition = RoleDefinition(**arguments)
        # A finding about a role made in bulk would be accepted for all roles.
        needs_construct = key_reading or delegation or self._needs_construct(name, role)
        if not needs_construct and fits_in_bulk(self, definition):
            self._bulk.append(definition)
            return
        made = self.declared[f"role/{name}"] = AccessRole(self, f"role-{name}", **arguments)
        accept_support_policy(made, attached, inputs.partition)
        accept_wildcards(made, key_reading, NAME_PREFIX_WILDCARDS)
        accept_justified_wildcards(made, role.grants, inputs)
        accept_wildcards(made, delegation, DELEGATION_WILDCARDS)
        self._profile_and_pods(name, role, made)

    def _needs_construct(self, name: str, role: declared.Role) -> bool:
        """Tell whether other resources depend on the role, or findings are accepted for this role alone."""
        return (
            self._inputs.has_exception(f"role/{name}")
            or has_justified_wildcards(role.grants)
            or SUPPORT_POLICY in {each.managed for each in role.policies}
            or any(isinstance(each, declared.AnywhereTrust | declared.EksTrust) for each in role.trusts)
        )

    def _profile_and_pods(self, name: str, role: declared.Role, made: AccessRole) -> None:
        """Make the IAM Roles Anywhere profile and the EKS pod identity associations of a role."""
        # One profile is enough: certificates of a role with different session policies are refused before.
        anywhere = next((each for each in role.trusts if isinstance(each, declared.AnywhereTrust)), None)
        if anywhere is not None:
            AnywhereProfile(
                self,
                f"profile-{name}",
                name=name,
                role=made,
                session_seconds=seconds(role.session),
                at_most=policy_arns(anywhere.at_most, self._inputs),
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
        """Give a trust anchor's ARN; a declared one is made once in each stack with a role that trusts it."""
        if trust.declared is None:
            return trust.trust_anchor
        name, anchor = trust.declared, self._inputs.declarations.trust_anchors[trust.declared]
        if anchor.existing is not None:
            return anchor.existing
        # Stacks refer to each other by literal names, and AWS generates an anchor's ARN; so each stack has
        # its own.
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

    def _is_break_glass(self, name: str) -> bool:
        return self._inputs.account.break_glass_role == f"role/{name}"

    def _trust_policy(self, name: str, role: declared.Role) -> tuple[Statement, ...]:
        """Give the trust policy: it names the members of trusted groups, or every user of the account if they do not fit.

        The break-glass role always names its members: it must not become assumable by every user.
        """
        named = self._trust_statements(role, self._inputs.trusted_members_of)
        if self._is_break_glass(name) or fits_quota(named):
            return named
        # Then the statements of the groups alone decide which users can assume the role.
        return self._trust_statements(role, lambda _group: None)

    def _trust_statements(self, role: declared.Role, members_of: MembersOf) -> tuple[Statement, ...]:
        statements = tuple(each for trust in role.trusts for each in self._trust(trust, members_of))
        return statements if role.until is None else expire_statements(statements, role.until)

    def _trust(self, trust: declared.Trust, members_of: MembersOf) -> tuple[Statement, ...]:
        account = self._inputs.account
        match trust:
            case declared.GroupTrust():
                within, members = seconds(trust.mfa.within), members_of(trust.group)
                return (
                    group_trust(
                        self._inputs.partition,
                        account.id,
                        account.path,
                        within,
                        members,
                        other_paths=self._inputs.other_user_paths,
                    ),
                )
            case declared.AnywhereTrust():
                anchor = self._anchor_arn(trust)
                return (anywhere_trust(trust_anchor_arn=anchor, common_name=trust.common_name),)
            case _:
                return tuple(trust_statements(trust, self._inputs.declarations))
