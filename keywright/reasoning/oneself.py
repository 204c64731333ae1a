"""What a grant gives its bearers over themselves alone, whoever they are: a group's or policy's `user/${aws:username}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.policy.statement import Effect
from keywright.reasoning.actor import ActorKind

if TYPE_CHECKING:
    from keywright.policy.statement import Statement
    from keywright.reasoning.actor import Actor

_ONES_OWN = re.compile(r"[^$]*[:/]\$\{\s*aws:username\s*(,\s*'[^']*'\s*)?\}", re.IGNORECASE)
"""A pattern that ends with the bearer's name whole: it can be no other user's."""
_OPEN = re.compile(r"\*|\?|\$\{[^}]*\}")
_STANDING_FOR_OTHERS = {ActorKind.GROUP, ActorKind.POLICY}


def reaches_itself_alone(actor: Actor, action: str, user: Actor) -> bool:
    """Tell whether bearers reach this user by an action (in lower case) only where they are that user."""
    if actor.kind not in _STANDING_FOR_OTHERS:
        return False
    allowing = (
        statement
        for document in actor.documents
        for statement in document.statements
        if statement.effect is Effect.ALLOW and statement.covers_action(action)
    )
    return not any(_may_name(each, user.arn) for each in allowing)


def _may_name(statement: Statement, arn: str) -> bool:
    if statement.not_resources or not statement.resources:
        return True
    return any(not _ONES_OWN.fullmatch(each) and _may_match(each, arn) for each in statement.resources)


def _may_match(pattern: str, arn: str) -> bool:
    """Let wildcards and variables be any text: never less than the pattern matches."""
    literal = map(re.escape, _OPEN.split(pattern))
    return re.fullmatch(".*".join(literal), arn, re.DOTALL) is not None
