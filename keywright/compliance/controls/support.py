"""1.16: somebody can work with AWS Support when something has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.answer import Answer, Enforcer
from keywright.finding import Finding
from keywright.guardrails.trust import asks_everybody_for_mfa

if TYPE_CHECKING:
    from keywright.assembly.identities import Identity
    from keywright.compliance.seen import Seen, Templates

POLICY = "AWSSupportAccess"
_WAY_ON = "a role such as `aws-support: {trusts: [{group: …}], policies: [{managed: AWSSupportAccess, because: …}]}`"


def support(seen: Seen) -> Answer:
    """Judge whether a role, user or group has AWS's policy for support cases."""
    if seen.templates is None:
        return _declared(seen)
    holders = [
        each
        for each in seen.templates.whole.identities.all
        if any(attached.aws_managed == POLICY for attached in each.attached)
    ]
    if not holders:
        return _nobody(seen)
    return sum((_held(seen.templates, each) for each in holders), Answer())


def _nobody(seen: Seen) -> Answer:
    place = seen.places.at("roles") if seen.declarations or not seen.templates else seen.templates.place
    return Answer(gaps=(Finding(place, "nobody has AWS's policy for support", f"no `{POLICY}`", _WAY_ON),))


def _held(templates: Templates, holder: Identity) -> Answer:
    made = Answer(
        by=(Enforcer(f"{holder.kind} `{holder.label}`", holder.resource.location),),
        evidence=(f"`{POLICY}` is attached to {holder.kind} `{holder.label}`",),
    )
    if holder.trust is None:
        members = templates.whole.identities.members_of(holder)
        empty = str(holder.kind) == "group" and not members
        return made + Answer(limits=(f"nobody of these templates is in `{holder.label}`",) if empty else ())
    if asks_everybody_for_mfa(holder):
        return made + Answer(evidence=(f"whoever assumes `{holder.label}` has used a second factor",))
    return made + Answer(
        limits=(f"not everybody who assumes `{holder.label}` is asked for a second factor here",)
    )


def _declared(seen: Seen) -> Answer:
    if seen.declarations is None:
        return Answer()
    made = Answer()
    for name, role in seen.declarations.roles.items():
        for index, policy in enumerate(role.policies):
            if policy.managed.rpartition("/")[2] == POLICY:
                place = seen.places.at("roles", name, "policies", index)
                made += Answer(
                    (Enforcer(f"role `{name}`", place),), (f"role `{name}` is to have `{POLICY}`",)
                )
    return made if made.evidence else _nobody(seen)
