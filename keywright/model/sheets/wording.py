"""Descriptions of declared access in short phrases, for sheets and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grants.grant import (
    AssumeGrant,
    Grant,
    ManagedPolicyGrant,
    S3Grant,
    SessionGrant,
    StatementGrant,
)
from keywright.model.roles import (
    AccountTrust,
    AnywhereTrust,
    EksTrust,
    GroupTrust,
    OidcTrust,
    RoleTrust,
    SamlTrust,
    ServiceTrust,
    TokenTrust,
    Trust,
    WorkloadTrust,
)
from keywright.policy.reference.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.grants.statement import RawStatement
    from keywright.model.grants.tags import Where
    from keywright.model.people.users import User


def grant_in_words(grant: Grant | ManagedPolicyGrant) -> str:
    """Describe a grant, such as `list, read reports/monthly/*`."""
    if isinstance(grant, ManagedPolicyGrant):
        return f"managed policy {grant.own or grant.managed}"
    until = f" until {grant.until.isoformat()}" if grant.until else ""
    if isinstance(grant, S3Grant):
        own = f"<{grant.prefix_by.tag or 'user name'}>/" if grant.prefix_by else ""
        whole = f"{grant.bucket}/{grant.prefix or ''}{own}*"
        return f"{', '.join(grant.s3)} {whole}{_s3_options(grant)}{until}"
    if isinstance(grant, AssumeGrant):
        return f"{_assumption_in_words(grant)}{until}"
    if isinstance(grant, SessionGrant):
        return f"a shell on {grant.session_on}, with the access of its role{until}"
    if isinstance(grant, StatementGrant):
        return f"{_statement_in_words(grant.statement)}{until}"
    where = f" {', '.join(grant.allow.resources)}" if grant.allow.resources else ""
    return f"{', '.join(grant.allow.levels)} {grant.allow.service}{where}{_tagged(grant.allow.where)}{until}"


def _assumption_in_words(grant: AssumeGrant) -> str:
    name = grant.assume.rpartition("/")[2] if grant.is_arn else grant.assume
    factor = f", MFA within {grant.mfa.within}" if grant.mfa else ""
    return f"assume {name} of account {grant.owner}{factor}"


def _tagged(where: Where | None) -> str:
    if where is None:
        return ""
    return f", with tag {where.resource_tag}={'own value' if where.value is None else where.value}"


def _s3_options(grant: S3Grant) -> str:
    versions = " with versions" if grant.versions else ""
    return f"{versions} through {grant.access_point}" if grant.access_point else versions


def _statement_in_words(raw: RawStatement) -> str:
    actions = ", ".join(raw.actions) or f"all actions except {', '.join(raw.not_actions)}"
    resources = ", ".join(raw.resources) or f"all resources except {', '.join(raw.not_resources)}"
    under = " with conditions" if raw.conditions else ""
    return f"{'' if raw.allows else 'deny '}{actions} on {resources}{under}"


def trust_in_words(trust: Trust) -> str:
    """Describe who can assume a role by one of its trusts."""
    match trust:
        case GroupTrust():
            return f"members of {trust.group}, MFA within {trust.mfa.within}"
        case AccountTrust():
            return f"{_principals(trust)} of account {trust.account}{_conditions(trust)}"
        case TokenTrust():
            return trust.issuer.in_words(trust.values)
        case OidcTrust():
            return f"{trust.claim} by {trust.oidc}"
        case SamlTrust():
            return f"users of {trust.saml}, {'in the console' if trust.console else 'from programs'}"
        case _:
            return _software_in_words(trust)


def _principals(trust: AccountTrust) -> str:
    if trust.people:
        return f"people with MFA within {trust.people.mfa.within}"
    who = " or ".join(each.rpartition("/")[2] for each in trust.roles) if trust.roles else "software"
    return f"{who} with its external ID" if trust.external_id else who


def _conditions(trust: AccountTrust) -> str:
    """Describe the further conditions of a trust in another account."""
    units = f" in {', '.join(trust.units)}" if trust.units else ""
    parts = (
        f"of {trust.organization}{units}" if trust.organization else "",
        f"from {', '.join(trust.networks)}" if trust.networks else "",
        f"since {trust.since.isoformat()}" if trust.since else "",
        f"until {trust.until.isoformat()}" if trust.until else "",
    )
    return "".join(f", {part}" for part in parts if part)


def _software_in_words(
    trust: RoleTrust | WorkloadTrust | ServiceTrust | EksTrust | AnywhereTrust,
) -> str:
    if isinstance(trust, RoleTrust | WorkloadTrust):
        return (
            f"sessions of {trust.role}" if isinstance(trust, RoleTrust) else f"instances of {trust.workload}"
        )
    if isinstance(trust, ServiceTrust):
        named = "".join(f", {kind.replace('_', ' ')} {name}" for kind, name in trust.held_to.items())
        return (
            f"{SERVICES[trust.service].display_name if trust.service in SERVICES else trust.service}{named}"
        )
    if isinstance(trust, EksTrust):
        pods = trust.eks
        return f"pods of {pods.namespace}/{pods.service_account} on cluster {pods.cluster}"
    held = f", session policies {', '.join(trust.at_most)}" if trust.at_most else ""
    return f"certificate {trust.common_name} by trust anchor {trust.trust_anchor.rpartition('/')[2]}{held}"


def access_in_words(user: User, declarations: Declarations) -> Iterator[str]:
    """Describe the access of a user, by group and directly, with the roles that it can assume."""
    for membership in user.groups:
        until = f" until {membership.until.isoformat()}" if membership.until else ""
        group = declarations.groups[membership.name]
        held = [*map(grant_in_words, group.grants), *map(grant_in_words, group.policies)]
        held += [f"assume {name}" for name in roles_of_group(membership.name, declarations)]
        held += ["read first passwords and keys"] if membership.name == declarations.account.handover else []
        held += _keys_read(membership.name, declarations)
        held += ["create personal access keys"] if group.self_service else []
        yield f"{membership.name}{until}: {'; '.join(held) or 'nothing yet'}"
    yield from map(grant_in_words, (*user.grants, *user.policies))


def readers_in_words(user: User, handover: str | None) -> str:
    """Describe who can read an application's keys."""
    readers = (user.application and user.application.readers) or ((f"group/{handover}",) if handover else ())
    words = [f"members of `{each[6:]}`" if each.startswith("group/") else f"`{each}`" for each in readers]
    return ", ".join(words) or "nobody"


def _keys_read(group: str, declarations: Declarations) -> Iterator[str]:
    for name, user in declarations.users.items():
        if user.application and f"group/{group}" in (user.application.readers or ()):
            yield f"read the keys of {name}"


def roles_of_group(group: str, declarations: Declarations) -> list[str]:
    """List the roles that a group's members can assume."""
    return [
        name
        for name, role in declarations.roles.items()
        if any(isinstance(trust, GroupTrust) and trust.group == group for trust in role.trusts)
    ]


def sign_in_address(declarations: Declarations) -> str:
    """Give the address of the console's sign-in page ("How IAM users sign in to AWS", IAM User Guide)."""
    account = declarations.account
    domains = {"cn-": "signin.amazonaws.cn", "us-gov-": "signin.amazonaws-us-gov.com"}
    domain = next(
        (value for key, value in domains.items() if account.region.startswith(key)), "signin.aws.amazon.com"
    )
    return f"https://{account.alias or account.id}.{domain}/console"
