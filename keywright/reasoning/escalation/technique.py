"""The known escalation techniques, as data: one entry per technique in `techniques/*.yaml`.

Commands read the packed form that `python -m keywright.reasoning.escalation.techniques_pack` writes, because
parsing YAML would take longer than answering most questions.

An entry has the required actions with the kinds of resource that each acts on (`*` for an action without
resources; several kinds where the action needs all of them; the same kind twice is the same resource), the role
that is passed and to which services, what the technique reaches, what else must exist, its source and its year.
`undecided` marks a technique that depends on something that no policy shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.patterns import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action, no password
ROLE, USER, GROUP, POLICY = "iam:role", "iam:user", "iam:group", "iam:policy"
NO_RESOURCE = "*"
PACKED = Path(__file__).with_name("techniques.json")


class TargetKind(StrEnum):
    """What a technique leads to."""

    PASSED_ROLE = "passed-role"
    """The role that is passed to a service."""
    RESOURCE_ROLE = "resource-role"
    """The role of an existing resource."""
    STORED_CREDENTIALS = "stored-credentials"
    """The user whose credentials a resource stores."""
    NEW_CREDENTIALS = "new-credentials"
    """The user for whom credentials are created."""
    PERMISSIONS = "permissions"
    """The identity whose policies are rewritten, with any permissions."""
    TRUST = "trust"
    """The role whose trust policy is rewritten."""
    MEMBERSHIP = "membership"
    """The group that is joined."""
    PROVIDER = "provider"
    """The roles that trust an identity provider."""
    ASSUMPTION = "assumption"
    """The role that is assumed."""
    RESTRICTION = "restriction"
    """The actor itself, without a boundary or denial that restricted it."""
    OUTSIDE = "outside"
    """A target that no IAM resource represents; `to` describes it."""


class Restriction(StrEnum):
    """What a technique removes from an identity."""

    BOUNDARY = "boundary"
    INLINE = "inline policy"
    MANAGED = "managed policy"
    MEMBERSHIP = "membership"


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """A kind of resource: noun, ARN patterns, and the kinds of credential source that it includes."""

    name: str
    noun: str
    arns: tuple[str, ...]
    credential_sources: tuple[str, ...]


@dataclass(frozen=True)
class Technique:
    """One technique. `needs` maps each action to the kinds of resource it acts on.

    `passes` names alternative services.
    """

    id: str
    title: str
    needs: tuple[tuple[str, tuple[str, ...]], ...]
    reaches: TargetKind
    source: str
    since: int
    passes: tuple[str, ...] = ()
    of: str = ""
    removes: Restriction | None = None
    to: str = ""
    exists: str = ""
    undecided: str = ""
    whole: bool = False
    attaches: bool = False

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """Every action that the technique needs, `iam:PassRole` first."""
        return (*([PASS_ROLE] if self.passes else []), *(action for action, _ in self.needs))


@cache
def techniques() -> tuple[Technique, ...]:
    """Return all techniques, in the order of the file names."""
    return tuple(map(_technique, _packed()["techniques"]))


@lru_cache(maxsize=4096)
def techniques_by(allowed: frozenset[str]) -> tuple[Technique, ...]:
    """Return the techniques whose actions are all in `allowed`, and those that may need no permission."""
    return tuple(
        each
        for each in techniques()
        if each.reaches is TargetKind.ASSUMPTION or allowed.issuperset(each.actions)
    )


@cache
def actions_by_service() -> Mapping[str, tuple[str, ...]]:
    """Return every action that some technique needs, by service in lower case."""
    found: dict[str, dict[str, None]] = {}
    for technique in techniques():
        for action in technique.actions:
            found.setdefault(service_of(action), {})[action] = None
    return {service: tuple(actions) for service, actions in found.items()}


@cache
def resource_kinds() -> Mapping[str, ResourceKind]:
    """Give the kinds of resource by name, such as `lambda:function`."""
    return {
        name: ResourceKind(
            name, entry["noun"], _texts(entry["arn"]), _texts(entry.get("credential_sources", name))
        )
        for name, entry in _packed()["kinds"].items()
    }


@cache
def _packed() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(PACKED.read_text("utf-8"))
    return found


def _technique(entry: Mapping[str, Any]) -> Technique:
    return Technique(
        id=entry["id"],
        title=entry["title"],
        needs=tuple((action, _texts(kinds)) for action, kinds in entry["needs"].items()),
        reaches=TargetKind(entry["reaches"]),
        source=entry["source"],
        since=entry["since"],
        passes=_texts(entry.get("passes", ())),
        of=entry.get("of", ""),
        removes=Restriction(entry["removes"]) if "removes" in entry else None,
        to=entry.get("to", ""),
        exists=entry.get("exists", ""),
        undecided=entry.get("undecided", ""),
        whole=entry.get("whole", False),
        attaches=entry.get("attaches", False),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
