"""Limits of an escalation step.

The actor's own name, required boundaries and policies, unrestricted boundaries.

Source: "Permissions boundaries for IAM entities" (delegating responsibility to others using permissions
boundaries).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.partial_context import BOUNDARY_OF_TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.policy.statement import Statement
    from keywright.reasoning.account.actors import Actor
    from keywright.reasoning.escalation.permissions import FixedKeys


_OWN_NAME = re.compile(r"[^$]*[:/]\$\{\s*aws:username\s*(,\s*'[^']*'\s*)?\}", re.IGNORECASE)
"""A pattern that ends with the user's complete name, so that it matches no other user."""
_OPEN = re.compile(r"\*|\?|\$\{[^}]*\}")
_KINDS_OF_MANY_USERS = {ActorKind.GROUP, ActorKind.POLICY}


def reaches_only_itself(actor: Actor, action: str, user: Actor) -> bool:
    """Return whether users of a group or policy can perform an action on a user only if it is theirs."""
    if actor.kind not in _KINDS_OF_MANY_USERS:
        return False
    return not any(_may_name(each, user.arn) for each in actor.statements_allowing(action))


def _may_name(statement: Statement, arn: str) -> bool:
    if statement.not_resources or not statement.resources:
        return True
    return any(not _OWN_NAME.fullmatch(each) and _may_match(each, arn) for each in statement.resources)


def _may_match(pattern: str, arn: str) -> bool:
    """Match with wildcards and variables as any text: an over-approximation."""
    literal = map(re.escape, _OPEN.split(pattern))
    return re.fullmatch(".*".join(literal), arn, re.DOTALL) is not None


def compared_values(actor: Actor, action: str, key: str) -> tuple[str, ...]:
    """Return the values that statements about an action compare a key (in lower case) with."""
    statements = [each for document in actor.all_documents for each in document.statements]
    wanted = action.lower()
    found = (arn for each in statements if each.covers_action(wanted) for arn in _compared_values(each, key))
    return tuple(dict.fromkeys(found))


def _compared_values(statement: Statement, key: str) -> Iterator[str]:
    for test in statement.condition_tests:
        is_text = test.operator is not None and test.operator.family in {Family.STRING, Family.ARN}
        if test.lowered_key == key and is_text:
            yield from test.values


@cache
def administrator_policy_arn(partition: str) -> str:
    """Return the ARN of the AWS managed policy that allows everything, in a partition."""
    return f"arn:{partition}:iam::aws:policy/AdministratorAccess"


@cache
def unrestricted_boundaries(partition: str) -> Sequence[FixedKeys]:
    """Return boundaries that do not restrict an identity.

    None, the administrator policy, or one that no statement names.
    """
    unknown = f"arn:{partition}:iam::000000000000:policy/of-which-nobody-speaks"
    boundaries = ((), (administrator_policy_arn(partition),), (unknown,))
    return tuple(((BOUNDARY_OF_TARGET, each),) for each in boundaries)


def partition_of_arn(arn: str) -> str:
    """Return the partition of an ARN; the commercial one where it is not known."""
    partition = arn.split(":", 2)[1] if arn.startswith("arn:") else ""
    return partition if partition.startswith("aws") else "aws"
