"""The checks across declarations: references, quotas, dates, files next to them, and advice."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from keywright.model.checks import (
    access_keys,
    account,
    adoption,
    advice,
    buckets,
    certificates,
    ends,
    grants,
    identity_center,
    identity_providers,
    invariants,
    people,
    quotas,
    references,
    retiring,
    roles,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding

_CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    references.check_references,
    references.check_names,
    roles.check_partners,
    quotas.check_quotas,
    grants.check_statements,
    ends.check_ends,
    access_keys.check_access_keys,
    retiring.check_retiring,
    adoption.check_adoption,
    account.check_denials,
    roles.check_assumed_roles,
    buckets.check_buckets,
    roles.check_role_chaining,
    identity_providers.check_clusters,
    roles.check_delegations,
    people.check_emergency_access,
    people.check_ending_memberships,
    ends.check_exceptions,
    people.check_existing_groups,
    people.check_handover,
    identity_center.check_identity_center,
    invariants.check_invariants,
    identity_providers.check_issuers,
    grants.check_managed_policies,
    account.check_organization,
    account.check_other_accounts,
    access_keys.check_self_service,
    account.suggest_password_policy,
    advice.suggest_federation,
    advice.suggest_roles,
    certificates.check_saml_metadata,
    grants.check_services,
    grants.check_sessions,
    quotas.check_shards,
    tags.check_tags,
    certificates.check_trust_anchors,
)


MOST = 500
"""The most findings of one check."""


def check(draft: Draft) -> list[Finding]:
    """Give the findings of all checks, in no particular order."""
    # `islice` also stops the check itself, so that a large file full of mistakes is still reported quickly.
    return [finding for one in _CHECKS for finding in islice(one(draft), MOST)]
