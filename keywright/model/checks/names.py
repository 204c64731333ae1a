"""Names that can't be told apart, or that are taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.subject import SINGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding

RESERVED_GROUPS = ("mfa-guard", "command-line", "session-token")
"""Groups of ours that every person, and everybody with `cli`, is put into."""
RESERVED_BUCKETS = ("access-logs",)
"""The bucket that keeps the access logs of the others."""
_TWIN = re.compile(r".*\.until-\d{4}-\d{2}-\d{2}", re.IGNORECASE | re.ASCII)
_ENDED = re.compile(r".*\.\d{4}-\d{2}-\d{2}", re.ASCII)
_OF_AWS = re.compile(r"AWSServiceRoleFor.*|AWSReservedSSO_.*", re.IGNORECASE)


def _is_ours(name: str) -> bool:
    return name.lower().startswith("keywright-")


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse names that IAM takes for the same, that are reserved, or that no secret can have."""
    for section in ("groups", "users", "roles", "policies"):
        yield from _alike(draft, section)
    yield from _reserved(draft)
    yield from _reserved_tags(draft)
    for name, user in draft.users.items():
        if "," in name and (user.console or user.access_keys):
            message = f"user `{name}` has a secret and a comma in its name, which Secrets Manager refuses"
            yield draft.finding(message, f"`{name}`", "letters, digits and `+=.@_-`", at=("users", name))


def _alike(draft: Draft, section: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in draft.names.get(section, ()):
        first = seen.setdefault(name.lower(), name)
        if first != name:
            there = draft.places.key(section, first)
            yield draft.finding(
                f"{SINGULAR[section]} `{name}` differs from `{first}` only by case, which IAM does not see",
                f"`{first}` at {there}",
                "names that differ by more",
                at=(section, name),
                see=(there,),
            )


def _reserved(draft: Draft) -> Iterator[Finding]:
    for section, is_reserved, whose in (
        ("groups", lambda name: name.lower() in RESERVED_GROUPS, "every person's guard and sign-in"),
        ("groups", _TWIN.fullmatch, "members of a group until that day"),
        ("buckets", lambda name: name in RESERVED_BUCKETS, "the access logs of the other buckets"),
        ("roles", _OF_AWS.fullmatch, "AWS itself"),
        ("roles", _is_ours, "the identity keeper"),
        ("users", _is_ours, "Keywright itself"),
        ("permission_sets", _ENDED.fullmatch, "assignments of a permission set until that day"),
    ):
        for name in draft.names.get(section, ()):
            if is_reserved(name):
                message = f"{SINGULAR[section]} `{name}` has a name that is kept for {whose}"
                yield draft.finding(message, f"`{name}`", "another name", at=(section, name))


def _reserved_tags(draft: Draft) -> Iterator[Finding]:
    """Keep the tags of ours, by which the boundary knows who hands over, from being declared or brought along."""
    for section in ("users", "roles", "workloads", "buckets"):
        for name, thing in getattr(draft, section).items():
            for key in filter(_is_ours, thing.tags):
                whose = f"{SINGULAR[section]} `{name}`"
                yield _reserved_tag(draft, whose, key, (section, name, "tags", key))
    for key in filter(_is_ours, draft.account.tags if draft.account else ()):
        yield _reserved_tag(draft, "the account", key, ("account", "tags", key))
    for name, role in draft.roles.items():
        for index, trust in enumerate(role.trusts):
            for at, key in enumerate(getattr(trust, "session_tags", ())):
                if _is_ours(key):
                    place = ("roles", name, "trusts", index, "session_tags", at)
                    yield _reserved_tag(draft, f"role `{name}`", key, place)


def _reserved_tag(draft: Draft, whose: str, key: str, at: Path) -> Finding:
    return draft.finding(
        f"{whose} has a tag that is kept for Keywright itself", f"`{key}`", "another key", at=at
    )
