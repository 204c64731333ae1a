"""Evaluates a request before and after a change."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

from keywright.policy.principals import PrincipalKind
from keywright.policy.statement import Document, Kind
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import FULL_ACCESS, Policies
from keywright.reasoning.evaluation.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from keywright.reasoning.evaluation.request import Request


class ReplayResult(IntEnum):
    """How certain it is that a request is new."""

    NOT_NEW = 0
    IF_CALLER_MAY = 1
    """New for a caller whose own policies allow it, as cross-account access and delegation require."""
    BY_ITSELF = 2
    """New whatever the caller's own policies are, or because these policies changed."""
    EITHER_WAY = 3


def replay(request: Request, before: Policies, after: Policies) -> ReplayResult:
    """Return whether a request is allowed after the change and certainly was not before.

    A resource-based policy is tested for callers without policies of their own, and for callers whose
    policies allow everything.
    """
    by_itself = _is_new(request, before, after)
    if after.resource is None and before.resource is None:
        return ReplayResult.EITHER_WAY if by_itself else ReplayResult.NOT_NEW
    # Two callers represent all: one without permissions of its own, and one with all of them.
    caller_may = _is_new(request, _with_everything(before), _with_everything(after))
    return ReplayResult(2 * by_itself + caller_may)


def _with_everything(policies: Policies) -> Policies:
    return replace(policies, identity=(FULL_ACCESS,))


def _is_new(request: Request, before: Policies, after: Policies) -> bool:
    if request.principal.kind is PrincipalKind.FEDERATED_USER and not (before.session or after.session):
        return _is_new_in(request, _within_session(before), _within_session(after))
    return _is_new_in(request, before, after)


def _within_session(policies: Policies) -> Policies:
    """Add a session policy that allows everything: without one a federated session has no permissions."""
    return replace(policies, session=(FULL_ACCESS,))


def _is_new_in(request: Request, before: Policies, after: Policies) -> bool:
    if not isinstance(evaluate(request, after), Allowed):
        return False
    was = evaluate(request, before)
    return not isinstance(was, Allowed) and (not isinstance(was, Undecided) or was.is_denied)


def explain_change(request: Request, before: Document, after: Document) -> tuple[str, str]:
    """Describe why a request was not allowed before, and why it is now, for a caller with full access."""
    if after.kind is Kind.IDENTITY:
        sides = Policies(identity=(before,)), Policies(identity=(after,))
    else:
        sides = Policies(resource=before), Policies(resource=after)
        if not isinstance(evaluate(request, sides[1]), Allowed):
            sides = _with_everything(sides[0]), _with_everything(sides[1])
    was, now = (evaluate(request, policies) for policies in sides)
    return f"{was.name}, {was.because}", f"{now.name}, {now.because}"
