"""Adopted identities: personal access keys before MFA, and physical names that two declarations keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.queries import makes_own_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


def check_adoption(draft: Draft) -> Iterator[Finding]:
    """Refuse personal access keys of people without the MFA guard, and a role or instance profile declared twice."""
    for name, user in draft.declared.users.items():
        waits = user.adopted is not None and user.adopted.mfa == "later"
        # Only the guard limits such a key to `get-session-token` with an MFA code.
        if waits and makes_own_keys(user, draft.declared.groups):
            yield draft.finding(
                f"user `{name}` can create access keys, and is not in the group of the MFA guard",
                "`mfa: later`",
                "`mfa: required`, or no personal access keys",
                at=("users", name, "adopted", "mfa"),
            )
    yield from _names(draft)


def _names(draft: Draft) -> Iterator[Finding]:
    roles: dict[str, str] = {
        name.lower(): f"role `{name}`" for name, role in draft.declared.roles.items() if not role.existing
    }
    profiles: dict[str, str] = {}
    for name, workload in draft.declared.workloads.items():
        if workload.adopted is None:
            continue
        kept = (("role", workload.adopted.role, roles),)
        profile = workload.adopted.profile or workload.adopted.role
        key = "profile" if workload.adopted.profile else "role"
        for at, physical, seen in (*kept, (key, profile, profiles)):
            path: Path = ("workloads", name, "adopted", at)
            first = seen.setdefault(physical.lower(), f"workload `{name}`")
            if first != f"workload `{name}`":
                yield draft.finding(
                    f"workload `{name}` keeps {'a role' if seen is roles else 'an instance profile'} that {first} has",
                    f"`{physical}`",
                    "each in one declaration",
                    at=path,
                )
