"""Rules of single services that differ from the general rules of policy evaluation.

IAM: "How AWS enforcement code logic evaluates requests to allow or deny access", "Service-linked roles", "Service
control policies (SCPs)" (tasks and entities not restricted by SCPs), "Referencing permission sets in resource
policies".

KMS: "Key policies in AWS KMS". No principal, not even the account's root user, has any permission to a key unless
its key policy allows it; if the policy allows the account, the account's own policies decide.

S3: "How Amazon S3 works with IAM", "Actions, resources, and condition keys for Amazon S3"; "PutBucketPolicy" in the
API Reference, "AWS::S3Express::BucketPolicy" in the CloudFormation template reference.

STS: "AssumeRole" and "GetCallerIdentity" in the API Reference; "Permissions for GetSessionToken"; "Compare AWS STS
credentials"; "Methods to assume a role". A role's trust policy must allow, whatever the caller's own policies say; if
it names the account, the account's own policies decide.
"""

from __future__ import annotations

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import MAYBE, NO, YES, Truth
from keywright.policy.principals import PrincipalKind, principal

FOR_ROOT = "the account's root user needs no policy"
SERVICE_LINKED_PATH = "/aws-service-role/"
_SERVICE_LINKED_NAME = "AWSServiceRoleFor"
_RESERVED_NAMES = (_SERVICE_LINKED_NAME, "AWSReservedSSO_")
_ON_BUCKET_POLICIES = frozenset(
    f"{service}:{verb}bucketpolicy" for service in ("s3", "s3express") for verb in ("get", "put", "delete")
)
FOR_EVERYONE = "`sts:GetCallerIdentity` needs no permissions, and no policy can deny it"
FOR_USERS = "policies do not control `sts:GetSessionToken`"
NOT_FOR_ROOT = "the root user of an account cannot assume roles"
NOT_WITHOUT_CREDENTIALS = (
    "AWS STS accepts this only from a user, a role or the root user, not from anonymous callers"
)
NOT_FOR_ROLES = "a role session cannot call `sts:GetSessionToken` or `sts:GetFederationToken`"
NOT_FOR_FEDERATED = "a federated user can call no STS action except `sts:GetCallerIdentity`"
_LONG_TERM = frozenset({PrincipalKind.USER, PrincipalKind.ROOT})
_ROLES = frozenset({PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION})
_FROM_LONG_TERM_CREDENTIALS = frozenset({"sts:getsessiontoken", "sts:getfederationtoken"})


def is_reserved_name(role_name: str) -> bool:
    """Return whether AWS reserves the name of a role, so that the ARNs of its sessions omit a path."""
    return role_name.startswith(_RESERVED_NAMES)


def is_service_linked(role_name: str, path: str) -> Truth:
    """Return whether a role is service-linked; the path is empty where it is not known."""
    if path:
        return YES if path.startswith(SERVICE_LINKED_PATH) else NO
    return MAYBE if role_name.startswith(_SERVICE_LINKED_NAME) else NO


def may_be_service_linked(arn: str) -> bool:
    """Return whether the ARN of a role, or of a session of one, may be of a service-linked role."""
    who = principal(arn)
    return who.kind in _ROLES and is_service_linked(who.name, who.path) is not NO


def is_kms_key(service: str, resource: str) -> bool:
    """Return whether the request acts on a KMS key, so that its key policy decides."""
    arn = Arn.parse(resource)
    return service == "kms" and arn is not None and arn.resource.startswith("key/")


def kms_context_keys(service: str, account: str) -> dict[str, tuple[str, ...]]:
    """Return the context key of KMS for the caller's account."""
    return {"kms:calleraccount": (account,)} if account and service == "kms" else {}


def matched_s3_resource(lowered_action: str, resource: str) -> str:
    """Return the resource as policies match it.

    Listing all buckets accepts `*` and `arn:aws:s3:::*` alike.
    """
    return "arn:aws:s3:::*" if lowered_action == "s3:listallmybuckets" and resource == "*" else resource


def s3_context_keys(service: str, owner: str) -> dict[str, tuple[str, ...]]:
    """Return the context key of S3 for the account of the resource."""
    return {"s3:resourceaccount": (owner,)} if owner and service == "s3" else {}


def overrides_bucket_policy(lowered_action: str, kind: PrincipalKind, *, is_within_account: bool) -> bool:
    """Return whether no bucket policy can deny the call.

    The root user can always repair a policy that locks everyone out.
    """
    return kind is PrincipalKind.ROOT and is_within_account and lowered_action in _ON_BUCKET_POLICIES


def is_role_assumption(service: str, resource: str) -> bool:
    """Return whether the request assumes a role, so that its trust policy decides."""
    arn = Arn.parse(resource)
    return service == "sts" and arn is not None and arn.service == "iam" and arn.resource.startswith("role/")


def allowed_by_rule(lowered_action: str, kind: PrincipalKind) -> str:
    """Return the rule by which a call succeeds whatever the policies say; empty where there is none."""
    if lowered_action == "sts:getsessiontoken" and kind in _LONG_TERM:
        return FOR_USERS
    is_known = kind not in {PrincipalKind.ANONYMOUS, PrincipalKind.PROVIDER, PrincipalKind.OTHER}
    return FOR_EVERYONE if lowered_action == "sts:getcalleridentity" and is_known else ""


def refused_without_credentials(lowered_action: str, kind: PrincipalKind) -> str:
    """Return why a caller without credentials cannot make a call that policies allow to everyone; empty where it can."""
    needs = lowered_action in {"sts:assumerole", *_FROM_LONG_TERM_CREDENTIALS}
    return NOT_WITHOUT_CREDENTIALS if needs and kind is PrincipalKind.ANONYMOUS else ""


def refused_by_rule(lowered_action: str, kind: PrincipalKind) -> str:
    """Return the rule by which a call fails whatever the policies allow; empty where there is none."""
    if kind is PrincipalKind.ROOT:
        return NOT_FOR_ROOT if lowered_action == "sts:assumerole" else ""
    if kind is PrincipalKind.FEDERATED_USER:
        return NOT_FOR_FEDERATED if lowered_action.startswith("sts:") else ""
    return NOT_FOR_ROLES if kind in _ROLES and lowered_action in _FROM_LONG_TERM_CREDENTIALS else ""
