"""Uses of AWS quotas that are near their limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import IdentityKind, identities
from keywright.guardrails.subjects.policy_sizes import size_of_policy
from keywright.policy.quotas import (
    GROUPS_PER_USER,
    IN_ACCOUNT,
    INLINE,
    MANAGED,
    MANAGED_POLICY,
    NEAR,
    TRUST_POLICY,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.collection import Identities
    from keywright.assembly.templates.template import Assembly
    from keywright.policy.quotas import Quota
    from keywright.reporting.finding import Location


@dataclass(frozen=True)
class QuotaUse:
    """The use of one quota by one owner."""

    owner: str
    what: str
    used: int
    quota: Quota
    location: Location

    @property
    def is_near(self) -> bool:
        """Return whether the use is near the quota."""
        return self.used >= NEAR * self.quota.default

    def __str__(self) -> str:
        part = self.used * 100 // self.quota.default
        return f"uses {self.used:,} of {self.quota.default:,} {self.what} ({part} %)"


def uses_near_quota(assembly: Assembly, part: Assembly | None = None) -> Iterator[QuotaUse]:
    """Yield the uses near their quota; with `part`, those of the account and of that part."""
    found = identities(part or assembly)
    return (
        each
        for each in (*_of_policies(found), *_of_identities(found), *_of_account(assembly))
        if each.is_near
    )


def _of_policies(found: Identities) -> Iterator[QuotaUse]:
    # The minimum size counts: a warning for sizes that only might be reached would be noise.
    for policy in found.managed:
        used = size_of_policy(policy).least
        owner = f"managed policy {policy.holder.label}"
        yield QuotaUse(owner, "characters", used, MANAGED_POLICY, policy.location)
    for role in found.roles:
        if role.trust:
            used = size_of_policy(role.trust).least
            yield QuotaUse(
                f"role {role.label}",
                "characters of its trust policy",
                used,
                TRUST_POLICY,
                role.trust.location,
            )
    inline: dict[tuple[IdentityKind, str], int] = {}
    places: dict[tuple[IdentityKind, str], Location] = {}
    for each in found.inline_policies:
        key = each.kind, str(each.owner)
        inline[key] = inline.get(key, 0) + size_of_policy(each.policy).least
        places.setdefault(key, each.policy.location)
    for (kind, name), used in inline.items():
        owner = f"{kind} {name}"
        yield QuotaUse(owner, "characters of inline policies", used, INLINE[kind], places[kind, name])


def _of_identities(found: Identities) -> Iterator[QuotaUse]:
    for identity in found.all:
        owner, place = f"{identity.kind} {identity.label}", identity.resource.location
        attached = len({str(each.arn) for each in identity.attached})
        yield QuotaUse(owner, "managed policies", attached, MANAGED[identity.kind], place)
        if identity.kind is IdentityKind.USER:
            joined = len({str(each.group) for each in identity.memberships})
            yield QuotaUse(owner, "groups", joined, GROUPS_PER_USER, place)


def _of_account(assembly: Assembly) -> Iterator[QuotaUse]:
    for kind, quota in IN_ACCOUNT.items():
        resources = assembly.of_type(kind)
        if resources:
            yield QuotaUse("the account", quota.name, len(resources), quota, resources[-1].location)
