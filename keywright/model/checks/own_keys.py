"""Keys of one's own are for people who sign in: the second factor with which they are made is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse software, and people who never sign in, in a group whose members make access keys of their own."""
    for name, user in draft.users.items():
        for index, membership in enumerate(user.groups):
            group = draft.groups.get(membership.name)
            if user.existing or group is None or group.self_service is None:
                continue
            what = f"group `{membership.name}`, whose members make access keys of their own"
            at = ("users", name, "groups", index, "name")
            if user.application is not None:
                yield draft.finding(
                    f"user `{name}` is an application in {what}",
                    f"`{membership.name}`",
                    "`access_keys` of the application, in another group",
                    at=at,
                )
            elif user.person is not None and not user.console:
                yield draft.finding(
                    f"user `{name}` never signs in, and is in {what}",
                    "no `console`",
                    "`console: true`, or another group",
                    at=at,
                )
