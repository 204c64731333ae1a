"""Identities that CloudFormation replaces or destroys: what people and machines set up on them is lost.

Source: the "Update requires" notes of each type in the CloudFormation template reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.names import best_name
from keywright.assembly.templates.physical_names import PHYSICAL
from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.value import ABSENT, Text, readings
from keywright.review.change import Replaced, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value
    from keywright.review.side import Side


@dataclass(frozen=True)
class _Kind:
    """What makes another of it, and what goes with the old one."""

    create_only: tuple[str, ...]
    loses: str


_KINDS = {
    "AWS::IAM::User": _Kind(("UserName",), "its password, MFA devices, access keys and certificates"),
    "AWS::IAM::Group": _Kind(("GroupName",), "its members that joined outside of the templates"),
    "AWS::IAM::Role": _Kind(("RoleName", "Path"), "its sessions, and every policy elsewhere that names it"),
    "AWS::IAM::ManagedPolicy": _Kind(
        ("ManagedPolicyName", "Path", "Description"), "its attachments outside of the templates"
    ),
    "AWS::IAM::InstanceProfile": _Kind(
        ("InstanceProfileName", "Path"), "its associations with running instances"
    ),
    "AWS::IAM::SAMLProvider": _Kind(("Name",), "every trust that names it"),
    "AWS::IAM::OIDCProvider": _Kind(("Url",), "every trust that names it"),
    "AWS::IAM::AccessKey": _Kind(
        ("Serial", "UserName"), "the key itself: whoever uses it must take the new one"
    ),
    "AWS::IAM::ServiceLinkedRole": _Kind(("AWSServiceName", "CustomSuffix"), "its sessions"),
}


def replaced(base: Side, head: Side) -> Iterator[Replaced]:
    """Tell of every identity of the base that does not live on."""
    known = _by_place(head)
    names = {_arn(head, each): each for each in known.values() if each.type in PHYSICAL}
    for place, resource in _by_place(base).items():
        kind, now = _KINDS[resource.type], known.get(place)
        if now is None:
            successor = names.get(_arn(base, resource)) if resource.type in PHYSICAL else None
            yield _destroyed(base, resource, successor, kind)
        elif now.type != resource.type:
            yield _destroyed(base, resource, None, kind)
        else:
            yield from _remade(base, head, resource, now, kind)


def _by_place(side: Side) -> dict[tuple[str, str], Resource]:
    return {side.place(each): each for each in side.assembly.of_type(*_KINDS)}


def _arn(side: Side, resource: Resource) -> str:
    return side.text(Evaluation({}).arn(resource, PHYSICAL[resource.type]))


def _destroyed(base: Side, resource: Resource, successor: Resource | None, kind: _Kind) -> Replaced:
    says = f"is destroyed ({quoted(resource.logical_id)})"
    if successor is not None:
        says = f"{_how_it_moves(resource, successor)}: the old one is destroyed"
    return Replaced(_name(base, resource), says, kind.loses, resource.location)


def _how_it_moves(resource: Resource, successor: Resource) -> str:
    if resource.logical_id != successor.logical_id:
        return f"changes its logical id from {quoted(resource.logical_id)} to {quoted(successor.logical_id)}"
    old, new = (each.template.stack or each.template.file for each in (resource, successor))
    return f"moves from stack {quoted(old)} to {quoted(new)}"


def _remade(base: Side, head: Side, was: Resource, now: Resource, kind: _Kind) -> Iterator[Replaced]:
    for name in kind.create_only:
        old, new = (
            _shown(side, each.properties.get(name, ABSENT)) for side, each in ((base, was), (head, now))
        )
        if old != new and not (name == "Path" and {old, new} <= {"none", "/"}):
            says = f"is replaced: {name} was {quoted(old)} and is {quoted(new)}"
            yield Replaced(_name(base, was), says, kind.loses, now.locate("Properties", name))
            return


def _shown(side: Side, value: Value) -> str:
    texts = [side.text(each) for each in readings(value) if isinstance(each, Text)]
    return " or ".join(texts) or "none"


def _name(side: Side, resource: Resource) -> str:
    return side.plain(best_name(resource))
