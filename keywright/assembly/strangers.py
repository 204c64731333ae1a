"""Those outside of an assembly whom policies of its resources name: anybody, services, other accounts, providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.context import Context
from keywright.policy.document import Document
from keywright.policy.principals import ACCOUNT_ID, PrincipalKind, is_everyone, principal
from keywright.policy.statement import Effect, Statement
from keywright.policy.truth import NO
from keywright.reasoning.actor import Actor, ActorKind, Grant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.actors import Population

ANYBODY = Actor(ActorKind.USER, "*", "anybody")
"""Who does not even sign in."""
OTHERS = "who else meets the conditions under which everyone is named can't be told"
OWN_POLICIES = "what its own account lets it do is not in the assembly"
_UNSEEN = Grant(Document((Statement(actions=("*",), resources=("*",)),)))
"""The most that policies which are not in the assembly may allow."""
_WILDCARDS = frozenset("*?")
_NOTHING_KNOWN = Context(complete=False)


def strangers(statements: Iterable[Statement], people: Population, own: str) -> Iterator[Actor]:
    """Give whom statements that allow name beside the assembly's users and roles; `own` is the resources' account."""
    allowing = [each for each in statements if each.effect is Effect.ALLOW]
    if any(each.not_principals or is_everyone(each.principals) for each in allowing):
        yield ANYBODY
    named = {text for each in allowing for values in each.principals.values() for text in values}
    for text in sorted(named):
        if not _WILDCARDS & set(text) and people.account.actor(text) is None:
            yield from _stranger(text, own)


def stranger_named(text: str, own: str) -> Actor | None:
    """Give whom a text means that is no name in the assembly: anybody, a service, somebody of another account."""
    if text in {ANYBODY.arn, ANYBODY.name}:
        return ANYBODY
    is_one = ACCOUNT_ID.fullmatch(text) or principal(text).kind is PrincipalKind.SERVICE
    return next(_stranger(text, own), None) if is_one else None


def _stranger(text: str, own: str) -> Iterator[Actor]:
    who = principal(text)
    if who.kind in {PrincipalKind.SERVICE, PrincipalKind.PROVIDER, PrincipalKind.CANONICAL}:
        yield Actor(ActorKind.USER, text, text)
    elif who.kind is PrincipalKind.ROOT and who.account != own:
        somebody = f"arn:{who.partition or 'aws'}:iam::{who.account}:user/<somebody>"
        yield Actor(ActorKind.USER, somebody, f"somebody of {who.account}", (_UNSEEN,))
    elif who.is_identity and who.kind is not PrincipalKind.ROOT:
        yield Actor(ActorKind.USER, text, text, (_UNSEEN,))


def naming_everyone(statements: Iterable[Statement], resource: str) -> Iterator[Statement]:
    """Give the statements that allow everyone something on a resource, under conditions."""
    for each in statements:
        is_of_all = bool(each.not_principals) or is_everyone(each.principals)
        is_about = each.covers_resource(resource, _NOTHING_KNOWN) is not NO
        if each.effect is Effect.ALLOW and is_of_all and each.conditions and is_about:
            yield each
