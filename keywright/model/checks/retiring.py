"""Users, roles and keys that are retired by grace: the day from which the grace counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keywright.model.source.places import owner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding

_AHEAD = timedelta(days=1)
"""A date one day ahead may be today in another time zone."""


def check_retiring(draft: Draft) -> Iterator[Finding]:
    """Report days in the future: everything is denied from the next deployment on, whatever day is written."""
    for section in ("users", "roles"):
        for name, identity in getattr(draft.declared, section).items():
            if identity.retiring is not None:
                yield from _future(
                    draft,
                    (section, name, "retiring", "since"),
                    f"{owner((section, name))} is retiring",
                    identity.retiring.since,
                )
    for name, user in draft.declared.users.items():
        for index, key in enumerate(user.access_keys):
            if key.since is not None:
                path: Path = ("users", name, "access_keys", index, "since")
                yield from _future(draft, path, f"key {key.serial} of user `{name}` is inactive", key.since)


def _future(draft: Draft, path: Path, what: str, since: date) -> Iterator[Finding]:
    if since - draft.today > _AHEAD:
        yield draft.finding(
            f"{what} from a day in the future",
            f"`{since}`, today is {draft.today}",
            "the day of the deployment",
            at=path,
            severity=draft.dates,
        )
