"""The principals that a question is evaluated for: those of the assembly, and external ones."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.context import NO, Context
from keywright.policy.principals import ACCOUNT_ID, PrincipalKind, is_everyone, principal
from keywright.policy.statement import Document, Effect, Statement
from keywright.reasoning.account.actors import Actor, ActorKind, Grant
from keywright.reasoning.account.resource_sets import resource_languages
from keywright.reasoning.sets.emptiness import PatternsTooComplexError, is_disjoint
from keywright.reasoning.sets.languages import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.reasoning.sets.languages import Language
    from keywright.reasoning.witnesses.witness import Witness


_NOTHING_KNOWN = Context(complete=False)


class CandidatePrincipals:
    """Principals by the documents in force for them; each document is read once for the action (in lower case)."""

    def __init__(self, actors: tuple[Actor, ...], action: str) -> None:
        self._actors = actors
        self._action = action

    def on(self, among: Language) -> tuple[Actor, ...]:
        """Give, in their order, the principals with a policy that may allow the action on some of these resources."""
        places = set(self._open)
        for holders, allowed in self._allowed:
            if not places.issuperset(holders) and _any_may_overlap(allowed, among):
                places.update(holders)
        return tuple(self._actors[place] for place in sorted(places))

    @cached_property
    def _holders(self) -> list[tuple[Document, list[int]]]:
        """Each document with the indexes of the principals that have it."""
        found: dict[int, tuple[Document, list[int]]] = {}
        for place, actor in enumerate(self._actors):
            for document in actor.documents:
                found.setdefault(id(document), (document, []))[1].append(place)
        return list(found.values())

    @cached_property
    def _open(self) -> frozenset[int]:
        """The indexes of the principals whose policies are known only in part."""
        # A principal whose policies are not fully known is always evaluated: the unread part may allow the
        # action.
        unread = (place for document, holders in self._holders if document.unread for place in holders)
        return frozenset((*unread, *(place for place, actor in enumerate(self._actors) if actor.doubts)))

    @cached_property
    def _allowed(self) -> list[tuple[list[int], frozenset[Language]]]:
        pairs = (
            (holders, frozenset(allowed_resources(each, self._action))) for each, holders in self._holders
        )
        return [(holders, allowed) for holders, allowed in pairs if allowed]


def allowed_resources(document: Document, action: str) -> Iterator[Language]:
    """Give the patterns of resources on which a document may allow an action (in lower case)."""
    for statement in document.statements:
        if statement.effect is Effect.ALLOW and statement.covers_action(action):
            yield from _patterns(statement)


def _patterns(statement: Statement) -> frozenset[Language]:
    if statement.not_resources or not statement.resources:
        return frozenset({EVERYTHING})
    return resource_languages(statement, _NOTHING_KNOWN)


def _any_may_overlap(patterns: frozenset[Language], among: Language) -> bool:
    return any(may_overlap(each, among) for each in patterns)


def may_overlap(one: Language, other: Language) -> bool:
    """Tell whether some text may match both patterns."""
    try:
        return not is_disjoint(one, other)
    except PatternsTooComplexError:
        return True


ANONYMOUS = Actor(ActorKind.USER, "*", "anybody")
"""Who does not even sign in."""
CONDITIONS_FOR_EVERYONE = "it allows everyone under conditions, and who else meets them cannot be determined"
OTHER_ACCOUNT_POLICIES = "the policies of its own account are not in the assembly"
_UNKNOWN_POLICIES = Grant(Document((Statement(actions=("*",), resources=("*",)),)))
"""The most that policies which are not in the assembly may allow."""
_WILDCARDS = frozenset("*?")
_NO_CONTEXT = Context(complete=False)


def external_principals(
    statements: Iterable[Statement],
    principals: AccountPrincipals,
    own: str,
    left_out: Collection[str] = (),
) -> Iterator[Actor]:
    """Give the principals outside of the assembly that Allow statements name; `own` is the resources' account.

    `left_out` are those of the assembly that have no permission of their own.
    """
    allowing = [each for each in statements if each.effect is Effect.ALLOW]
    if any(each.not_principals or is_everyone(each.principals) for each in allowing):
        yield ANONYMOUS
    named = {text for each in allowing for values in each.principals.values() for text in values}
    for text in sorted(named):
        if not _WILDCARDS & set(text) and text not in left_out and principals.account.actor(text) is None:
            yield from _external(text, own)


def external_principal(text: str, own: str) -> Actor | None:
    """Give the external principal of a text: anybody, a service, or a principal of another account."""
    if text in {ANONYMOUS.arn, ANONYMOUS.name}:
        return ANONYMOUS
    is_one = ACCOUNT_ID.fullmatch(text) or principal(text).kind is PrincipalKind.SERVICE
    return next(_external(text, own), None) if is_one else None


def _external(text: str, own: str) -> Iterator[Actor]:
    who = principal(text)
    if who.kind in {PrincipalKind.SERVICE, PrincipalKind.PROVIDER, PrincipalKind.CANONICAL}:
        yield Actor(ActorKind.USER, text, text)
    elif who.kind is PrincipalKind.ROOT and who.account != own:
        somebody = f"arn:{who.partition or 'aws'}:iam::{who.account}:user/<somebody>"
        yield Actor(ActorKind.USER, somebody, f"somebody of {who.account}", (_UNKNOWN_POLICIES,))
    elif who.is_identity and who.kind is not PrincipalKind.ROOT:
        yield Actor(ActorKind.USER, text, text, (_UNKNOWN_POLICIES,))


def conditional_public_statements(statements: Iterable[Statement], resource: str) -> Iterator[Statement]:
    """Give the statements that allow everyone something on a resource, under conditions."""
    for each in statements:
        is_of_all = bool(each.not_principals) or is_everyone(each.principals)
        is_about = each.covers_resource(resource, _NO_CONTEXT) is not NO
        if each.effect is Effect.ALLOW and is_of_all and each.conditions and is_about:
            yield each


def allowed_principal(statement: Statement, witness: Witness) -> str:
    """Name the principal that a statement allows: anybody, an account as a whole, or one principal."""
    who = principal(witness.principal)
    if is_everyone(statement.principals) or witness.principal == "*":
        return "anybody"
    if statement.not_principals or witness.principal in statement.principals.get("AWS", ()):
        return witness.principal
    named = map(principal, statement.principals.get("AWS", ()))
    is_whole = any(each.kind is PrincipalKind.ROOT and each.account == who.account for each in named)
    return f"account {who.account}" if is_whole else witness.principal


def may_name(statement: Statement, witness: Witness) -> bool:
    """Tell whether the `Principal` element of a statement may be what allows the witness."""
    values = {each for some in statement.principals.values() for each in some}
    who = principal(witness.principal)
    return (
        "*" in values
        or witness.principal in values
        or bool(who.account and any(who.account == principal(each).account for each in values))
    )
