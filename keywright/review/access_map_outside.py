"""Whom resources and roles let in by their own policies: the public, other accounts, services, identity providers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn
from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.statement import Effect
from keywright.review.access_map_columns import Column, service_of_arn
from keywright.review.resources import shared_policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.policy.statement import Statement
    from keywright.review.resources import Target
    from keywright.review.side import Held, Side

ANYBODY = "*"
OUTSIDE = "outside"
_NAMES = {"AWS": "", "Service": "service ", "Federated": "federated by ", "CanonicalUser": "canonical user "}
_NOBODY_ELSE = re.compile(r"\d{12}")


@dataclass(frozen=True, eq=False)
class Invitation:
    """A statement that lets somebody in to a resource or role. `who` is an ARN, or what the policy says."""

    who: str
    name: str
    kind: str
    target: Column
    statement: Statement
    held: Held
    denials: tuple[Statement, ...]


def invitations(side: Side) -> Iterator[Invitation]:
    """Give them all: first of resources, then of roles."""
    for target, shared in shared_policies(side).items():
        yield from _of(column_of(target), shared)
    for bearer in side.bearers.values():
        yield from _of(Column("iam", bearer.arn), bearer.trust)


def column_of(target: Target) -> Column:
    """Give the column of a resource that bears a policy."""
    kind, name = target
    service = service_of_arn(name) or kind.partition("::")[0].lower()
    return Column(service, name or f"<{kind}>")


def _of(target: Column, shared: Iterable[Held]) -> Iterator[Invitation]:
    shared = tuple(shared)
    denials = tuple(
        each
        for held in shared
        for each in held.most.statements
        if each.effect is Effect.DENY and "*" in each.principals
    )
    for held in shared:
        for statement in held.most.statements:
            if statement.effect is Effect.ALLOW:
                for who, name in named(statement.principals, statement.not_principals):
                    yield Invitation(who, name, OUTSIDE, target, statement, held, denials)


def named(
    principals: Mapping[str, Iterable[str]], not_principals: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str]]:
    """Give whom a statement names: a key for the row, and a name for people."""
    if not_principals:
        texts = ", ".join(text for each in not_principals.values() for text in each)
        yield f"not {texts}", f"anybody but {texts}"
    for kind, several in principals.items():
        for text in several:
            yield (ANYBODY, "anybody") if text == ANYBODY else _one(kind, text)


def _one(kind: str, text: str) -> tuple[str, str]:
    who = principal(text)
    if kind == "AWS" and (who.kind is PrincipalKind.ROOT or _NOBODY_ELSE.fullmatch(text)):
        account = who.account or text
        return f"account {account}", f"account {account}"
    arn = Arn.parse(text) if kind == "Federated" else None
    return text, f"{_NAMES.get(kind, '')}{arn.resource if arn else text}"
