"""The trust statements that declared trusts become, without the two that need more than declarations.

Groups need their members, which the stack chooses so that the document fits; certificates need a trust anchor's ARN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.adoption import AdoptedWorkload
from keywright.model.fields.dates import seconds
from keywright.model.identity_arns import adopted_of, identity_arn
from keywright.model.roles import (
    AccountTrust,
    EksTrust,
    OidcTrust,
    RoleTrust,
    SamlTrust,
    ServiceTrust,
    TokenTrust,
    WorkloadTrust,
)
from keywright.model.trusts.identity_provider import provider_for
from keywright.policy.matching.arn import partition_of
from keywright.statements.trusts.accounts import account_trust
from keywright.statements.trusts.same_account import NOBODY, role_trust, workload_trust
from keywright.statements.trusts.saml import saml_provider_arn, saml_trust
from keywright.statements.trusts.services import pod_identity_trust, service_trust
from keywright.statements.trusts.web_identity import built_in_trust, oidc_provider_arn, oidc_trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.account.settings import Account
    from keywright.model.declarations import Declarations
    from keywright.model.trusts.issuers.issuer import TokenSubject
    from keywright.policy.statement import Statement

    DirectTrust = (
        AccountTrust
        | EksTrust
        | OidcTrust
        | RoleTrust
        | SamlTrust
        | ServiceTrust
        | TokenTrust
        | WorkloadTrust
    )


def trust_statements(trust: DirectTrust, declarations: Declarations) -> Iterator[Statement]:
    """Give the statements by which a role trusts what is declared.

    Raises:
        ValueError: A statement would match more than what is declared.
    """
    account = declarations.account
    match trust:
        case AccountTrust():
            yield _account(trust, account)
        case ServiceTrust():
            yield service_trust(service=trust.service, resources=trust.held_to, **_place(account))
        case EksTrust():
            yield pod_identity_trust(**trust.eks.model_dump(), **_place(account))
        case SamlTrust():
            yield from _saml(trust, account)
        case RoleTrust():
            yield _role(trust, declarations)
        case WorkloadTrust():
            yield _workload(trust, declarations)
        case OidcTrust():
            yield from _tokens_of(trust.oidc, trust.claim, declarations)
        case _:
            yield from _registered(trust, declarations)


def _account(trust: AccountTrust, ours: Account) -> Statement:
    """Trust another account; the names of its roles are under our path there too."""
    partition = partition_of(ours.region)
    roles = f"arn:{partition}:iam::{trust.account}:role{ours.path}"
    return account_trust(
        partition=partition,
        role_arns=tuple(each if each.startswith("arn:") else roles + each for each in trust.roles),
        account=trust.account,
        external_id=trust.external_id,
        mfa_within_seconds=seconds(trust.people.mfa.within) if trust.people else None,
        organization=trust.organization,
        units=trust.units,
        networks=trust.networks,
        since=trust.since,
        until=trust.until,
    )


def _saml(trust: SamlTrust, account: Account) -> tuple[Statement, ...]:
    partition = partition_of(account.region)
    return saml_trust(
        provider_arn=saml_provider_arn(partition, account.id, trust.saml),
        partition=partition,
        region=account.region,
        console=trust.console,
        session_tags=trust.session_tags,
        source_identity=trust.source_identity,
    )


def _role(trust: RoleTrust, declarations: Declarations) -> Statement:
    """Trust another declared role; after its last day the statement matches no role."""
    account = declarations.account
    name = trust.role if trust.role in declarations.roles else NOBODY
    arn = identity_arn(declarations, f"role/{name}")
    return role_trust(partition=partition_of(account.region), account=account.id, role_arns=(arn,))


def _workload(trust: WorkloadTrust, declarations: Declarations) -> Statement:
    account, adopted = declarations.account, adopted_of(declarations, "workload", trust.workload)
    return workload_trust(
        workload=trust.workload,
        partition=partition_of(account.region),
        account=account.id,
        path=account.path if adopted is None else adopted.path,
        role=adopted.role if isinstance(adopted, AdoptedWorkload) else None,
    )


def _registered(trust: TokenTrust, declarations: Declarations) -> Iterator[Statement]:
    """Trust tokens of a registered issuer."""
    issuer, values, providers = trust.issuer, trust.values, declarations.identity_providers
    if issuer.claims is not None:
        yield built_in_trust(issuer.recognized_by, issuer.claims(values))
    elif issuer.subject is not None:
        # The checks of references have refused a trust whose provider is not declared, or is ambiguous.
        name = provider_for(issuer.key, values.get("provider"), providers) or issuer.key
        yield from _tokens_of(name, issuer.subject(values, providers[name].stated), declarations)


def _tokens_of(name: str, subject: str | TokenSubject, declarations: Declarations) -> Iterator[Statement]:
    """Trust a subject of a declared OIDC provider, in one statement for each of its audiences."""
    account, provider = declarations.account, declarations.identity_providers[name]
    arn = oidc_provider_arn(partition_of(account.region), account.id, provider.url)
    for audience in provider.accepted_audiences:
        yield oidc_trust(provider_arn=arn, url=provider.url, audience=audience, subject=subject)


def _place(ours: Account) -> dict[str, str]:
    return {"partition": partition_of(ours.region), "region": ours.region, "account": ours.id}
