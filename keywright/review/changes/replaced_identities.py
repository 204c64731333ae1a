"""Identities that CloudFormation replaces or destroys: what people and machines set up on them is lost.

Source: the "Update requires" notes of each type in the CloudFormation template reference.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.names import display_name
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.value import ABSENT, Text, possible_values
from keywright.reasoning.account.actors import ActorKind
from keywright.review.result import Fact, ReplacedIdentity, quoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value
    from keywright.review.comparison.snapshot import IdentityAccess, Snapshot


@dataclass(frozen=True)
class _Kind:
    """What makes another of it, and what goes with the old one."""

    create_only: tuple[str, ...]
    loses: str


_KINDS = {
    "AWS::IAM::User": _Kind(("UserName",), "its password, MFA devices, access keys and certificates"),
    "AWS::IAM::Group": _Kind(("GroupName",), "members added outside of the templates"),
    "AWS::IAM::Role": _Kind(
        ("RoleName", "Path"), "its sessions, and every reference to it in other policies"
    ),
    "AWS::IAM::ManagedPolicy": _Kind(
        ("ManagedPolicyName", "Path", "Description"), "its attachments outside of the templates"
    ),
    "AWS::IAM::InstanceProfile": _Kind(
        ("InstanceProfileName", "Path"), "its associations with running instances"
    ),
    "AWS::IAM::SAMLProvider": _Kind(("Name",), "every trust policy that names it"),
    "AWS::IAM::OIDCProvider": _Kind(("Url",), "every trust policy that names it"),
    "AWS::IAM::AccessKey": _Kind(
        ("Serial", "UserName"), "the key itself: whatever uses it needs the new key"
    ),
    "AWS::IAM::ServiceLinkedRole": _Kind(("AWSServiceName", "CustomSuffix"), "its sessions"),
}


def replaced_identities(base: Snapshot, head: Snapshot) -> Iterator[ReplacedIdentity]:
    """Tell of every identity of the base that does not live on."""
    known = _by_place(head)
    names = {_arn(head, each): each for each in known.values() if each.type in PHYSICAL_NAMES}
    for place, resource in _by_place(base).items():
        kind, now = _KINDS[resource.type], known.get(place)
        if now is None:
            successor = names.get(_arn(base, resource)) if resource.type in PHYSICAL_NAMES else None
            yield _destroyed(base, resource, successor, kind)
        elif now.type != resource.type:
            yield _destroyed(base, resource, None, kind)
        else:
            yield from _remade(base, head, resource, now, kind)


def _by_place(side: Snapshot) -> dict[tuple[str, str], Resource]:
    return {side.place(each): each for each in side.assembly.of_type(*_KINDS)}


def _arn(side: Snapshot, resource: Resource) -> str:
    return side.text(Evaluation({}).arn(resource, PHYSICAL_NAMES[resource.type]))


def _destroyed(
    base: Snapshot, resource: Resource, successor: Resource | None, kind: _Kind
) -> ReplacedIdentity:
    says = f"is deleted ({quoted(resource.logical_id)})"
    if successor is not None:
        says = f"{_how_it_moves(resource, successor)}; the old one is deleted"
    return ReplacedIdentity(_name(base, resource), says, kind.loses, resource.location)


def _how_it_moves(resource: Resource, successor: Resource) -> str:
    if resource.logical_id != successor.logical_id:
        return f"changes its logical id from {quoted(resource.logical_id)} to {quoted(successor.logical_id)}"
    old, new = (each.template.stack or each.template.file for each in (resource, successor))
    return f"moves from stack {quoted(old)} to {quoted(new)}"


def _remade(
    base: Snapshot, head: Snapshot, was: Resource, now: Resource, kind: _Kind
) -> Iterator[ReplacedIdentity]:
    for name in kind.create_only:
        old, new = (
            _shown(side, each.properties.get(name, ABSENT)) for side, each in ((base, was), (head, now))
        )
        if old != new and not (name == "Path" and {old, new} <= {"none", "/"}):
            says = f"is replaced: {name} changes from {quoted(old)} to {quoted(new)}"
            yield ReplacedIdentity(_name(base, was), says, kind.loses, now.locate("Properties", name))
            return


def _shown(side: Snapshot, value: Value) -> str:
    texts = [side.text(each) for each in possible_values(value) if isinstance(each, Text)]
    return " or ".join(texts) or "none"


def _name(side: Snapshot, resource: Resource) -> str:
    return side.plain(display_name(resource))


LEAVER = "leaver"
_USER = re.compile(r"arn:[a-z-]+:iam::[0-9]+:user/[\w+=,.@/-]+")
_GOING = {"membership", "console", "key", "MFA"}
"""What facts tell of a user beside policies; of one who is gone it is told together."""
_KEPT_OUT = "access keys and MFA devices created outside of the templates block the deletion, because nothing here removes them"
_TAKEN_AWAY = "the identity keeper first denies everything, then also removes keys, devices and certificates created elsewhere"


def with_deleted_users(base: Snapshot, head: Snapshot, facts: Iterable[Fact]) -> list[Fact]:
    """Tell of everybody who is gone, in place of the facts about what goes with them."""
    gone = {
        bearer.name: bearer
        for arn, bearer in base.bearers.items()
        if bearer.kind is ActorKind.USER and bearer.resource and arn not in head.bearers
    }
    told = list(facts)
    if not gone:
        return told
    kept = [each for each in told if not _goes(each, gone)]
    going: dict[str, list[Fact]] = {name: [] for name in gone}
    for each in told:
        if _goes(each, gone):
            going[each.name].append(each)
    named, looked_after = _users_named(head), set(_looked_after(base))
    for name, bearer in gone.items():
        ended = _TAKEN_AWAY if _keys(base, bearer) & looked_after else _KEPT_OUT
        says = ["is deleted", *_parts(going[name], bearer), ended]
        if bearer.arn in named:
            says.append(f"policies still name {quoted(bearer.arn)}, which no longer exists")
        place = bearer.resource.location if bearer.resource else None
        kept.append(Fact(LEAVER, name, "; ".join(says), place, narrows=True))
    return kept


def _goes(fact: Fact, gone: Container[str]) -> bool:
    return fact.name in gone and fact.about in _GOING


def _parts(going: list[Fact], bearer: IdentityAccess) -> Iterator[str]:
    """Say what goes that the templates know of."""
    if any(each.about == "console" for each in going):
        yield "console sign-in ends"
    yield from (each.says for each in going if each.about in {"key", "MFA"})
    groups = [each.says.removeprefix("leaves ") for each in going if each.about == "membership"]
    if groups:
        yield f"leaves {', '.join(groups)}"
    if any(not held.group for held in bearer.grants):
        yield "its own policies are deleted"


def _looked_after(side: Snapshot) -> Iterator[tuple[str, str]]:
    """Give the users whom the identity keeper ends: each by its name, or by its place."""
    for each in side.assembly.of_type("Custom::Leaving"):
        properties = each.raw.get("Properties")
        user = properties.get("UserName") if isinstance(properties, dict) else None
        reference = user.get("Ref") if isinstance(user, dict) else None
        if isinstance(user, str):
            yield "", user
        elif isinstance(reference, str):
            yield side.template_id(each.template.id), reference


def _keys(side: Snapshot, bearer: IdentityAccess) -> set[tuple[str, str]]:
    """Give what a user may be referred to by."""
    resource = bearer.resource
    own = {side.place(resource)} if resource else set()
    return own | {("", bearer.arn.rpartition("/")[2])}


def _users_named(side: Snapshot) -> set[str]:
    """Give every user whom the templates name by an ARN."""
    texts = (json.dumps(each.source.tree, default=str) for each in side.assembly.templates)
    return {found for text in texts for found in _USER.findall(text)}
