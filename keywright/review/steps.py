"""Taking a gain apart: statement by statement, each with a request that was not allowed and now is.

A loss is the gain of the change the other way round.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy import catalogue
from keywright.policy.document import Document
from keywright.policy.statement import Effect
from keywright.reasoning.compare import NewAccess, NoNewAccess, UndecidedComparison, compare_access
from keywright.reasoning.evaluate import evaluate
from keywright.reasoning.replay import replay
from keywright.reasoning.verdict import Allowed
from keywright.review.change import LEVELS, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.policy.statement import Statement
    from keywright.reasoning.compare import Comparison
    from keywright.reasoning.hearing import Policies
    from keywright.reasoning.witness import Witness
    from keywright.review.side import Held
    from keywright.review.weighing import Sides

MOST_STATEMENTS = 24
"""Statements of one principal that are each given a request; the whole is always compared."""
LIFTED = "a denial is gone: whatever else allows it is allowed"
_MOST_ACTIONS = 600
_SHOWN_ACTIONS = 12


def told_of(
    sides: Sides, found: Comparison, held: Sequence[Held], was: Sequence[Held]
) -> tuple[tuple[Step, ...], str]:
    """Give a step for each statement that is new and allows something new, and what can't be told.

    Where the whole shows something new there is one step at least. Where the whole can't be told, a statement may
    still show something for certain.
    """
    if isinstance(found, NoNewAccess):
        return (), ""
    told = tuple(step for each in _fresh(held, was) if (step := _step(sides, *each)) is not None)
    if isinstance(found, UndecidedComparison):
        return ((), found.reason) if sides.doubt else (told, found.reason)
    return told or (_whole(sides, found.witness, held),), ""


def _fresh(held: Sequence[Held], was: Sequence[Held]) -> Iterator[tuple[Held, Statement]]:
    known = {_key(statement) for each in was for statement in each.most.statements}
    fresh = (
        (each, statement)
        for each in held
        for statement in each.most.statements
        if statement.effect is Effect.ALLOW and _key(statement) not in known
    )
    return islice(fresh, MOST_STATEMENTS)


def on_itself(sides: Sides, step: Step, resource: str) -> Step:
    """Show a step of a policy on a resource by a request on that resource, where it still shows it."""
    witness = replace(step.witness, resource=resource)
    before, after = sides.before_at_most or sides.before, sides.after_at_least or sides.after
    return replace(step, witness=witness) if replay(witness.request, before, after) else step


def _key(statement: Statement) -> str:
    return json.dumps(replace(statement, sid="").to_json(), sort_keys=True)


def _step(sides: Sides, held: Held, statement: Statement) -> Step | None:
    found = compare_access(sides.before, _only(sides.after, statement), sides.holder)
    if not isinstance(found, NewAccess):
        return None
    at_most, at_least = sides.before_at_most or sides.before, sides.after_at_least or sides.after
    if not replay(found.witness.request, at_most, at_least):
        return None
    return _told(sides, found.witness, held, statement)


def _only(policies: Policies, statement: Statement) -> Policies:
    """Leave one statement that allows, and all that denies and limits."""
    if policies.resource is not None:
        document = policies.resource
        kept = tuple(each for each in document.statements if each.effect is Effect.DENY)
        return replace(policies, resource=replace(document, statements=(statement, *kept)))
    denying = tuple(
        replace(each, statements=tuple(one for one in each.statements if one.effect is Effect.DENY))
        for each in policies.identity
    )
    return replace(policies, identity=(Document((statement,)), *denying))


def _whole(sides: Sides, witness: Witness, held: Sequence[Held]) -> Step:
    """Tell of a change that no new statement makes: a denial or a boundary went, or lets more through."""
    verdict = evaluate(witness.request, sides.after)
    grounds = verdict.grounds if isinstance(verdict, Allowed) else ()
    for ground in grounds:
        for each in held:
            if any(ground.statement is one or ground.statement == one for one in each.most.statements):
                told = _told(sides, witness, each, ground.statement)
                return replace(told, because=_before(sides, witness))
    return replace(_told(sides, witness, None, None), because=_before(sides, witness))


def _before(sides: Sides, witness: Witness) -> str:
    return evaluate(witness.request, sides.before).because


def _told(sides: Sides, witness: Witness, held: Held | None, statement: Statement | None) -> Step:
    actions = list(_new_actions(sides, witness, statement)) if statement else []
    actions = actions or [witness.action]
    shown = sorted(actions, key=lambda each: (each.lower() != witness.action.lower(), each))
    return Step(
        witness=witness,
        statement=statement.to_json() if statement else {},
        place=held.place(statement) if held and statement else None,
        actions=tuple(shown[:_SHOWN_ACTIONS]),
        more_actions=max(0, len(shown) - _SHOWN_ACTIONS),
        levels=levels_of(actions),
        had=_levels_before(sides, witness),
        resources=(statement.resources or tuple(f"all but {each}" for each in statement.not_resources))
        if statement
        else (),
        through=held.group if held else "",
    )


def _new_actions(sides: Sides, witness: Witness, statement: Statement) -> Iterator[str]:
    """Give the statement's actions that are new with the same resource and circumstances."""
    for action in islice(expanded(statement), _MOST_ACTIONS):
        request = replace(witness, action=action).request
        if isinstance(evaluate(request, sides.after), Allowed) and not isinstance(
            evaluate(request, sides.before), Allowed
        ):
            yield action


def expanded(statement: Statement) -> Iterator[str]:
    """Give the actions a statement names, and the known ones that its patterns cover."""
    for text in statement.actions:
        if set("*?") & set(text):
            yield from map(str, catalogue.matching_actions(text))
        else:
            yield text


def levels_of(actions: Iterable[str]) -> tuple[str, ...]:
    """Give the access levels of actions, what widens most first; an unknown action counts as write."""
    found: set[str] = set()
    for each in actions:
        known = catalogue.action(each)
        found |= known.levels if known else {"write"}
    return tuple(level for level in LEVELS if level in found)


def _levels_before(sides: Sides, witness: Witness) -> tuple[str, ...]:
    """Give the levels that the witness's service had on its resource before."""
    service = witness.action.partition(":")[0]
    allowed = (
        str(each)
        for each in islice(catalogue.actions_of(service), _MOST_ACTIONS)
        if isinstance(evaluate(replace(witness, action=str(each)).request, sides.before), Allowed)
    )
    return levels_of(allowed)
