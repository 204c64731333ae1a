"""`access-roles` and its shards: identity providers, delegations, and the roles that people, partners and federated identities assume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from access_constructs.accepted_finding import accept_wildcards
from access_constructs.access_role import AccessRole
from access_constructs.anywhere_profile import AnywhereProfile
from access_constructs.delegation import Delegation
from access_constructs.oidc_provider import OidcProvider
from access_constructs.plain_owner import Owners, is_plain
from access_constructs.plain_role import PlainRole
from access_constructs.saml_provider import SamlProvider
from access_constructs.support_role import SUPPORT_POLICY, accept_support_policy
from access_constructs.trust_anchor import TrustAnchor
from keywright.model import roles as declared
from keywright.model.fields.dates import seconds
from keywright.model.holders import takes_sessions
from keywright.model.stacks.shards import stack_name
from keywright.policy.statement import Effect, Statement
from keywright.statements.conditions import bounded, denied_after
from keywright.statements.declared import denials_of, trust_in_account
from keywright.statements.trusts.document import fits
from keywright.statements.trusts.same_account import NOBODY, group_trust, role_trust, workload_trust
from keywright.statements.trusts.saml import saml_trust
from stacks.declared_place import declared_at
from stacks.granting import (
    MADE_LATER,
    NAMED_SO,
    accept_argued,
    chained,
    delegated,
    is_argued,
    key_reading,
    managed_policy_arns,
    policy_arns,
    services_of,
    services_passed_to,
    statements_of,
)
from stacks.pinned_stack import PinnedStack
from stacks.software_trusts import hand_to_pods, software_trust
from stacks.web_identity import web_identity_trusts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from constructs import Construct

    from keywright.model.trusts.identity_provider import IdentityProvider
    from stacks.setting import Setting
    from stacks.software_trusts import SoftwareTrust
    from stacks.web_identity import WebIdentityTrust

    MembersOf = Callable[[str], Sequence[str] | None]
    Software = declared.RoleTrust | declared.WorkloadTrust | SoftwareTrust | WebIdentityTrust
    Elsewhere = declared.AccountTrust | declared.SamlTrust | Software


_NOTHING = Statement(sid="Ended", effect=Effect.DENY, actions=("*",), resources=("*",))
"""What a delegation's roles may do once every grant of it has ended: the boundary stays, for they carry it."""


class RolesStack(PinnedStack):
    """The assumed roles of a shard, with what they are come to by; in the first, the providers that are ours."""

    def __init__(self, scope: Construct, number: int, *, setting: Setting) -> None:
        super().__init__(
            scope,
            stack_name("roles", number),
            setting=setting,
            description="Identity providers and assumed roles",
        )
        self._setting = setting
        self._anchors: dict[str, TrustAnchor] = {}
        if number == 0:
            self._providers()
            self._delegations()
        self._by_itself = {each.on for each in setting.declarations.exceptions}
        self._plain: list[PlainRole] = []
        for name in setting.named_in("roles", number):
            role = setting.declarations.roles[name]
            if not role.existing:
                with declared_at("roles", name):
                    self._role(name, role)
        if self._plain:
            piece = Owners(self, "roles", self._plain)
            self.declared |= {f"role/{each.name}": piece for each in self._plain}

    def _providers(self) -> None:
        for name, provider in self._setting.declarations.identity_providers.items():
            if not provider.existing:
                with declared_at("identity_providers", name):
                    self.declared[f"provider/{name}"] = self._provider(name, provider)

    def _delegations(self) -> None:
        setting = self._setting
        for name, delegation in setting.declarations.delegations.items():
            with declared_at("delegations", name):
                self.declared[f"delegation/{name}"] = Delegation(
                    self,
                    f"delegation-{name}",
                    name=name,
                    path=setting.account.path,
                    ceiling=statements_of(delegation.grants, setting) or (_NOTHING,),
                    attachable=managed_policy_arns(delegation.policies, setting),
                    pass_to=services_passed_to(delegation),
                    stacks=setting.stacks(),
                    sessions=takes_sessions(setting.declarations),
                    denials=denials_of(setting.declarations, services_of(setting), sandbox=setting.sandbox),
                )

    def _provider(self, name: str, provider: IdentityProvider) -> Construct:
        if provider.saml is not None:
            metadata = (self._setting.folder / provider.saml).read_text(encoding="utf-8")
            return SamlProvider(self, f"saml-{name}", name=name, metadata=metadata)
        setting = self._setting
        return OidcProvider(self, f"oidc-{name}", url=setting.issuer(name), audiences=setting.audiences(name))

    def _role(self, name: str, role: declared.Role) -> None:
        """Make a role, or keep it to be made with the others: one of which nothing is accepted for a reason of its own."""
        setting = self._setting
        attached = managed_policy_arns(role.policies, setting)
        reading = key_reading(f"role/{name}", setting)
        making = delegated(f"role/{name}", setting)
        further = chained(name, setting)
        given: dict[str, Any] = {
            "name": name,
            "path": setting.account.path,
            "boundary_arn": None if self._breaks_glass(name) else setting.boundary_of(role),
            "trust": self._trusts(name, role),
            "session_seconds": seconds(role.session),
            "statements": (
                *statements_of(role.grants, setting),
                *further,
                *reading,
                *making,
                *_end(role),
            ),
            "managed_policy_arns": attached,
            "tags": role.tags,
        }
        plain = PlainRole(**given)
        if not (reading or making or self._stands_alone(name, role)) and is_plain(self, plain):
            self._plain.append(plain)
            return
        made = self.declared[f"role/{name}"] = AccessRole(self, f"role-{name}", **given)
        accept_support_policy(made, attached, setting.partition)
        self._ways_in(name, role, made)
        accept_wildcards(made, reading, NAMED_SO)
        accept_argued(made, role.grants, setting)
        accept_wildcards(made, making, MADE_LATER)

    def _stands_alone(self, name: str, role: declared.Role) -> bool:
        """Tell whether something hangs on a role's construct, or is accepted of it for a reason of its own."""
        return (
            f"role/{name}" in self._by_itself
            or is_argued(role.grants)
            or SUPPORT_POLICY in {each.managed for each in role.policies}
            or any(isinstance(each, declared.AnywhereTrust | declared.EksTrust) for each in role.trusts)
        )

    def _ways_in(self, name: str, role: declared.Role, made: AccessRole) -> None:
        """Make what machines ask by, and what hands the role to pods."""
        certified = next((each for each in role.trusts if isinstance(each, declared.AnywhereTrust)), None)
        if certified is not None:
            length, limits = seconds(role.session), policy_arns(certified.at_most, self._setting)
            AnywhereProfile(
                self, f"profile-{name}", name=name, role=made, session_seconds=length, at_most=limits
            )
        hand_to_pods(name, role, made)

    def _anchor_arn(self, trust: declared.AnywhereTrust) -> str:
        """Give an anchor's ARN; one that is ours is made in each stack with a role that trusts it, once."""
        if trust.declared is None:
            return trust.trust_anchor
        name, anchor = trust.declared, self._setting.declarations.trust_anchors[trust.declared]
        if anchor.existing is not None:
            return anchor.existing
        if name not in self._anchors:
            with declared_at("trust_anchors", name):
                self._anchors[name] = self.declared[f"anchor/{name}"] = TrustAnchor(
                    self,
                    f"anchor-{name}",
                    name=name,
                    bundle=self._setting.text_of(anchor.bundle),
                    authority_arn=anchor.authority,
                    revoked=self._setting.text_of(anchor.revoked),
                    authority_days=anchor.notify.authority_days,
                    machine_days=anchor.notify.machine_days,
                )
        return self._anchors[name].arn

    def _breaks_glass(self, name: str) -> bool:
        """Tell whether a role is the one that repairs the account, the boundary included."""
        return self._setting.account.break_glass == f"role/{name}"

    def _trusts(self, name: str, role: declared.Role) -> tuple[Statement, ...]:
        """Name the members of groups, or every user of ours where the names don't fit; never so for the break-glass."""
        named = self._trusted(role, self._setting.members_of)
        return named if self._breaks_glass(name) or fits(named) else self._trusted(role, lambda _: None)

    def _trusted(self, role: declared.Role, members_of: MembersOf) -> tuple[Statement, ...]:
        trusted = tuple(self._trust_in(role, members_of=members_of))
        return trusted if role.until is None else bounded(trusted, role.until)

    def _trust_in(self, role: declared.Role, members_of: MembersOf) -> Iterator[Statement]:
        for trust in role.trusts:
            if isinstance(trust, declared.GroupTrust):
                yield self._group(trust, members_of(trust.group))
            else:
                yield from self._trust(trust)

    def _group(self, trust: declared.GroupTrust, members: Sequence[str] | None) -> Statement:
        account = self._setting.account
        within = seconds(trust.mfa.within)
        return group_trust(self._setting.partition, account.id, account.path, within, members)

    def _trust(self, trust: Elsewhere) -> tuple[Statement, ...]:
        setting, account = self._setting, self._setting.account
        match trust:
            case declared.AccountTrust():
                return (trust_in_account(trust, account),)
            case declared.SamlTrust():
                return saml_trust(
                    provider_arn=setting.provider_arn(trust.saml),
                    partition=setting.partition,
                    region=account.region,
                    console=trust.console,
                    session_tags=trust.session_tags,
                    source_identity=trust.source_identity,
                )
            case _:
                return self._software(trust)

    def _software(self, trust: Software) -> tuple[Statement, ...]:
        setting, account = self._setting, self._setting.account
        match trust:
            case declared.RoleTrust():
                return (self._chained(trust),)
            case declared.WorkloadTrust():
                where = {"partition": setting.partition, "account": account.id, "path": account.path}
                return (workload_trust(workload=trust.workload, **where),)
            case declared.AnywhereTrust() | declared.EksTrust() | declared.ServiceTrust():
                return (software_trust(trust, setting, self._anchor_arn),)
            case _:
                return tuple(web_identity_trusts(trust, setting))

    def _chained(self, trust: declared.RoleTrust) -> Statement:
        """Trust another role of ours; where that one has ended, nobody."""
        setting = self._setting
        name = trust.role if trust.role in setting.declarations.roles else NOBODY
        arn = setting.identity_arn("role", name)
        return role_trust(partition=setting.partition, account=setting.account.id, role_arns=(arn,))


def _end(role: declared.Role) -> Iterator[Statement]:
    """Deny everything once a role's last day is over: a session that was begun before ends with it."""
    if role.until is not None:
        yield denied_after(role.until)
