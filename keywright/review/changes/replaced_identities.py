"""Identities that CloudFormation replaces or deletes, with what is lost, and users that are deleted.

Source: the "Update requires" notes of each type in the CloudFormation template reference.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.names import display_name
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.value import ABSENT, Text, possible_values
from keywright.reasoning.account.actors import ActorKind
from keywright.review.changes.resource_types import resource_types
from keywright.review.result import LEAVER, Fact, ReplacedIdentity, quoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value
    from keywright.review.comparison.snapshot import IdentityAccess, Snapshot


def replaced_identities(base: Snapshot, head: Snapshot) -> Iterator[ReplacedIdentity]:
    """Yield every identity of the base that is replaced or deleted."""
    known = _by_place(head)
    # The same name under another logical id means delete and create for CloudFormation, and the identity
    # loses what is attached by hand.
    names = {_arn(head, each): each for each in known.values() if each.type in PHYSICAL_NAMES}
    for place, resource in _by_place(base).items():
        kind, now = resource_types("identities")[resource.type], known.get(place)
        if now is None:
            successor = names.get(_arn(base, resource)) if resource.type in PHYSICAL_NAMES else None
            yield _deleted(base, resource, successor, kind)
        elif now.type != resource.type:
            yield _deleted(base, resource, None, kind)
        else:
            yield from _replaced_in_place(base, head, resource, now, kind)


def _by_place(snapshot: Snapshot) -> dict[tuple[str, str], Resource]:
    return {snapshot.place(each): each for each in snapshot.assembly.of_type(*resource_types("identities"))}


def _arn(snapshot: Snapshot, resource: Resource) -> str:
    return snapshot.text(Evaluation({}).arn(resource, PHYSICAL_NAMES[resource.type]))


def _deleted(
    base: Snapshot, resource: Resource, successor: Resource | None, kind: Mapping[str, Any]
) -> ReplacedIdentity:
    says = f"is deleted ({quoted(resource.logical_id)})"
    if successor is not None:
        says = f"{_move_message(resource, successor)}; the old one is deleted"
    return ReplacedIdentity(
        _name(base, resource), says, kind["loses"], resource.location, owner=_owner(base, resource)
    )


def _move_message(resource: Resource, successor: Resource) -> str:
    if resource.logical_id != successor.logical_id:
        return f"changes its logical id from {quoted(resource.logical_id)} to {quoted(successor.logical_id)}"
    old, new = (each.template.stack or each.template.file for each in (resource, successor))
    return f"moves from stack {quoted(old)} to {quoted(new)}"


def _replaced_in_place(
    base: Snapshot, head: Snapshot, was: Resource, now: Resource, kind: Mapping[str, Any]
) -> Iterator[ReplacedIdentity]:
    for name in kind["create_only"]:
        old, new = (
            _shown(snapshot, each.properties.get(name, ABSENT))
            for snapshot, each in ((base, was), (head, now))
        )
        # A path that is not declared is `/`, so adding the default replaces nothing.
        if old != new and not (name == "Path" and {old, new} <= {"none", "/"}):
            values = "" if name in kind.get("secret", ()) else f" from {quoted(old)} to {quoted(new)}"
            says = f"is replaced: {name} changes{values}"
            place = now.locate("Properties", name)
            yield ReplacedIdentity(_name(base, was), says, kind["loses"], place, owner=_owner(base, was))
            return


def _shown(snapshot: Snapshot, value: Value) -> str:
    texts = [snapshot.text(each) for each in possible_values(value) if isinstance(each, Text)]
    return " or ".join(texts) or "none"


def _owner(snapshot: Snapshot, resource: Resource) -> str:
    """Give the user of an access key."""
    users = snapshot.texts(resource, "UserName") if resource.type == "AWS::IAM::AccessKey" else ()
    return f"user/{users[0]}" if len(users) == 1 else ""


def _name(snapshot: Snapshot, resource: Resource) -> str:
    return snapshot.plain(display_name(resource))


_USER = re.compile(r"arn:[a-z-]+:iam::[0-9]+:user/[\w+=,.@/-]+")
_DELETED_WITH_USER = {"membership", "console", "key", "MFA"}
"""Facts about a user that become part of one fact if the user is deleted."""
_DELETION_BLOCKED = "access keys and MFA devices created outside of the templates block the deletion, because nothing here removes them"
_KEEPER_CLEANUP = "the identity keeper first denies everything, then also removes keys, devices and certificates created elsewhere"


def with_deleted_users(base: Snapshot, head: Snapshot, facts: Iterable[Fact]) -> list[Fact]:
    """Replace the facts about each deleted user by one fact."""
    deleted = {
        identity.name: identity
        for arn, identity in base.identities.items()
        if identity.kind is ActorKind.USER and identity.resource and arn not in head.identities
    }
    known = list(facts)
    if not deleted:
        return known
    kept = [each for each in known if not _belongs_to_deletion(each, deleted)]
    deleted_with: dict[str, list[Fact]] = {name: [] for name in deleted}
    for each in known:
        if _belongs_to_deletion(each, deleted):
            deleted_with[each.name].append(each)
    named, kept_by_keeper = _users_named(head), set(_users_of_keeper(base))
    for name, identity in deleted.items():
        ended = _KEEPER_CLEANUP if _user_keys(base, identity) & kept_by_keeper else _DELETION_BLOCKED
        says = ["is deleted", *_deletion_parts(deleted_with[name], identity), ended]
        if identity.arn in named:
            says.append(f"policies still name {quoted(identity.arn)}, which no longer exists")
        place = identity.resource.location if identity.resource else None
        kept.append(Fact(LEAVER, name, "; ".join(says), place, narrows=True))
    return kept


def _belongs_to_deletion(fact: Fact, deleted: Container[str]) -> bool:
    return fact.name in deleted and fact.about in _DELETED_WITH_USER


def _deletion_parts(deleted_with: list[Fact], identity: IdentityAccess) -> Iterator[str]:
    """Yield what is deleted with a user, as far as the templates show it."""
    if any(each.about == "console" for each in deleted_with):
        yield "console sign-in ends"
    yield from (each.says for each in deleted_with if each.about in {"key", "MFA"})
    groups = [each.says.removeprefix("leaves ") for each in deleted_with if each.about == "membership"]
    if groups:
        yield f"leaves {', '.join(groups)}"
    if any(not policy.group for policy in identity.grants):
        yield "its own policies are deleted"


def _users_of_keeper(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield the users that the identity keeper cleans up, by name or by template and logical id."""
    for each in snapshot.assembly.of_type("Custom::Leaving"):
        properties = each.raw.get("Properties")
        user = properties.get("UserName") if isinstance(properties, dict) else None
        reference = user.get("Ref") if isinstance(user, dict) else None
        if isinstance(user, str):
            yield "", user
        elif isinstance(reference, str):
            yield snapshot.template_id(each.template.id), reference


def _user_keys(snapshot: Snapshot, identity: IdentityAccess) -> set[tuple[str, str]]:
    """Give the keys by which `_users_of_keeper` may refer to a user."""
    resource = identity.resource
    own = {snapshot.place(resource)} if resource else set()
    return own | {("", identity.arn.rpartition("/")[2])}


def _users_named(snapshot: Snapshot) -> set[str]:
    """Give every user whose ARN the templates contain."""
    # The whole template is searched: a deleted user can be named in any policy, also in one that is not
    # evaluated.
    texts = (json.dumps(each.source.tree, default=str) for each in snapshot.assembly.templates)
    return {found for text in texts for found in _USER.findall(text)}
