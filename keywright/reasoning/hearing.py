"""Hearing all kinds of policy on one request: which apply, to whom, and what each says.

Sources: "Service control policies (SCPs)", "Resource control policies (RCPs)", "RCP evaluation", "Permissions
boundaries for IAM entities", "Permissions for GetFederationToken".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.policy.matching.context import MAYBE, NO, Truth, negation
from keywright.policy.principals import DIRECTLY, PrincipalKind, principal
from keywright.policy.reference import catalogue
from keywright.policy.statement import Effect
from keywright.reasoning.services import iam, s3
from keywright.reasoning.verdict import Layer
from keywright.reasoning.word import Word, word_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Document
    from keywright.reasoning.request import Request

Levels = tuple[tuple["Document", ...], ...]


@dataclass(frozen=True)
class Policies:
    """All policies that apply to a request; what does not apply is empty or None.

    `identity` holds the principal's own and its groups'. Control policies come by level, from the organization's root
    down to the account: the principal's account for service control, the resource's for resource control policies.
    """

    identity: tuple[Document, ...] = ()
    resource: Document | None = None
    boundary: Document | None = None
    session: tuple[Document, ...] = ()
    service_control: Levels = ()
    resource_control: Levels = ()


@dataclass(slots=True)
class Hearing:
    """The word of each kind of policy; a kind that does not apply and so limits nothing is None."""

    request: Request
    policies: Policies
    identity: Word = field(default_factory=lambda: Word(Layer.IDENTITY))
    resource: Word = field(default_factory=lambda: Word(Layer.RESOURCE))
    boundary: Word | None = None
    session: Word | None = None
    service_control: list[Word] = field(default_factory=list)
    resource_control: list[Word] = field(default_factory=list)

    def words(self) -> Iterator[Word]:
        """Yield all words, in the order AWS evaluates them."""
        yield from self.resource_control
        yield from self.service_control
        yield self.resource
        yield self.identity
        if self.boundary is not None:
            yield self.boundary
        if self.session is not None:
            yield self.session

    @property
    def is_bounded(self) -> bool:
        """Whether the principal has a permissions boundary; the root user never has one."""
        who = self.request.principal
        return self.policies.boundary is not None and who.is_identity and who.kind is not PrincipalKind.ROOT

    @property
    def denies(self) -> Truth:
        """Whether anything denies explicitly."""
        return max(word.denies for word in self.words())


def hear(request: Request, policies: Policies) -> Hearing:
    """Hear what applies to the request's principal and resource."""
    hearing = Hearing(request, policies)
    if policies.resource is not None:
        hearing.resource = _of_resource(hearing, policies.resource)
    if policies.resource_control:
        hearing.resource_control = _resource_control(request, policies.resource_control)
    if request.principal.is_identity:
        _hear_identity(hearing)
    return hearing


def _of_resource(hearing: Hearing, policy: Document) -> Word:
    request = hearing.request
    word = word_of(Layer.RESOURCE, (policy,), request, is_bounded=hearing.is_bounded)
    if s3.overrides_bucket_policy(
        request.lowered_action, request.principal.kind, is_within_account=request.is_within_account
    ):
        word.denies = NO
    return word


def _hear_identity(hearing: Hearing) -> None:
    request, policies = hearing.request, hearing.policies
    if request.principal.kind is PrincipalKind.ROOT:
        hearing.identity = Word(Layer.IDENTITY, DIRECTLY)
    else:
        hearing.identity = word_of(Layer.IDENTITY, policies.identity, request)
        if policies.boundary is not None:
            hearing.boundary = word_of(Layer.BOUNDARY, (policies.boundary,), request)
    if policies.session or request.principal.kind is PrincipalKind.FEDERATED_USER:
        hearing.session = word_of(Layer.SESSION, policies.session, request)
    if policies.service_control:
        hearing.service_control = _service_control(request, policies.service_control)


def _service_control(request: Request, levels: Levels) -> list[Word]:
    """Service-linked roles are not restricted."""
    exempt = service_linked(request)
    return [_lifted(word, exempt) for word in _by_level(Layer.SERVICE_CONTROL, levels, request)]


def _resource_control(request: Request, levels: Levels) -> list[Word]:
    """Service-linked roles and services that don't take part are not restricted.

    The list of services grows: one that is not on ours is left open. AWS attaches `RCPFullAWSAccess` everywhere and
    lets nobody detach it, nor write another Allow: a level given without any Allow allows.
    """
    unlisted = NO if catalogue.honours_resource_control(request.service) else MAYBE
    exempt = max(service_linked(request), unlisted)
    words = _by_level(Layer.RESOURCE_CONTROL, levels, request)
    for word, level in zip(words, levels, strict=True):
        if not any(statement.effect is Effect.ALLOW for each in level for statement in each.statements):
            word.reach = DIRECTLY
    return [_lifted(word, exempt) for word in words]


def _by_level(layer: Layer, levels: Levels, request: Request) -> list[Word]:
    words, first = [], 0
    for level in levels:
        words.append(word_of(layer, level, request, first=first))
        first += len(level)
    return words


def _lifted(word: Word, exempt: Truth) -> Word:
    if exempt is not NO:
        word.denies = min(word.denies, negation(exempt))
        word.reach = word.reach.joined(DIRECTLY.capped(exempt))
    return word


def service_linked(request: Request) -> Truth:
    """Tell whether a service-linked role makes the request."""
    who = request.principal
    if who.kind is PrincipalKind.ROLE_SESSION:
        arns = request.given.values.get("aws:principalarn", ())
        who = principal(arns[0]) if len(arns) == 1 else who
    if who.kind not in {PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION}:
        return NO
    return iam.is_service_linked(who.name, who.path)
