"""IAM Roles Anywhere takes a certificate by an anchor of the account and region that it is asked in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.anywhere_trust import AnywhereTrust
from keywright.model.quoting import listed
from keywright.policy.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft
    from keywright.model.role import Role


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse an anchor of another account or region, which lets nobody in, and two ideas of what sessions may at most."""
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
        yield from _unlike(draft, name, role)


def _unlike(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    """Refuse different limits: a machine says itself by which profile it comes, and nothing holds it to its own."""
    trusts = [(index, each) for index, each in enumerate(role.trusts) if isinstance(each, AnywhereTrust)]
    for index, trust in trusts[1:]:
        if set(trust.at_most) != set(trusts[0][1].at_most):
            at = ("roles", name, "trusts", index, "at_most" if trust.at_most else "trust_anchor")
            yield draft.finding(
                f"certificates of role `{name}` are held to different policies, of which each machine would choose",
                listed(trust.at_most) or "no `at_most`",
                f"{listed(trusts[0][1].at_most) or 'no `at_most`'}, as before it, or a role of its own",
                at=at,
            )
