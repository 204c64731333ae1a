"""What somebody's statements ask of the policies and boundaries that it attaches: how far its hand is meant to reach.

Source: "Permissions boundaries for IAM entities" (delegating responsibility to others using permissions boundaries).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.conditions import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Statement
    from keywright.reasoning.actor import Actor


def asked(actor: Actor, action: str, key: str) -> tuple[str, ...]:
    """Name the values (ARNs, perhaps with wildcards) that statements about an action compare a key (lower case) with."""
    documents = (*actor.documents, *([actor.boundary] if actor.boundary else []))
    statements = [each for document in documents for each in document.statements]
    wanted = action.lower()
    found = (arn for each in statements if each.covers_action(wanted) for arn in _asked(each, key))
    return tuple(dict.fromkeys(found))


def _asked(statement: Statement, key: str) -> Iterator[str]:
    for test in statement.condition_tests:
        is_text = test.operator is not None and test.operator.family in {Family.STRING, Family.ARN}
        if test.lowered_key == key and is_text:
            yield from test.values
