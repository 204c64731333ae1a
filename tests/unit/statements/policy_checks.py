"""A judge of policy statements written for these tests alone, so that nothing of ours vouches for itself.

Knows what our own statements use and refuses the rest loudly: `KeyError` on an operator, no `Principal`, no `NotPrincipal`.
"""

from __future__ import annotations

import re
from datetime import datetime

from keywright.policy.statement import Effect


def permits(statements, action, resource, **context):
    """Tell whether the statements, and nothing else, let this request through; context keys are spelled `aws_username`."""
    facts = {key.replace("_", ":", 1).casefold(): value for key, value in context.items()}
    matching = [each.effect for each in statements if applies(each, action, resource, facts)]
    return Effect.ALLOW in matching and Effect.DENY not in matching


def applies(statement, action, resource, facts):
    actions, resources = action.casefold(), resource
    for patterns, wanted, value, fold in (
        (statement.actions, True, actions, str.casefold),
        (statement.not_actions, False, actions, str.casefold),
        (statement.resources, True, resources, str),
        (statement.not_resources, False, resources, str),
    ):
        if patterns and any(like(filled(fold(each), facts), value) for each in patterns) is not wanted:
            return False
    return all(
        OPERATORS[operator](facts.get(key.casefold()), values)
        for operator, keys in statement.conditions.items()
        for key, values in keys.items()
    )


def filled(pattern, facts):
    """Put a policy variable's value or its default in its place; without either the pattern matches nothing."""
    return re.sub(
        r"\$\{([^},]+)(?:, '([^']*)')?\}",
        lambda found: facts.get(found[1].casefold(), found[2] or "\0"),
        pattern,
    )


def like(pattern, value):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value, re.DOTALL) is not None


def moment(text):
    return datetime.fromisoformat(text)


OPERATORS = {
    "StringEquals": lambda found, values: found in values,
    "StringNotEquals": lambda found, values: found not in values,
    "StringEqualsIfExists": lambda found, values: found is None or found in values,
    "ArnNotLike": lambda found, values: found is None or not any(like(value, found) for value in values),
    "ArnEquals": lambda found, values: found is not None and any(like(value, found) for value in values),
    "Bool": lambda found, values: found in values,
    "BoolIfExists": lambda found, values: found is None or found in values,
    "Null": lambda found, values: str(found is None).lower() in values,
    "DateLessThan": lambda found, values: (
        found is not None and any(moment(found) < moment(each) for each in values)
    ),
    "DateGreaterThanEquals": lambda found, values: (
        found is not None and any(moment(found) >= moment(each) for each in values)
    ),
}
