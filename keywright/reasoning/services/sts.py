"""AWS Security Token Service.

Sources: "AssumeRole", "GetCallerIdentity" and "GetSessionToken" in the API Reference; "Methods to assume a role":
a role's trust policy must allow, whatever the caller's own policies say, and naming the account there lets the
account's own policies count.
"""

from __future__ import annotations

from keywright.policy.arn import Arn
from keywright.policy.principals import PrincipalKind

FOR_EVERYONE = "AWS answers `sts:GetCallerIdentity` to every principal, whatever policies say"
FOR_USERS = "`sts:GetSessionToken` needs no permission"
NOT_FOR_ROOT = "an account's root user can't assume roles"


def is_role(service: str, resource: str) -> bool:
    """Tell whether the request is for a role's session, and so for its trust policy to decide."""
    arn = Arn.parse(resource)
    return service == "sts" and arn is not None and arn.service == "iam" and arn.resource.startswith("role/")


def needs_no_policy(lowered_action: str, kind: PrincipalKind) -> str:
    """Give the rule by which a caller is allowed even if no policy allows and any denies; empty when there is none."""
    is_known = kind not in {PrincipalKind.ANONYMOUS, PrincipalKind.PROVIDER, PrincipalKind.OTHER}
    return FOR_EVERYONE if lowered_action == "sts:getcalleridentity" and is_known else ""


def needs_no_allow(lowered_action: str, kind: PrincipalKind) -> str:
    """Give the rule by which a caller is allowed unless a policy denies; empty when there is none."""
    is_long_term = kind in {PrincipalKind.USER, PrincipalKind.ROOT}
    return FOR_USERS if lowered_action == "sts:getsessiontoken" and is_long_term else ""


def refuses(lowered_action: str, kind: PrincipalKind) -> str:
    """Give the rule by which a caller is refused whatever policies allow; empty when there is none."""
    return NOT_FOR_ROOT if lowered_action == "sts:assumerole" and kind is PrincipalKind.ROOT else ""
