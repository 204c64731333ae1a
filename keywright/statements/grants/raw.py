"""A statement written out as a grant: exactly what it allows or denies, until its last day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement
from keywright.reporting.text import refusal
from keywright.statements.conditions import expire_statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def raw_statement(
    *,
    effect: Effect,
    actions: Sequence[str] = (),
    not_actions: Sequence[str] = (),
    resources: Sequence[str] = (),
    not_resources: Sequence[str] = (),
    conditions: Conditions | None = None,
    until: date | None = None,
) -> Statement:
    """Give one statement on named actions and resources; `until` is its last day, in UTC.

    Raises:
        ValueError: It names no actions or resources, is an Allow with `NotAction` or `NotResource`, allows actions of any
            service, or is a Deny with an end, after which more would be allowed.
    """
    allows = effect is Effect.ALLOW
    for what, named, negated in (
        ("actions", actions, not_actions),
        ("resources", resources, not_resources),
    ):
        # An Allow with `NotAction` or `NotResource` would also allow what AWS adds later.
        if bool(named) == bool(negated) or (allows and negated):
            raise refusal(
                f"a statement names its {what}",
                found=f"all {what} but {len(negated)}" if negated else f"no {what}",
                accepted=f"`{what}`" if allows else f"`{what}`, or else `not_{what}`",
            )
    wide = [each for each in actions if allows and {"*", "?"} & set(each.partition(":")[0])]
    if wide:
        raise refusal(
            "a statement allows actions of named services",
            found=f"`{wide[0]}`",
            accepted="a service's prefix without a wildcard",
        )
    if until is not None and not allows:
        raise refusal("a Deny cannot expire", found=f"`{until}`", accepted="no `until`")
    statement = Statement(
        effect=effect,
        actions=tuple(actions),
        not_actions=tuple(not_actions),
        resources=tuple(resources),
        not_resources=tuple(not_resources),
        conditions=conditions or {},
    )
    return statement if until is None else expire_statements((statement,), until)[0]
