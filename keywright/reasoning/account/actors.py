"""Users, roles, groups and policies of an account, and the resources that have their credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.arn import Arn
from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.policy.statement import Document, Statement


class ActorKind(StrEnum):
    """The kinds of actor; groups and policies stand for the identities that may get them."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    """Any user that joins a group without declared members."""
    POLICY = "policy"
    """Any identity that a managed policy without declared attachments gets attached to."""


class PolicyKind(StrEnum):
    """How a policy is attached."""

    INLINE = "inline policy"
    MANAGED = "managed policy"


@dataclass(frozen=True)
class Grant:
    """A policy that applies to an actor.

    Through `group` (an ARN), as the managed policy `policy` (an ARN), or inline.
    """

    document: Document
    kind: PolicyKind = PolicyKind.INLINE
    group: str = ""
    policy: str = ""


@dataclass(frozen=True, eq=False)
class Actor:
    """A user, role, group or policy.

    `arn` may contain a `<Reference>` where a part is known only at deployment.

    `may_have_boundary` says that it may have a boundary that is not known. `made_by` is the ARN of the actor
    that could create this one, for an actor outside the templates. `doubts` name attached policies whose
    documents are not known. `trust` is set for roles; so are `tags`, which sessions have unless they bring
    others. `origin` is the template that declares the actor.
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
        """The account of the ARN; empty where it has none."""
        arn = Arn.parse(self.arn)
        return arn.account if arn else ""

    @property
    def user_name(self) -> str:
        """The name without path, which is unique among the users of an account."""
        return self.arn.rpartition("/")[2]

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The documents of all policies that apply."""
        return tuple(grant.document for grant in self.grants)

    @cached_property
    def all_documents(self) -> tuple[Document, ...]:
        """The documents of all policies that apply, and the permissions boundary."""
        return self.documents if self.boundary is None else (*self.documents, self.boundary)

    @cached_property
    def layers(self) -> tuple[tuple[Document, ...], ...]:
        """The documents in layers, each of which must allow: those that grant, and the permissions boundary."""
        return (self.documents,) if self.boundary is None else (self.documents, (self.boundary,))

    def statements_allowing(self, action: str) -> Iterator[Statement]:
        """Yield the Allow statements about an action (in lower case)."""
        for document in self.documents:
            for statement in document.statements:
                if statement.effect is Effect.ALLOW and statement.covers_action(action):
                    yield statement


@dataclass(frozen=True, eq=False)
class CredentialSource:
    """A resource that runs with a role, or that stores credentials of a user.

    `kind` is such as `lambda:function`.

    `identity_arn` is the ARN of that role or user. `tags` are the declared ones; there may be more. `needs`
    describes what must exist for the resource to exist.
    """

    kind: str
    arn: str
    identity_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""


@dataclass(frozen=True, eq=False)
class Account:
    """What templates declare of an account; there may be more in the account."""

    actors: tuple[Actor, ...]
    groups: tuple[Actor, ...] = ()
    """All groups, including those with members: the policies that joining one adds."""
    credential_sources: tuple[CredentialSource, ...] = ()
    policies: Mapping[str, Document] = field(default_factory=dict)
    """The managed policies that the templates declare, by ARN."""
    step_cache: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)
    """The steps found by earlier searches for escalation paths, by actor state."""
    _by_arn: dict[str, Actor] = field(default_factory=dict, init=False, repr=False)
    _sources_by_kinds: dict[tuple[str, ...], tuple[CredentialSource, ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        self._by_arn.update({each.arn: each for each in (*self.groups, *self.actors)})

    def actor(self, arn: str) -> Actor | None:
        """Return the actor with an ARN."""
        return self._by_arn.get(arn)

    def of_kind(self, kind: ActorKind) -> tuple[Actor, ...]:
        """Return the users, the roles, or all groups."""
        return self.groups if kind is ActorKind.GROUP else self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[ActorKind, tuple[Actor, ...]]:
        return {kind: tuple(each for each in self.actors if each.kind is kind) for kind in ActorKind}

    def credential_sources_of(self, kinds: tuple[str, ...]) -> tuple[CredentialSource, ...]:
        """Return the credential sources of some kinds, in the order of the account."""
        if kinds not in self._sources_by_kinds:
            self._sources_by_kinds[kinds] = tuple(
                each for each in self.credential_sources if each.kind in kinds
            )
        return self._sources_by_kinds[kinds]
