"""A membership can't carry an end: it is held by a copy of the group whose every Allow does, where one can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.grant import ManagedPolicyGrant
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse an end in a group that can't be copied: one that exists, or that holds managed policies that are not ours."""
    for name, user in draft.users.items():
        for index, membership in enumerate(user.groups):
            group = draft.groups.get(membership.name)
            if membership.until is None or group is None:
                continue
            at = ("users", name, "groups", index, "until")
            what = f"membership of user `{name}` in group `{membership.name}` can't end by itself"
            if group.existing:
                yield draft.finding(what, "an existing group", "a group of ours, or no `until`", at=at)
            elif foreign := [policy.managed for policy in group.policies if not _is_ours(draft, policy)]:
                held = listed(foreign)
                yield draft.finding(
                    what, f"managed policies, {held}", "`grants` in their place, or no `until`", at=at
                )


def _is_ours(draft: Draft, policy: ManagedPolicyGrant) -> bool:
    """Tell whether a copy of the group can hold what the policy gives: its grants are known."""
    own = draft.policies.get(policy.own) if policy.own else None
    return own is not None and own.existing is None
