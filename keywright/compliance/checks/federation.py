"""Control 1.20: people are managed centrally, and have no password in this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import ASSIGNMENT
from keywright.compliance.report import Assessment, Enforcer
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.input import Input

SAML = "AWS::IAM::SAMLProvider"
CENTER = "IAM Identity Center"
MFA_LIMIT = "whether IAM Identity Center requires MFA is set there, and no template shows it"


def federation(source: Input) -> Assessment:
    """Assess whether people are federated; no template shows whether there are several accounts."""
    people, providers = _people(source), [*_centers(source), *_providers(source)]
    by_hand = (MFA_LIMIT,) if any(CENTER in each.what for each in providers) else ()
    # Without passwords in the account people can only come from outside, whatever provider they use.
    if not people:
        how = f"; people sign in with {', '.join(each.what for each in providers)}" if providers else ""
        evidence = (f"no user signs in with a password of this account{how}",)
        return Assessment(enforced_by=tuple(providers), evidence=evidence, limits=by_hand)
    if not providers:
        return Assessment()
    named = listed(people)
    own = source.declarations.account.own_users if source.declarations else None
    reason = f"; to be reviewed by {own.review}: {own.because}" if own else ""
    return Assessment(
        enforced_by=tuple(providers),
        evidence=(f"people can sign in with {', '.join(each.what for each in providers)}",),
        limits=(
            *by_hand,
            f"{len(people)} users sign in with a password of this account: {named}{reason}",
        ),
    )


def _people(source: Input) -> list[str]:
    if source.templates is not None:
        return [user.identity.label for user in source.templates.users if user.signs_in]
    users = source.declarations.users.items() if source.declarations else ()
    return [name for name, user in users if user.console]


def _centers(source: Input) -> list[Enforcer]:
    declared = source.declarations
    if declared is not None and declared.identity_center is not None and declared.assignments:
        return [Enforcer(CENTER, source.places.key("identity_center"))]
    assigned = source.templates.assembly.of_type(ASSIGNMENT) if source.templates is not None else ()
    return [Enforcer(CENTER, each.location) for each in assigned][:1]


def _providers(source: Input) -> list[Enforcer]:
    declared = source.declarations.identity_providers.items() if source.declarations else ()
    found = [
        Enforcer(f"SAML provider `{name}`", source.places.key("identity_providers", name))
        for name, provider in declared
        if provider.saml is not None
    ]
    if source.templates is not None and not found:
        found = list(map(_provider, source.templates.assembly.of_type(SAML)))
    return found


def _provider(resource: Resource) -> Enforcer:
    return Enforcer(f"SAML provider `{resource.logical_id}`", resource.location)
