"""1.20: people come from one place, and hold no password of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import ASSIGNMENT
from keywright.compliance.answer import Answer, Enforcer

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.seen import Seen

SAML = "AWS::IAM::SAMLProvider"
CENTER = "IAM Identity Center"
SECOND_FACTOR = (
    "whether IAM Identity Center asks people for a second factor is set there, and stands in no template"
)


def federation(seen: Seen) -> Answer:
    """Judge whether people are federated; whether there are several accounts, no template says."""
    people, providers = _people(seen), [*_centers(seen), *_providers(seen)]
    by_hand = (SECOND_FACTOR,) if any(CENTER in each.what for each in providers) else ()
    if not people:
        by = tuple(providers)
        how = f"by {', '.join(each.what for each in by)}" if by else "by no password"
        evidence = (f"no user signs in with a password of this account; people come {how}",)
        return Answer(by=by, evidence=evidence, limits=by_hand)
    if not providers:
        return Answer()
    named = ", ".join(f"`{each}`" for each in people)
    own = seen.declarations.account.own_users if seen.declarations else None
    reason = f"; to be reviewed by {own.review}: {own.because}" if own else ""
    return Answer(
        by=tuple(providers),
        evidence=(f"people can come by {', '.join(each.what for each in providers)}",),
        limits=(
            *by_hand,
            f"{len(people)} users sign in with a password of this account: {named}{reason}",
        ),
    )


def _people(seen: Seen) -> list[str]:
    if seen.templates is not None:
        return [user.identity.label for user in seen.templates.users if user.signs_in]
    users = seen.declarations.users.items() if seen.declarations else ()
    return [name for name, user in users if user.console]


def _centers(seen: Seen) -> list[Enforcer]:
    declared = seen.declarations
    if declared is not None and declared.identity_center is not None and declared.assignments:
        return [Enforcer(CENTER, seen.places.key("identity_center"))]
    assigned = seen.templates.assembly.of_type(ASSIGNMENT) if seen.templates is not None else ()
    return [Enforcer(CENTER, each.location) for each in assigned][:1]


def _providers(seen: Seen) -> list[Enforcer]:
    declared = seen.declarations.identity_providers.items() if seen.declarations else ()
    found = [
        Enforcer(f"SAML provider `{name}`", seen.places.key("identity_providers", name))
        for name, provider in declared
        if provider.saml is not None
    ]
    if seen.templates is not None and not found:
        found = list(map(_provider, seen.templates.assembly.of_type(SAML)))
    return found


def _provider(resource: Resource) -> Enforcer:
    return Enforcer(f"SAML provider `{resource.logical_id}`", resource.location)
