"""Tags: every holder of a grant by tag has the tag, with a usable value, and no thing has too many tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.fields.tags import MOST, all_tags, key_of
from keywright.model.grants.grant import S3Grant, ServiceGrant
from keywright.model.identity_center import PermissionSet
from keywright.model.people.groups import Group
from keywright.model.people.users import User
from keywright.model.queries import grants_of, holders
from keywright.model.roles import Delegation, Role
from keywright.model.source.places import owner
from keywright.model.trusts.pod_identity import SESSION_TAGS, EksTrust
from keywright.model.trusts.trust import SamlTrust
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.fields.tags import Tagged
    from keywright.model.grants.grant import Grant
    from keywright.model.queries import Holder
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding

_TAGGED = ("users", "roles", "workloads", "buckets")


def check_tags(draft: Draft) -> Iterator[Finding]:
    """Refuse grants by a tag that a holder lacks, tag values that name a nested folder, and too many tags."""
    for section in _TAGGED:
        for name, thing in getattr(draft.declared, section).items():
            yield from _with_account_tags(draft, (section, name), thing)
    for path, holder in holders(draft):
        for at, grant in grants_of(draft, path, holder):
            yield from _by_user_name(draft, at, holder, grant)
            required = _required_tag(grant, at)
            if required is not None:
                yield from _of_holder(draft, path, holder, required)


@dataclass(frozen=True, slots=True)
class _RequiredTag:
    """The tag that a grant requires of its holder, and where; `is_prefix` if its value is the name of an S3 folder."""

    key: str
    at: Path
    is_prefix: bool


def _required_tag(grant: Grant, at: Path) -> _RequiredTag | None:
    if isinstance(grant, S3Grant) and grant.prefix_by and grant.prefix_by.tag:
        return _RequiredTag(grant.prefix_by.tag, (*at, "prefix_by", "tag"), is_prefix=True)
    if isinstance(grant, ServiceGrant) and grant.allow.where and grant.allow.where.equals:
        return _RequiredTag(
            grant.allow.where.resource_tag, (*at, "allow", "where", "resource_tag"), is_prefix=False
        )
    return None


def _by_user_name(draft: Draft, at: Path, holder: Holder, grant: Grant) -> Iterator[Finding]:
    """Refuse a prefix by user name for holders without one."""
    by_name = isinstance(grant, S3Grant) and grant.prefix_by is not None and grant.prefix_by.user_name
    if by_name and not isinstance(holder, Group | User):
        yield draft.finding(
            f"a session of {owner(at)} has no user name for `prefix_by`",
            "`user_name: true`",
            "a `prefix`" if isinstance(holder, PermissionSet) else "`tag: …`, and the tag under `tags:`",
            at=(*at, "prefix_by", "user_name"),
        )


def _of_holder(draft: Draft, path: Path, holder: Holder, required: _RequiredTag) -> Iterator[Finding]:
    # Roles that are created by delegation are not declared, so their tags are unknown here.
    if isinstance(holder, Delegation):
        return
    if isinstance(holder, PermissionSet):
        yield draft.finding(
            f"a session of {owner(path)} has no principal tag for a grant to test",
            quoted(required.key),
            "a prefix, or resources by name",
            at=required.at,
        )
        return
    if isinstance(holder, Group):
        for name, user in draft.declared.users.items():
            if not user.existing and any(each.name == path[1] for each in user.groups):
                yield from _of_tagged(draft, ("users", name), user, required)
    elif not (isinstance(holder, Role) and _is_session_tag(holder, required.key)):
        yield from _of_tagged(draft, path, holder, required)


def _is_session_tag(role: Role, key: str) -> bool:
    """Tell whether every session of a role gets the tag from its identity provider or cluster."""
    # One trust that does not pass the tag is enough for a session without it.
    return bool(role.trusts) and all(
        (isinstance(trust, SamlTrust) and key in trust.session_tags)
        or (isinstance(trust, EksTrust) and key in SESSION_TAGS)
        for trust in role.trusts
    )


def _of_tagged(draft: Draft, path: Path, thing: Tagged, required: _RequiredTag) -> Iterator[Finding]:
    if draft.account is None:
        return
    there = draft.places.at(*required.at)
    tags = all_tags(draft.account, thing)
    key = key_of(tags, required.key)
    # The tag may be one of the account's, which every declared thing has.
    holder: Path = path if key in thing.tags else ("account",)
    if key is not None and key != required.key:
        yield draft.finding(
            f"tag `{key}` of {owner(holder)} is spelled differently in the grant at {there}",
            f"`{key}`",
            f"`{required.key}`",
            at=(*holder, "tags", key),
            see=(there,),
        )
    elif key is None or not tags[key]:
        yield draft.finding(
            f"{owner(path)} lacks the tag that the grant at {there} requires",
            listed(thing.tags) or "no `tags`",
            f"`tags: {{{required.key}: …}}`",
            at=(*path, "tags") if thing.tags else path,
            see=(there,),
        )
    elif required.is_prefix and "/" in tags[key]:
        yield draft.finding(
            f"tag `{key}` of {owner(holder)} names a nested folder",
            quoted(tags[key]),
            f"a value without `/`, since the grant at {there} uses it as a folder's name",
            at=(*holder, "tags", key),
            see=(there,),
        )


def _with_account_tags(draft: Draft, path: Path, thing: Tagged) -> Iterator[Finding]:
    if draft.account is None:
        return
    for key in thing.tags:
        of_account = next((each for each in draft.account.tags if each.lower() == key.lower()), key)
        if of_account != key:
            there = draft.places.key("account", "tags", of_account)
            yield draft.finding(
                f"tag `{key}` of {owner(path)} differs from `{of_account}` of the account only by case",
                f"`{of_account}` at {there}",
                f"`{of_account}`",
                at=(*path, "tags", key),
                see=(there,),
            )
    count = len(all_tags(draft.account, thing)) + 1
    if count > MOST:
        yield draft.finding(
            f"{owner(path)} has too many tags",
            f"{count}, with the account's and one of Keywright",
            f"at most {MOST}",
            at=(*path, "tags"),
        )
