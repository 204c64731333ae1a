"""Split a gain into steps: one per new statement, with a request that was not allowed before and is now.

A loss is the gain of the reverse change.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.reference import catalogue
from keywright.policy.statement import Document, Effect, Statement
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, UndecidedComparison, compare_access
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reasoning.witnesses.replay import replay
from keywright.review.comparison.access_change import direct_grants_pair
from keywright.review.comparison.conditions import describe_conditions
from keywright.review.comparison.fingerprint import statement_key
from keywright.review.result import LEVELS, Change, Step, is_sensitive_action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.comparison.compare import Comparison
    from keywright.reasoning.evaluation.policies import Policies
    from keywright.reasoning.witnesses.witness import Witness
    from keywright.review.comparison.access_change import PolicyPair
    from keywright.review.comparison.snapshot import ComparedPolicy
    from keywright.review.result import Subject

MOST_STATEMENTS = 24
"""How many statements of one principal get an example; all of them are always compared."""
DIRECT = "the policy now names the principal itself, so its own policies no longer need to allow this"
BOUNDARY_WIDENED = (
    "its permissions boundary allows more, and resource-based policies that name it can grant this"
)
DENIAL_REMOVED = "a Deny statement was removed, so any other policy that allows this takes effect"
_MOST_ACTIONS = 600
_SHOWN_ACTIONS = 12


def find_steps(
    pair: PolicyPair, found: Comparison, policies: Sequence[ComparedPolicy], was: Sequence[ComparedPolicy]
) -> tuple[tuple[Step, ...], str]:
    """Give a step for each new statement that allows something new, and the reason if something is undecided.

    What those statements do not explain (a removed denial, a boundary that allows more) is one more step.
    """
    if isinstance(found, NoNewAccess):
        return (), ""
    if pair.doubt:
        return (), pair.doubt
    certain_pair = pair.certain()
    shown = [
        (_with_earlier_conditions(step, one, was), one)
        for each, one in _new_statements(policies, was)
        if (step := _statement_step(certain_pair, each, one)) is not None
    ]
    steps = tuple(step for step, _ in shown)
    rest = _assume_statements(pair, [statement for _, statement in shown])
    # With the shown statements on both sides, a remaining gain comes from a removed Deny or a changed boundary.
    left = rest.compare() if shown else found
    if isinstance(left, NewAccess):
        return (*steps, _remaining_step(rest.certain(), left.witness, policies)), ""
    return steps, left.reason if isinstance(left, UndecidedComparison) else ""


def make_change(
    subject: Subject,
    name: str,
    arn: str,
    gained: tuple[tuple[Step, ...], str],
    lost: tuple[tuple[Step, ...], str],
    *,
    is_new: bool,
    is_gone: bool,
) -> Change:
    """Make a change from the steps of both directions, each with the reason if something is undecided."""
    (gains, doubt), (losses, may_lose) = gained, lost
    return Change(
        subject,
        name,
        arn,
        is_new=is_new,
        is_gone=is_gone,
        gains=gains,
        losses=losses,
        undecided=(doubt,) if doubt else (),
        may_lose=may_lose,
        is_rewritten=not (gains or losses or doubt or may_lose),
    )


def _with_earlier_conditions(step: Step, statement: Statement, was: Sequence[ComparedPolicy]) -> Step:
    """Add the conditions of the earlier statement that differs only in its conditions."""
    wanted = statement_key(replace(statement, conditions={}))
    for policy in was:
        for each in _displayed_statements(policy):
            if each.conditions and statement_key(replace(each, conditions={})) == wanted:
                return replace(
                    step, condition_before=describe_conditions(each), statement_before=each.to_json()
                )
    return step


def find_direct_steps(
    pair: PolicyPair, steps: Sequence[Step], policies: Sequence[ComparedPolicy], account: str
) -> tuple[tuple[Step, ...], str]:
    """Give one more step if the policy names a principal of the account that only the account's delegation covered before."""
    known = {json.dumps(dict(each.statement), sort_keys=True) for each in steps}
    statements = [
        one
        for each in policies
        for one in _displayed_statements(each)
        if json.dumps(one.to_json(), sort_keys=True) in known
    ]
    pair = direct_grants_pair(_assume_statements(pair, statements), account)
    found = pair.compare()
    if isinstance(found, NewAccess):
        return (replace(_remaining_step(pair.certain(), found.witness, policies), because=DIRECT),), ""
    return (), found.reason if isinstance(found, UndecidedComparison) else ""


def _assume_statements(pair: PolicyPair, statements: Sequence[Statement]) -> PolicyPair:
    """Add statements to the earlier side, to find what else is new."""
    return replace(
        pair,
        before=_add_statements(pair.before, statements),
        before_maximum=pair.before_maximum and _add_statements(pair.before_maximum, statements),
        symbolic=pair.symbolic and (_add_statements(pair.symbolic[0], statements), pair.symbolic[1]),
    )


def _add_statements(policies: Policies, statements: Sequence[Statement]) -> Policies:
    if policies.resource is not None:
        document = policies.resource
        return replace(policies, resource=replace(document, statements=(*document.statements, *statements)))
    return replace(policies, identity=(*policies.identity, Document(tuple(statements))))


def _new_statements(
    policies: Sequence[ComparedPolicy], was: Sequence[ComparedPolicy]
) -> Iterator[tuple[ComparedPolicy, Statement]]:
    known = {statement_key(statement) for each in was for statement in _displayed_statements(each)}
    new = (
        (each, statement)
        for each in policies
        for statement in _displayed_statements(each)
        if statement.effect is Effect.ALLOW and statement_key(statement) not in known
    )
    # Each example is a comparison of its own; statements beyond the limit still count in the comparison of
    # everything.
    return islice(new, MOST_STATEMENTS)


def _displayed_statements(policy: ComparedPolicy) -> tuple[Statement, ...]:
    """Give the statements to display: with symbols, if there are any."""
    return (policy.symbolic or policy.most).statements


def with_resource(pair: PolicyPair, step: Step, resource: str) -> Step:
    """Use the resource itself in the example request, if the example still holds."""
    witness = replace(step.witness, resource=resource)
    certain_pair = pair.certain()
    return (
        replace(step, witness=witness)
        if replay(witness.request, certain_pair.before, certain_pair.after)
        else step
    )


def _statement_step(pair: PolicyPair, policy: ComparedPolicy, statement: Statement) -> Step | None:
    witness = _find_witness(pair, statement)
    if witness is None:
        return None
    actions = sorted(_new_actions(pair, witness, statement), key=severity_order)
    if actions and severity_order(actions[0])[0] < severity_order(witness.action)[0]:
        worst = _find_witness(pair, replace(statement, actions=(actions[0],), not_actions=()))
        witness = worst or witness
    return _make_step(pair, witness, policy, statement, actions)


def _find_witness(pair: PolicyPair, statement: Statement) -> Witness | None:
    """Find a request that one statement newly allows, regardless of unknown values."""
    found = compare_access(pair.before, _with_only(pair.after, statement), pair.holder)
    if not isinstance(found, NewAccess) or not replay(found.witness.request, pair.before, pair.after):
        return None
    return in_own_place(pair, found.witness)


def in_own_place(pair: PolicyPair, witness: Witness) -> Witness:
    """Use the account and region of the stack in an example, if the example still holds."""
    own = (each for each in pair.place.own(witness) if replay(each.request, pair.before, pair.after))
    return next(own, witness)


def severity_order(action: str) -> tuple[int, bool, bool, str]:
    """Sort key for actions: the most powerful first, then the most telling."""
    level = min((LEVELS.index(each) for each in levels_of([action])), default=len(LEVELS))
    is_telling = action.partition(":")[2].lower().startswith(_TELLING)
    return level, not is_sensitive_action(action), not is_telling, action


_TELLING = ("put", "delete", "create", "update", "get", "list")


def _with_only(policies: Policies, statement: Statement) -> Policies:
    """Keep one Allow statement, and all Deny statements and limits."""
    if policies.resource is not None:
        document = policies.resource
        kept = tuple(each for each in document.statements if each.effect is Effect.DENY)
        return replace(policies, resource=replace(document, statements=(statement, *kept)))
    denying = tuple(
        replace(each, statements=tuple(one for one in each.statements if one.effect is Effect.DENY))
        for each in policies.identity
    )
    return replace(policies, identity=(Document((statement,)), *denying))


def _remaining_step(pair: PolicyPair, witness: Witness, policies: Sequence[ComparedPolicy]) -> Step:
    """Make the step of a gain without a new statement: a removed Deny statement or a changed boundary."""
    witness = in_own_place(pair, witness)
    verdict = evaluate(witness.request, pair.after)
    grounds = verdict.grounds if isinstance(verdict, Allowed) else ()
    for ground in grounds:
        for each in policies:
            if any(ground.statement is one or ground.statement == one for one in _displayed_statements(each)):
                actions = sorted(_new_actions(pair, witness, ground.statement), key=severity_order)
                steps = _make_step(pair, witness, each, ground.statement, actions)
                return replace(steps, because=_reason_before(pair, witness))
    return replace(_make_step(pair, witness, None, None), because=_reason_before(pair, witness))


def _reason_before(pair: PolicyPair, witness: Witness) -> str:
    return evaluate(witness.request, pair.before).because


def _make_step(
    pair: PolicyPair,
    witness: Witness,
    policy: ComparedPolicy | None,
    statement: Statement | None,
    actions: Sequence[str] = (),
) -> Step:
    shown = actions or (witness.action,)
    return Step(
        witness=witness,
        statement=statement.to_json() if statement else {},
        place=policy.place(statement) if policy and statement else None,
        actions=tuple(shown[:_SHOWN_ACTIONS]),
        more_actions=max(0, len(shown) - _SHOWN_ACTIONS),
        levels=levels_of(shown),
        levels_before=_levels_before(pair, witness),
        resources=(statement.resources or tuple(f"all except {each}" for each in statement.not_resources))
        if statement
        else (),
        through=policy.group if policy else "",
        condition=describe_conditions(statement) if statement else "",
    )


def _new_actions(pair: PolicyPair, witness: Witness, statement: Statement) -> Iterator[str]:
    """Yield the statement's actions that are new for the same resource and context."""
    # `*` expands to more than 20,000 actions, and each is evaluated twice.
    for action in islice(expand_actions(statement), _MOST_ACTIONS):
        request = replace(witness, action=action).request
        if isinstance(evaluate(request, pair.after), Allowed) and not isinstance(
            evaluate(request, pair.before), Allowed
        ):
            yield action


def expand_actions(statement: Statement) -> Iterator[str]:
    """Yield the actions of a statement, with patterns expanded."""
    for text in statement.actions:
        if set("*?") & set(text):
            yield from map(str, catalogue.matching_actions(text))
        else:
            yield text


def levels_of(actions: Iterable[str]) -> tuple[str, ...]:
    """Give the access levels of actions, the most powerful first; an unknown action counts as write."""
    found: set[str] = set()
    for each in actions:
        known = catalogue.action(each)
        # The catalogue lags behind AWS, so an unknown action must not look harmless.
        found |= known.levels if known else {"write"}
    return tuple(level for level in LEVELS if level in found)


def _levels_before(pair: PolicyPair, witness: Witness) -> tuple[str, ...]:
    """Give the levels that were allowed before, for the example's service and resource."""
    allowed = (
        each
        for each in _candidate_actions(pair.before, witness)
        if isinstance(evaluate(replace(witness, action=each).request, pair.before), Allowed)
    )
    return levels_of(allowed)


def _candidate_actions(policies: Policies, witness: Witness) -> Iterator[str]:
    """Give the known actions of the example's service that some statement allows; all for the root user.

    STS actions that every principal can call have no resource.
    """
    service = witness.action.partition(":")[0]
    known = map(str, islice(catalogue.actions_of(service), _MOST_ACTIONS))
    if principal(witness.principal).kind is PrincipalKind.ROOT:
        return known
    documents = (*policies.identity, *([policies.resource] if policies.resource is not None else []))
    allowing = (each for one in documents for each in one.statements if each.effect is Effect.ALLOW)
    covered = {
        action
        for actions, others in {(each.actions, each.not_actions) for each in allowing}
        for action in _covered(actions, others, service)
    }
    return filter(covered.__contains__, known)


@lru_cache(maxsize=4096)
def _covered(actions: tuple[str, ...], others: tuple[str, ...], service: str) -> tuple[str, ...]:
    """Give the known actions of a service that `Action` or `NotAction` covers; cached, because many statements share them."""
    covers = Statement(actions=actions, not_actions=others).covers_action
    return tuple(name for name in map(str, catalogue.actions_of(service)) if covers(name.lower()))
