"""What no single declared thing can know of itself: references, quotas, look-alikes, dates, files beside it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from keywright.model.checks import (
    access_keys,
    account_denials,
    assumed_roles,
    buckets,
    chains,
    clusters,
    delegations,
    emergency,
    ending_memberships,
    ends,
    exceptions,
    existing_groups,
    handover,
    identity_center,
    invariants,
    issuers,
    managed_policies,
    names,
    organization,
    other_accounts,
    own_keys,
    partners,
    people_beside_federation,
    quotas,
    raw_statements,
    references,
    role_or_user,
    saml_metadata,
    services,
    sessions,
    shards,
    tags,
    trust_anchors,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding

_CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    references.check,
    names.check,
    partners.check,
    quotas.check,
    raw_statements.check,
    ends.check,
    access_keys.check,
    account_denials.check,
    assumed_roles.check,
    buckets.check,
    chains.check,
    clusters.check,
    delegations.check,
    emergency.check,
    ending_memberships.check,
    exceptions.check,
    existing_groups.check,
    handover.check,
    identity_center.check,
    invariants.check,
    issuers.check,
    managed_policies.check,
    organization.check,
    other_accounts.check,
    own_keys.check,
    people_beside_federation.check,
    role_or_user.check,
    saml_metadata.check,
    services.check,
    sessions.check,
    shards.check,
    tags.check,
    trust_anchors.check,
)


MOST = 500
"""The most findings that one check lists: whoever has more mends these first."""


def check(draft: Draft) -> list[Finding]:
    """Give the findings of all checks, in no particular order."""
    return [finding for one in _CHECKS for finding in islice(one(draft), MOST)]
