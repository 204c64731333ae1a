"""Who acts in an account, with everything in force for it, and the resources that act as somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.policy.statement import Document


class ActorKind(StrEnum):
    """What can act, or stand for those that act."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    """Whoever joins a group that has no declared members."""
    POLICY = "policy"
    """Whoever a managed policy without declared bearers gets attached to."""


class PolicyKind(StrEnum):
    """How a policy comes to be in force."""

    INLINE = "inline policy"
    MANAGED = "managed policy"


@dataclass(frozen=True)
class Grant:
    """A policy in force. `group` is the ARN of the group it comes through, `policy` a managed policy's ARN."""

    document: Document
    kind: PolicyKind = PolicyKind.INLINE
    group: str = ""
    policy: str = ""


@dataclass(frozen=True, eq=False)
class Actor:
    """A user, role, group or policy. `arn` may hold a `<Reference>` for what only the deployment knows.

    `may_have_boundary` says that it may have one, or another one than is known. `made_by` is there for what is supposed
    outside of the templates: the ARN of who makes it. `doubts` name attached policies whose documents are not known.
    `trust` is there for roles, and `tags`, which its sessions have unless they bring others; `origin` is the template
    that declares it.
    """

    kind: ActorKind
    arn: str
    name: str
    grants: tuple[Grant, ...] = ()
    boundary: Document | None = None
    boundary_arn: str = ""
    may_have_boundary: bool = False
    made_by: str = ""
    trust: Document | None = None
    groups: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    origin: str = ""

    @cached_property
    def account(self) -> str:
        """Its account, empty where the ARN tells none."""
        arn = Arn.parse(self.arn)
        return arn.account if arn else ""

    @property
    def user_name(self) -> str:
        """The last part of its name, which no other user of the account has, whatever the path."""
        return self.arn.rpartition("/")[2]

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The policies that grant, or deny."""
        return tuple(grant.document for grant in self.grants)


@dataclass(frozen=True, eq=False)
class CredentialSource:
    """A resource that acts as a role, or keeps a user's credentials; `kind` is such as `lambda:function`.

    `identity_arn` is the ARN of that role or user. `tags` are those that it is given; it may have more. `needs` says what must
    exist for it to be there.
    """

    kind: str
    arn: str
    identity_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""


@dataclass(frozen=True, eq=False)
class Account:
    """All that templates tell of the actors of an account. It is never the whole account."""

    actors: tuple[Actor, ...]
    groups: tuple[Actor, ...] = ()
    """Every group, those with members too: what joining them gives."""
    credential_sources: tuple[CredentialSource, ...] = ()
    policies: Mapping[str, Document] = field(default_factory=dict)
    """The managed policies that the templates declare, by ARN."""
    step_cache: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)
    """What searches for paths found out about single steps, for the next search."""
    _by_arn: dict[str, Actor] = field(default_factory=dict, init=False, repr=False)
    _sources_by_kinds: dict[tuple[str, ...], tuple[CredentialSource, ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        self._by_arn.update({each.arn: each for each in (*self.groups, *self.actors)})

    def actor(self, arn: str) -> Actor | None:
        """Find an actor by its ARN."""
        return self._by_arn.get(arn)

    def of_kind(self, kind: ActorKind) -> tuple[Actor, ...]:
        """Give the users, roles, or all groups."""
        return self.groups if kind is ActorKind.GROUP else self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[ActorKind, tuple[Actor, ...]]:
        return {kind: tuple(each for each in self.actors if each.kind is kind) for kind in ActorKind}

    def credential_sources_of(self, kinds: tuple[str, ...]) -> tuple[CredentialSource, ...]:
        """Give the credential_sources of some kinds, in the order of the account."""
        if kinds not in self._sources_by_kinds:
            self._sources_by_kinds[kinds] = tuple(
                each for each in self.credential_sources if each.kind in kinds
            )
        return self._sources_by_kinds[kinds]
