"""IAM Roles Anywhere takes a certificate by an anchor of the account and region that it is asked in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.anywhere_trust import AnywhereTrust
from keywright.policy.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse an anchor of another account or region: its certificates would let nobody in."""
    if draft.account is None:
        return
    region, account = draft.account.region, draft.account.id
    here = f"arn:{partition_of(region)}:rolesanywhere:{region}:{account}:trust-anchor/"
    for name, role in draft.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, AnywhereTrust) and not trust.trust_anchor.startswith(here):
                yield draft.finding(
                    f"role `{name}` trusts an anchor of another account or region, which lets nobody in",
                    f"`{trust.trust_anchor}`",
                    f"`{here}…`",
                    at=("roles", name, "trusts", index, "trust_anchor"),
                )
