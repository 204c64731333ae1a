"""Assignments of permission sets: who of IAM Identity Center gets which, in which account, as people call them.

Source: AWS::SSO::Assignment, AWS::IdentityStore::Group and AWS::IdentityStore::GroupMembership, CloudFormation template
reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.permission_sets import NAMED, TYPE
from keywright.assembly.value import ABSENT, as_texts, readings, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.assembly.source import Node
    from keywright.assembly.template import Assembly, Resource
    from keywright.assembly.value import Text
    from keywright.reporting.finding import Location

    Spelled = Callable[[Text], str]

ASSIGNMENT = "AWS::SSO::Assignment"
GROUP = "AWS::IdentityStore::Group"
MEMBERSHIP = "AWS::IdentityStore::GroupMembership"
_CALLED = "keywright:called"
"""How our constructs leave the name by which people know an id; it is told beside the id, and decides nothing."""
_LONGEST = 128


@dataclass(frozen=True)
class Given:
    """Somebody's share in something: of a permission set in an account, or of a group.

    `who` tells one from another; `called` is what a person calls them, with the id beside a name that templates give.
    """

    who: str
    called: str
    what: str
    account: str
    location: Location
    stack: str


def assignments(assembly: Assembly, spelled: Spelled) -> Iterator[Given]:
    """List who gets which permission set where; `spelled` writes a text out."""
    for resource in assembly.of_type(ASSIGNMENT):
        kind = _text(resource, spelled, "PrincipalType").lower()
        who = _text(resource, spelled, "PrincipalId")
        name = _referred(resource, "PrincipalId", GROUP, "DisplayName", spelled)
        yield Given(
            f"{kind} {who}",
            f"{kind} {_called(resource, who, name)}",
            _set_of(resource, spelled),
            _text(resource, spelled, "TargetId"),
            resource.location,
            resource.template.id,
        )


def memberships(assembly: Assembly, spelled: Spelled) -> Iterator[Given]:
    """List who is in which group of an identity store."""
    for resource in assembly.of_type(MEMBERSHIP):
        group = _text(resource, spelled, "GroupId")
        name = _referred(resource, "GroupId", GROUP, "DisplayName", spelled)
        who = _text(resource, spelled, "MemberId", "UserId")
        called = f"user {_called(resource, who, '')}"
        what = f"group {name or group}"
        yield Given(f"user {who}", called, what, "", resource.location, resource.template.id)


def _set_of(resource: Resource, spelled: Spelled) -> str:
    """Name a permission set of the same template by its name, any other by its ARN."""
    name = _referred(resource, "PermissionSetArn", TYPE, "Name", spelled)
    return f"{NAMED}{name}" if name else _text(resource, spelled, "PermissionSetArn")


def _called(resource: Resource, who: str, name: str) -> str:
    metadata = resource.raw.get("Metadata")
    said = metadata.get(_CALLED) if isinstance(metadata, dict) else None
    known = said if isinstance(said, str) and said.isprintable() and len(said) <= _LONGEST else ""
    if not name and known:
        return f"{known} ({who})"
    return name or who


def _text(resource: Resource, spelled: Spelled, name: str, *below: str) -> str:
    """Spell a property; its several readings side by side."""
    several = readings(resource.properties.get(name, ABSENT))
    texts = (spelled(text) for each in several for text in as_texts(within(each, *below)))
    return ", ".join(dict.fromkeys(texts))


def _referred(resource: Resource, name: str, kind: str, naming: str, spelled: Spelled) -> str:
    """Give the name of the resource of the same template whose attribute a property is; empty for anything else."""
    properties = resource.raw.get("Properties")
    target = _target(properties.get(name)) if isinstance(properties, dict) else ""
    found = resource.template.resources.get(target) if target else None
    return _text(found, spelled, naming) if found is not None and found.type == kind else ""


def _target(node: Node | None) -> str:
    """Read the logical id off `Fn::GetAtt`, in both ways to write it."""
    found = node.get("Fn::GetAtt") if isinstance(node, dict) and len(node) == 1 else None
    if isinstance(found, str):
        return found.partition(".")[0]
    return str(found[0]) if isinstance(found, list) and found and isinstance(found[0], str) else ""
