"""Why a request was decided as it was: the statements that granted, what was missing, what is open."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.matching.context import MAYBE, NO, YES
from keywright.policy.principals import PrincipalKind
from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.policies import (
    identity_allows,
    needs_resource_policy,
    principal_match,
    service_linked,
    statement_matches,
    undecided_parts,
)
from keywright.reasoning.evaluation.verdict import Ground, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Document
    from keywright.reasoning.evaluation.policies import PolicyEffect, PolicyEvaluation

_MOST_SHOWN = 3


def granting_statements(hearing: PolicyEvaluation) -> tuple[Ground, ...]:
    """List the statements that granted, those that grant before those that limit."""
    return tuple(word.allowing for word in _granting_effects(hearing) if word is not None and word.allowing)


def _granting_effects(hearing: PolicyEvaluation) -> tuple[PolicyEffect | None, ...]:
    controls = (*hearing.service_control, *hearing.resource_control)
    if hearing.request.principal.is_identity and identity_allows(hearing) is YES:
        both = not hearing.request.is_within_account or needs_resource_policy(hearing)
        if not both or hearing.resource.reach.account is YES:
            resource = (hearing.resource,) if both else ()
            return (hearing.identity, *resource, hearing.boundary, hearing.session, *controls)
    if hearing.resource.reach.direct is YES:
        return (hearing.resource, *controls)
    return (hearing.resource, hearing.boundary, hearing.session, *controls)


def missing_allow(hearing: PolicyEvaluation) -> str:
    """Name the first allow that is missing."""
    for words in (hearing.resource_control, hearing.service_control):
        for level, word in enumerate(words, start=1):
            if word.allows is NO:
                return f"no {word.layer} at level {level} allows the action"
    if not hearing.request.principal.is_identity:
        return f"{_resource_policy(hearing)} allows {_principal_name(hearing)}"
    return _missing_identity_allow(hearing)


def _missing_identity_allow(hearing: PolicyEvaluation) -> str:
    needs_both = not hearing.request.is_within_account or needs_resource_policy(hearing)
    if needs_both and hearing.resource.reach.account is NO:
        return f"{_resource_policy(hearing)} allows the action, which {_why_both(hearing)}"
    for word in (hearing.boundary, hearing.session):
        if word is not None and word.allows is NO and hearing.identity.allows is not NO:
            return f"no {word.layer} allows the action"
    if needs_both:
        return f"no identity-based policy allows the action, which {_why_both(hearing)}"
    return "no identity-based policy and no resource-based policy allows the action"


def _why_both(hearing: PolicyEvaluation) -> str:
    return "this resource requires" if needs_resource_policy(hearing) else "cross-account access requires"


def _resource_policy(hearing: PolicyEvaluation) -> str:
    return (
        "no statement of the resource-based policy"
        if hearing.policies.resource
        else "no resource-based policy"
    )


def _principal_name(hearing: PolicyEvaluation) -> str:
    who = hearing.request.principal
    return "an anonymous principal" if who.kind is PrincipalKind.ANONYMOUS else f"`{who.text}`"


def undecided_reasons(hearing: PolicyEvaluation) -> tuple[str, tuple[Ground, ...]]:
    """Name what is not known, and the statements that hang on it; a few of each."""
    grounds = tuple(islice(undecided_statements(hearing), _MOST_SHOWN))
    bounded = hearing.is_bounded
    by_statement = (
        doubt
        for each in grounds
        for doubt in undecided_parts(each.statement, hearing.request, is_bounded=bounded)
    )
    reasons = dict.fromkeys((*_unread(hearing), *by_statement, *_unknown_exemptions(hearing)))
    return "; ".join(islice(reasons, _MOST_SHOWN)), grounds


def _documents(hearing: PolicyEvaluation) -> Iterator[tuple[Layer, int, Document]]:
    policies = hearing.policies
    resource, boundary = policies.resource, policies.boundary
    by_layer = {
        Layer.RESOURCE_CONTROL: [each for level in policies.resource_control for each in level],
        Layer.SERVICE_CONTROL: [each for level in policies.service_control for each in level],
        Layer.RESOURCE: [resource] if resource else [],
        Layer.IDENTITY: policies.identity,
        Layer.BOUNDARY: [boundary] if boundary else [],
        Layer.SESSION: policies.session,
    }
    heard = {word.layer for word in hearing.words()}
    for layer, documents in by_layer.items():
        if layer in heard:
            yield from ((layer, index, document) for index, document in enumerate(documents))


def undecided_statements(hearing: PolicyEvaluation) -> Iterator[Ground]:
    """Give the statements that hang on what is not known."""
    request = hearing.request
    for layer, index, document in _documents(hearing):
        for statement in document.statements:
            found = statement_matches(statement, request)
            reach = principal_match(statement, request, is_bounded=hearing.is_bounded).capped(found)
            if MAYBE in reach:
                yield Ground(layer, index, statement)


def _unread(hearing: PolicyEvaluation) -> Iterator[str]:
    for layer, index, document in _documents(hearing):
        for part in document.unread:
            yield f"{layer} {index + 1} could not be read: {part.reason}"


def _unknown_exemptions(hearing: PolicyEvaluation) -> Iterator[str]:
    request = hearing.request
    has_controls = hearing.resource_control or hearing.service_control
    if has_controls and service_linked(request) is MAYBE:
        yield "whether a service-linked role makes the request is unknown"
    if hearing.resource_control and not catalogue.supports_rcp(request.service):
        yield f"whether resource control policies apply to `{request.service}` is unknown"
