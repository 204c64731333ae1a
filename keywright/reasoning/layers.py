"""Sets of policies as layers, each of which must permit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keywright.policy.statement import Document
    from keywright.reasoning.hearing import Policies

Layers = list[tuple["Document", ...]]


def layers_of(policies: Policies) -> Layers:
    """Give the layers of an identity's policies, or of a resource's: its own, then whatever limits it."""
    if policies.resource is not None:
        return [(policies.resource,), *policies.service_control]
    return [policies.identity, *limits_of(policies)]


def limits_of(policies: Policies) -> Layers:
    """Give the layers that limit an identity's own policies."""
    limits = [policies.session] if policies.session else []
    if policies.boundary is not None:
        limits.append((policies.boundary,))
    return [*limits, *policies.service_control]
