"""Witnesses: concrete requests that a policy change newly allows, and likely requests of a principal."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, tee
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import Context
from keywright.policy.matching.patterns import action_pattern
from keywright.policy.principals import ACCOUNT_ID, principal
from keywright.policy.statement import Effect
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.sets.condition_sets import accepts, find_values
from keywright.reasoning.sets.constraints import RESOURCE, all_of, is_uninterpreted
from keywright.reasoning.sets.emptiness import text_of
from keywright.reasoning.sets.examples import ACCOUNT, EXAMPLE, ExampleValues
from keywright.reasoning.sets.principal_sets import PRINCIPAL_PART
from keywright.reasoning.witnesses.candidates import actions_for, services_in, targets_for
from keywright.reasoning.witnesses.context_values import choose_principal, choose_values, valuations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.policy.matching.context import Values
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.sets.action_sets import Actions
    from keywright.reasoning.sets.constraints import KeyConstraints, Parts
    from keywright.reasoning.sets.differences import Difference
    from keywright.reasoning.sets.principal_sets import PrincipalClass


_OTHER_ACCOUNT = "210987654321"
_MOST_PRINCIPALS = 6
_MOST_TARGETS = 4
_MOST_ACTIONS = 80
_USER_NAME = "aws:username"
_ACCOUNT_KEYS = ("aws:principalaccount", "aws:resourceaccount")


@dataclass(frozen=True, slots=True)
class Witness:
    """One request. `context` has the keys that policies test.

    `resource_account` owns a resource whose ARN has no account.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, Values] = field(default_factory=dict)
    resource_account: str = ""

    @property
    def request(self) -> Request:
        """The request in the form that evaluation takes."""
        context = Context.of(self.context)
        return Request(self.principal, self.action, self.resource, context, self.resource_account)

    def to_json(self) -> dict[str, Any]:
        """Return the witness in the format of batch comparison."""
        context = {key: each[0] if len(each) == 1 else list(each) for key, each in self.context.items()}
        return {
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "context": context,
        } | ({"resource_account": self.resource_account} if self.resource_account else {})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A request that may be a witness.

    `is_typical` says that the action is known to support such a resource.
    """

    witness: Witness
    is_typical: bool


@dataclass(frozen=True)
class Witnesses:
    """Makes candidates from differences. `spelled` has condition keys as the policies spell them."""

    actions: Actions
    spelled: Mapping[str, str]
    is_of_resource: bool = False
    _known: dict[tuple[int, tuple[str, ...]], Iterator[str]] = field(default_factory=dict)

    def of(self, difference: Difference) -> Iterator[Candidate]:
        """Yield requests of a difference, likely ones first.

        None where an undocumented behaviour of AWS decides.
        """
        if any(is_uninterpreted(each.test) for each in all_of(difference.parts)):
            return
        for who in islice(difference.principals, _MOST_PRINCIPALS):
            for parts in valuations(difference.parts, who):
                yield from self._of(difference, who, parts)

    def _of(self, difference: Difference, who: PrincipalClass, parts: Parts) -> Iterator[Candidate]:
        resource = parts.get(RESOURCE, frozenset())
        for action in self._actions(difference, services_in(resource)):
            for account in _accounts(who, parts):
                draft = _Draft(who, parts, ExampleValues(account=account, name=_name(parts)))
                for target in islice(targets_for(action, resource, draft.examples), _MOST_TARGETS):
                    for owner in self._owners(who, target.resource):
                        request = draft.request(action, target.resource, owner)
                        if request is not None:
                            yield Candidate(self._witness(request), target.is_typical)

    def _actions(self, difference: Difference, services: tuple[str, ...]) -> Iterator[str]:
        """Yield the actions of a class, computed lazily and once."""
        place = (difference.membership, services)
        known = self._known.get(place)
        if known is None:
            found = actions_for(difference.membership, difference.actions, self.actions, services)
            known = islice(found, _MOST_ACTIONS)
        wanted, self._known[place] = tee(known)
        return wanted

    def _owners(self, who: PrincipalClass, resource: str) -> tuple[str, ...]:
        """Return accounts that may own the resource.

        The principal's own and, where the ARN has none, another one.
        """
        each, arn = principal(who.text), Arn.parse(resource)
        if not self.is_of_resource or not each.is_identity or arn is None or arn.account:
            return ("",)
        return "", _OTHER_ACCOUNT

    def _witness(self, request: Request) -> Witness:
        context = {self.spelled.get(key, key): values for key, values in request.given.values.items()}
        return Witness(
            request.principal_text, request.action, request.resource, context, request.resource_account
        )


@dataclass(frozen=True, slots=True)
class _Draft:
    """The material for a request: a principal, the constraints, and example values."""

    who: PrincipalClass
    parts: Parts
    examples: ExampleValues

    def request(self, action: str, resource: str, owner: str) -> Request | None:
        """Make the request; None where some key cannot have the required value."""
        constraints = self.parts.get(self.who.named_by, frozenset()) if self.who.named_by else frozenset()
        text = choose_principal(self.who, resource, constraints, self.examples)
        if text is None:
            return None
        derived = Request(text, action, resource, resource_account=owner).context
        context: dict[str, Values] = {"aws:userid": (self.who.user_id,)} if self.who.user_id else {}
        for key, constraints in self.parts.items():
            if key in {RESOURCE, PRINCIPAL_PART}:
                continue
            values = choose_values(key, constraints, derived, self.examples)
            if values is None:
                return None
            if values:
                context[key] = values
        return Request(text, action, resource, Context(context), owner)


def _accounts(who: PrincipalClass, parts: Parts) -> tuple[str, ...]:
    """Return accounts that principal and resource may share, the most likely first."""
    own = principal(who.text).account
    likely = (*(_sample(parts.get(key)) for key in _ACCOUNT_KEYS), own, ACCOUNT, _OTHER_ACCOUNT)
    return tuple(dict.fromkeys(each for each in likely if ACCOUNT_ID.fullmatch(each)))[:2]


def _name(parts: Parts) -> str:
    """Return the name to use where any would do: the user's own, where the request must have it."""
    wanted = parts.get(_USER_NAME, frozenset())
    if not wanted or accepts(wanted, (EXAMPLE,)):
        return EXAMPLE
    return _sample(wanted) or EXAMPLE


def _sample(constraints: KeyConstraints | None) -> str:
    found = find_values(constraints) if constraints else None
    return (text_of(found.words[0]) or "") if found is not None and found.words else ""


_WILDCARDS = frozenset("*?")
_ORDINARY = {"aws:SecureTransport": ("true",)}


def likely_requests(
    principal: str, constraints: Document, documents: Iterable[Document]
) -> Iterator[Witness]:
    """Yield requests of `constraints` that a statement without conditions may allow, at most one per pair."""
    for document in documents:
        for statement in document.statements:
            if statement.effect is Effect.ALLOW and not statement.conditions and not statement.not_resources:
                yield from _of(principal, constraints, statement)


def _of(principal: str, constraints: Document, statement: Statement) -> Iterator[Witness]:
    for wanted in constraints.statements:
        action = next(_common(statement.actions, wanted.actions), "")
        resource = next(_filled(statement.resources, wanted.resources), "")
        if action and resource:
            yield Witness(principal, action, resource, _ORDINARY)


def _common(some: tuple[str, ...], others: tuple[str, ...]) -> Iterator[str]:
    """Yield the actions of one side that a pattern of the other matches, as written."""
    for one, other in ((one, other) for one in some for other in others):
        for literal, pattern in ((other, one), (one, other)):
            if not _WILDCARDS & set(literal) and action_pattern(pattern).covers(literal.lower()):
                yield literal


def _filled(some: tuple[str, ...], others: tuple[str, ...]) -> Iterator[str]:
    """Yield resources of the patterns of either side, the most specific first.

    The caller checks that both match.
    """
    patterns = {each for each in (*some, *others) if each != "*" and "${" not in each}
    for each in sorted(patterns, key=lambda one: (-len(one.partition("*")[0]), one)):
        yield each.replace("*", EXAMPLE).replace("?", "x")
