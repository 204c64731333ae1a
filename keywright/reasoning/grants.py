"""How the allows of several kinds of policy make a grant.

Sources: "Policy evaluation logic" (the table "Resource-based policies and implicit denies in other policy types"),
"Cross-account policy evaluation logic".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.context import YES, Truth
from keywright.reasoning.services import kms, sts

if TYPE_CHECKING:
    from keywright.reasoning.hearing import Hearing
    from keywright.reasoning.word import Word


def granted(hearing: Hearing) -> Truth:
    """Tell whether the policies grant together and the organization's control policies let it pass."""
    return min(_granted(hearing), controls(hearing))


def _granted(hearing: Hearing) -> Truth:
    if not hearing.request.principal.is_identity:
        return hearing.resource.reach.direct
    if not hearing.request.is_within_account:
        return min(by_identity(hearing), hearing.resource.reach.account)
    reach = hearing.resource.reach
    delegated = reach.account if needs_resource_policy(hearing) else YES
    return max(
        min(by_identity(hearing), delegated),
        min(reach.role, limits(hearing)),
        reach.direct,
    )


def needs_resource_policy(hearing: Hearing) -> bool:
    """Tell whether the resource's own policy has to allow even within the account: keys and roles.

    When no such policy is given it is taken not to apply, and the others decide.
    """
    request = hearing.request
    return hearing.policies.resource is not None and (
        kms.is_key(request.service, request.resource) or sts.is_role(request.service, request.resource)
    )


def by_identity(hearing: Hearing) -> Truth:
    """Tell whether the principal's own policies allow within what limits them."""
    return min(hearing.identity.allows, limits(hearing))


def limits(hearing: Hearing) -> Truth:
    """Tell whether permissions boundary and session policies let the request pass."""
    return min(_passed(hearing.boundary), _passed(hearing.session))


def controls(hearing: Hearing) -> Truth:
    """Tell whether every level of control policies lets the request pass."""
    return min((word.allows for word in (*hearing.resource_control, *hearing.service_control)), default=YES)


def _passed(word: Word | None) -> Truth:
    return YES if word is None else word.allows
