"""AWS Security Token Service.

Sources: "AssumeRole" and "GetCallerIdentity" in the API Reference; "Permissions for GetSessionToken"; "Compare AWS STS
credentials"; "Methods to assume a role": a role's trust policy must allow, whatever the caller's own policies say, and
naming the account there lets the account's own policies count.
"""

from __future__ import annotations

from keywright.policy.matching.arn import Arn
from keywright.policy.principals import PrincipalKind

FOR_EVERYONE = "`sts:GetCallerIdentity` needs no permissions, and no policy can deny it"
FOR_USERS = "policies do not control `sts:GetSessionToken`"
NOT_FOR_ROOT = "the root user of an account cannot assume roles"
NOT_FOR_ROLES = "a role session cannot call `sts:GetSessionToken` or `sts:GetFederationToken`"
NOT_FOR_FEDERATED = "a federated user can call no STS action except `sts:GetCallerIdentity`"
_LONG_TERM = frozenset({PrincipalKind.USER, PrincipalKind.ROOT})
_ROLES = frozenset({PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION})
_FROM_LONG_TERM_CREDENTIALS = frozenset({"sts:getsessiontoken", "sts:getfederationtoken"})


def is_role(service: str, resource: str) -> bool:
    """Return whether the request assumes a role, so that its trust policy decides."""
    arn = Arn.parse(resource)
    return service == "sts" and arn is not None and arn.service == "iam" and arn.resource.startswith("role/")


def needs_no_policy(lowered_action: str, kind: PrincipalKind) -> str:
    """Return the rule by which a call succeeds whatever the policies say; empty where there is none."""
    if lowered_action == "sts:getsessiontoken" and kind in _LONG_TERM:
        return FOR_USERS
    is_known = kind not in {PrincipalKind.ANONYMOUS, PrincipalKind.PROVIDER, PrincipalKind.OTHER}
    return FOR_EVERYONE if lowered_action == "sts:getcalleridentity" and is_known else ""


def refuses(lowered_action: str, kind: PrincipalKind) -> str:
    """Return the rule by which a call fails whatever the policies allow; empty where there is none."""
    if kind is PrincipalKind.ROOT:
        return NOT_FOR_ROOT if lowered_action == "sts:assumerole" else ""
    if kind is PrincipalKind.FEDERATED_USER:
        return NOT_FOR_FEDERATED if lowered_action.startswith("sts:") else ""
    return NOT_FOR_ROLES if kind in _ROLES and lowered_action in _FROM_LONG_TERM_CREDENTIALS else ""
