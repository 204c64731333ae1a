"""Evaluating one request against all policies that apply to it, as AWS documents it.

Sources: "How AWS enforcement code logic evaluates requests to allow or deny access", "Policy evaluation for requests
within a single account", "Cross-account policy evaluation logic".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.context import MAYBE, NO, YES
from keywright.policy.principals import PrincipalKind
from keywright.reasoning.evaluation.explain import granting_statements, missing_allow, undecided_reasons
from keywright.reasoning.evaluation.policies import Policies, PolicyEvaluation, evaluate_policies
from keywright.reasoning.evaluation.policies import granted as granted_by
from keywright.reasoning.evaluation.services import iam, sts
from keywright.reasoning.evaluation.verdict import (
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    from keywright.reasoning.evaluation.request import Request

__all__ = ["Policies", "evaluate"]


def evaluate(request: Request, policies: Policies) -> Verdict:
    """Decide a request; undecided where keys, names or parts of policies that matter are not known."""
    kind = request.principal.kind
    if kind is PrincipalKind.OTHER:
        return Undecided(f"`{request.principal_text}` is not a principal of a known form")
    rule = sts.needs_no_policy(request.lowered_action, kind)
    if rule:
        return Allowed(reason=rule)
    hearing = evaluate_policies(request, policies)
    if hearing.denies is YES:
        return _denied(hearing)
    rule = sts.refuses(request.lowered_action, kind)
    if rule:
        return ImplicitlyDenied(rule)
    return _without_denial(hearing)


def _denied(hearing: PolicyEvaluation) -> ExplicitlyDenied:
    denying = (word.denying for word in hearing.words() if word.denies is YES)
    return ExplicitlyDenied(tuple(ground for ground in denying if ground is not None))


def _without_denial(hearing: PolicyEvaluation) -> Verdict:
    """Decide where nothing denies for certain."""
    granted = granted_by(hearing)
    if granted is MAYBE or hearing.denies is MAYBE:
        reason, grounds = undecided_reasons(hearing)
        if granted is NO:
            reason = f"{missing_allow(hearing)}; whether a statement also denies it is undecided: {reason}"
        return Undecided(reason, grounds, is_denied=granted is NO)
    if granted is NO:
        return ImplicitlyDenied(missing_allow(hearing))
    return Allowed(
        granting_statements(hearing),
        iam.FOR_ROOT if hearing.request.principal.kind is PrincipalKind.ROOT else "",
    )
