"""The permissions boundaries within which somebody may change identities as it likes.

Source: "Permissions boundaries for IAM entities" (delegating responsibility to others using permissions boundaries).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.operators import Family
from keywright.reasoning.circumstances import BOUNDARY_OF_TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Statement
    from keywright.reasoning.actor import Actor


def fences(actor: Actor, action: str) -> tuple[str, ...]:
    """Name the boundaries that an actor's statements about an action ask the target to have, or except from denial."""
    documents = (*actor.documents, *([actor.boundary] if actor.boundary else []))
    statements = [each for document in documents for each in document.statements]
    wanted = action.lower()
    found = (arn for each in statements if each.covers_action(wanted) for arn in _asked(each))
    return tuple(dict.fromkeys(found))


def _asked(statement: Statement) -> Iterator[str]:
    for test in statement.condition_tests:
        is_text = test.operator is not None and test.operator.family in {Family.STRING, Family.ARN}
        if test.lowered_key == BOUNDARY_OF_TARGET and is_text:
            yield from test.values
