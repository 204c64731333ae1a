"""Quotas that are nearly used up are reported, by IAM's own count."""

from __future__ import annotations

import pytest

from keywright.live.verification.verify import QuotaUse, nearly_used_quotas

CASES = {
    "empty": ({"Users": 0, "UsersQuota": 5000}, []),
    "just below": ({"Roles": 799, "RolesQuota": 1000}, []),
    "four fifths": ({"Roles": 800, "RolesQuota": 1000}, [QuotaUse("roles", 800, 1000)]),
    "raised by AWS": ({"Roles": 900, "RolesQuota": 5000}, []),
    "several": (
        {"Groups": 300, "GroupsQuota": 300, "Policies": 1400, "PoliciesQuota": 1500},
        [QuotaUse("groups", 300, 300), QuotaUse("managed policies", 1400, 1500)],
    ),
    "no quota is told": ({"InstanceProfiles": 999}, []),
}


@pytest.mark.parametrize(("summary", "told"), CASES.values(), ids=CASES)
def test_nearly_used_quotas_are_reported(summary: dict[str, int], told: list[QuotaUse]) -> None:
    assert list(nearly_used_quotas(summary)) == told
