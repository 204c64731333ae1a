"""Replaying a request before and after a change through evaluation."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

from keywright.policy.principals import PrincipalKind
from keywright.policy.statement import Document, Kind, Statement
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from keywright.reasoning.evaluation.request import Request

EVERYTHING = Document((Statement(actions=("*",), resources=("*",)),))
"""An identity-based policy that allows everything."""


class ReplayResult(IntEnum):
    """How surely a replay shows that a request is new."""

    NOT_NEW = 0
    IF_CALLER_MAY = 1
    """New for a caller whose own policies allow it, as access across accounts and by delegation needs."""
    BY_ITSELF = 2
    """New whatever the caller's own policies say, or new as those policies themselves."""
    EITHER_WAY = 3


def replay(request: Request, before: Policies, after: Policies) -> ReplayResult:
    """Tell whether a request is allowed after and surely not before.

    A resource-based policy is judged with callers who have no policies of their own, and with callers whose own
    policies allow everything.
    """
    by_itself = _is_new(request, before, after)
    if after.resource is None and before.resource is None:
        return ReplayResult.EITHER_WAY if by_itself else ReplayResult.NOT_NEW
    caller_may = _is_new(request, _with_everything(before), _with_everything(after))
    return ReplayResult(2 * by_itself + caller_may)


def _with_everything(policies: Policies) -> Policies:
    return replace(policies, identity=(EVERYTHING,))


def _is_new(request: Request, before: Policies, after: Policies) -> bool:
    if request.principal.kind is PrincipalKind.FEDERATED_USER and not (before.session or after.session):
        return _is_new_in(request, _within_session(before), _within_session(after))
    return _is_new_in(request, before, after)


def _within_session(policies: Policies) -> Policies:
    """Let a federated session pass everything: without a session policy it may do nothing."""
    return replace(policies, session=(EVERYTHING,))


def _is_new_in(request: Request, before: Policies, after: Policies) -> bool:
    if not isinstance(evaluate(request, after), Allowed):
        return False
    was = evaluate(request, before)
    return not isinstance(was, Allowed) and (not isinstance(was, Undecided) or was.is_denied)


def explain_change(request: Request, before: Document, after: Document) -> tuple[str, str]:
    """Say why a request is not allowed before and why it is after, by a caller who has what it needs beside."""
    if after.kind is Kind.IDENTITY:
        sides = Policies(identity=(before,)), Policies(identity=(after,))
    else:
        sides = Policies(resource=before), Policies(resource=after)
        if not isinstance(evaluate(request, sides[1]), Allowed):
            sides = _with_everything(sides[0]), _with_everything(sides[1])
    was, now = (evaluate(request, policies) for policies in sides)
    return f"{was.name}, {was.because}", f"{now.name}, {now.because}"
