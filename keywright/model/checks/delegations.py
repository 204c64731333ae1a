"""Whoever is delegated to is somebody of ours, inside the fence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse delegates that exist already, whose policies are not ours to write, and the one that breaks the glass."""
    for name, delegation in draft.delegations.items():
        for index, delegate in enumerate(delegation.to):
            at = ("delegations", name, "to", index)
            kind, _, who = delegate.partition("/")
            thing = (draft.groups if kind == "group" else draft.roles).get(who)
            if thing is not None and thing.existing:
                message = f"existing `{delegate}` would need a policy to make roles by delegation `{name}`"
                yield draft.finding(message, f"`{delegate}`", f"a {kind} of ours", at=at)
            elif draft.account is not None and draft.account.break_glass == delegate:
                message = f"delegation `{name}` gives the break-glass role what it has, and takes it out of no fence"
                yield draft.finding(message, f"`{delegate}`", "another role, or a group", at=at)
