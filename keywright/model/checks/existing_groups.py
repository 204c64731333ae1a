"""A group that exists already is never changed, so nothing may be declared that would have to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.trust import GroupTrust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding

_OURS = "a group of ours"


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse what needs a policy of the group's."""
    existing = {name for name, group in draft.groups.items() if group.existing}
    for name, role in draft.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, GroupTrust) and trust.group in existing:
                message = (
                    f"role `{name}` trusts existing group `{trust.group}`, which would need a policy for it"
                )
                at = ("roles", name, "trusts", index, "group")
                yield draft.finding(message, f"`{trust.group}`", _OURS, at=at)
    if draft.account is not None and draft.account.handover in existing:
        message = "`handover` of the account is an existing group, which would need a policy for it"
        yield draft.finding(message, f"`{draft.account.handover}`", _OURS, at=("account", "handover"))
    for name, user in draft.users.items():
        for index, reader in enumerate((user.application and user.application.readers) or ()):
            if reader.removeprefix("group/") in existing and reader.startswith("group/"):
                message = f"existing `{reader}` would need a policy to read the keys of user `{name}`"
                path = ("users", name, "application", "readers", index)
                yield draft.finding(message, f"`{reader}`", _OURS, at=path)
