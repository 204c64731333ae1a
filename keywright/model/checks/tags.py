"""A grant by tag gives something to everybody who holds it, and a tag stays what its author meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.fields.tags import MOST, all_tags, key_of
from keywright.model.grants.grant import S3Grant, ServiceGrant
from keywright.model.holders import grants_of, holders
from keywright.model.identity_center import PermissionSet
from keywright.model.people.groups import Group
from keywright.model.people.users import User
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
    from keywright.model.holders import Holder
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding

_TAGGED = ("users", "roles", "workloads", "buckets")


def check_tags(draft: Draft) -> Iterator[Finding]:
    """Refuse a grant by a tag that a holder lacks, a value that names another's folder, and tags that are too many."""
    for section in _TAGGED:
        for name, thing in getattr(draft.declared, section).items():
            yield from _beside_the_accounts(draft, (section, name), thing)
    for path, holder in holders(draft):
        for at, grant in grants_of(draft, path, holder):
            yield from _named(draft, at, holder, grant)
            asked = _asked(grant, at)
            if asked is not None:
                yield from _held(draft, path, holder, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The tag that a grant asks of its holder, and where; `names` says that its value is a folder's name."""

    key: str
    at: Path
    names: bool


def _asked(grant: Grant, at: Path) -> _Asked | None:
    if isinstance(grant, S3Grant) and grant.prefix_by and grant.prefix_by.tag:
        return _Asked(grant.prefix_by.tag, (*at, "prefix_by", "tag"), names=True)
    if isinstance(grant, ServiceGrant) and grant.allow.where and grant.allow.where.equals:
        return _Asked(grant.allow.where.resource_tag, (*at, "allow", "where", "resource_tag"), names=False)
    return None


def _named(draft: Draft, at: Path, holder: Holder, grant: Grant) -> Iterator[Finding]:
    """Refuse a folder by user name to those who have none."""
    by_name = isinstance(grant, S3Grant) and grant.prefix_by is not None and grant.prefix_by.user_name
    if by_name and not isinstance(holder, Group | User):
        yield draft.finding(
            f"a session of {owner(at)} has no user name by which a folder could be called",
            "`user_name: true`",
            "a `prefix`" if isinstance(holder, PermissionSet) else "`tag: …`, and the tag under `tags:`",
            at=(*at, "prefix_by", "user_name"),
        )


def _held(draft: Draft, path: Path, holder: Holder, asked: _Asked) -> Iterator[Finding]:
    if isinstance(holder, Delegation):
        return
    if isinstance(holder, PermissionSet):
        yield draft.finding(
            f"a session of {owner(path)} has no tag by which a grant could decide",
            quoted(asked.key),
            "a prefix, or resources by name",
            at=asked.at,
        )
        return
    if isinstance(holder, Group):
        for name, user in draft.declared.users.items():
            if not user.existing and any(each.name == path[1] for each in user.groups):
                yield from _by(draft, ("users", name), user, asked)
    elif not (isinstance(holder, Role) and _is_brought(holder, asked.key)):
        yield from _by(draft, path, holder, asked)


def _is_brought(role: Role, key: str) -> bool:
    """Tell whether everybody who assumes a role may bring the tag along: what it is, their provider or cluster says."""
    return bool(role.trusts) and all(
        (isinstance(trust, SamlTrust) and key in trust.session_tags)
        or (isinstance(trust, EksTrust) and key in SESSION_TAGS)
        for trust in role.trusts
    )


def _by(draft: Draft, path: Path, thing: Tagged, asked: _Asked) -> Iterator[Finding]:
    if draft.account is None:
        return
    there = draft.places.at(*asked.at)
    tags = all_tags(draft.account, thing)
    key = key_of(tags, asked.key)
    holder: Path = path if key in thing.tags else ("account",)
    if key is not None and key != asked.key:
        yield draft.finding(
            f"tag `{key}` of {owner(holder)} is spelled otherwise by the grant at {there}",
            f"`{key}`",
            f"`{asked.key}`",
            at=(*holder, "tags", key),
            see=(there,),
        )
    elif key is None or not tags[key]:
        yield draft.finding(
            f"{owner(path)} lacks the tag by which the grant at {there} decides",
            listed(thing.tags) or "no `tags`",
            f"`tags: {{{asked.key}: …}}`",
            at=(*path, "tags") if thing.tags else path,
            see=(there,),
        )
    elif asked.names and "/" in tags[key]:
        yield draft.finding(
            f"tag `{key}` of {owner(holder)} names a folder within another one",
            quoted(tags[key]),
            f"a value without `/`, as the grant at {there} takes it for a folder's name",
            at=(*holder, "tags", key),
            see=(there,),
        )


def _beside_the_accounts(draft: Draft, path: Path, thing: Tagged) -> Iterator[Finding]:
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
            f"{count}, the account's and one of Keywright's own among them",
            f"at most {MOST}",
            at=(*path, "tags"),
        )
