"""Principals in trust policies, bucket policies and secret policies must exist.

AWS: "AWS JSON policy elements: Principal" in the IAM User Guide: in a trust policy, the ARN of a user or role is stored as
its unique id; once the identity is deleted the policy shows that id and no longer applies, even to a new identity of
the same name. An ARN of this account that does not exist is refused: "Invalid principal in policy". The emulator keeps
the ARN and compares text. "PutBucketPolicy" in the Amazon S3 API Reference, "PutResourcePolicy" in the AWS Secrets
Manager API Reference: the emulator accepts any text. A bucket or secret policy keeps comparing ARNs after the identity
that it names is deleted.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.authorization.evaluation import read, statements_of
from keywright.sandbox.patches.authorization.principals import values
from keywright.sandbox.patches.cloudformation.resource_types import checked_write
from keywright.sandbox.patches.emulator import (
    json_error,
    put_bucket_policy,
    put_secret_policy,
    roles,
    s3,
    s3_error,
    secretsmanager,
    users,
)
from keywright.sandbox.patches.hooks import Parameters, Refused, account_id, after, guard, patch, text
from keywright.sandbox.patches.iam.policy_documents import SYNTAX

if TYPE_CHECKING:
    from collections.abc import Iterator


_IDENTITY = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?:.*/)?(?P<name>[^/]+)")
_STORES = {"user": (users, "UserId"), "role": (roles, "RoleId")}


def register_trust_policies() -> None:
    """Refuse principals that do not exist, store the ids of those that do, and replace deleted ones."""
    guard(
        "CreateRole",
        lambda parameters: refuse_unknown_principals(text(parameters, "AssumeRolePolicyDocument")),
    )
    guard(
        "UpdateAssumeRolePolicy",
        lambda parameters: refuse_unknown_principals(text(parameters, "PolicyDocument")),
    )
    after("CreateRole", _keep_principal_ids)
    after("UpdateAssumeRolePolicy", _keep_principal_ids)
    after("DeleteUser", lambda _parameters: _replace_deleted_principals())
    after("DeleteRole", lambda _parameters: _replace_deleted_principals())


def follow_renamed_identity(old_arn: str, new_arn: str) -> None:
    """Update trust policies that name a renamed or moved user."""
    for role in roles.to_dict().values():
        ids = role.get("TrustedIds") or {}
        if old_arn in ids:
            ids[new_arn] = ids.pop(old_arn)
            _rename_principals(role, {old_arn: new_arn})


def _replace_deleted_principals() -> None:
    """Replace deleted identities by their unique id, so that a new one of the same name is not trusted."""
    for role in roles.to_dict().values():
        ids = role.get("TrustedIds") or {}
        deleted = {arn: ids[arn] for arn in ids if _unique_id(arn) is None}
        if deleted:
            role["TrustedIds"] = {arn: ids[arn] for arn in ids if arn not in deleted}
            _rename_principals(role, deleted)


def _rename_principals(role: dict[str, Any], names: dict[str, str]) -> None:
    content = read(role["AssumeRolePolicyDocument"])
    for statement in statements_of(content):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "AWS" in principal:
            named = [names.get(each, each) for each in values(principal, "AWS")]
            principal["AWS"] = named[0] if len(named) == 1 else named
    role["AssumeRolePolicyDocument"] = json.dumps(content)


def refuse_unknown_principals(document: Any) -> None:
    """Refuse a policy that names a user or role of this account that does not exist.

    Raises:
        Refused: MalformedPolicyDocument.
    """
    for arn in _identities(document):
        # Identities of other accounts may be outside of the sandbox.
        if _unique_id(arn) is None and arn.split(":")[4] == account_id():
            raise Refused(400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"')


def _keep_principal_ids(parameters: Parameters) -> None:
    role = roles[text(parameters, "RoleName")]
    found = {arn: _unique_id(arn) for arn in _identities(role["AssumeRolePolicyDocument"])}
    role["TrustedIds"] = {arn: unique_id for arn, unique_id in found.items() if unique_id}


def _identities(document: Any) -> Iterator[str]:
    for statement in statements_of(document):
        yield from filter(_IDENTITY.fullmatch, values(statement.get("Principal"), "AWS"))


def _unique_id(arn: str) -> str | None:
    """Give the unique id of a user or role that exists, in whichever account."""
    found = _IDENTITY.fullmatch(arn)
    if found is None:
        return None
    kept, key = _STORES[found["kind"]]
    record = kept.get_scoped(found["account"], None, found["name"])
    # An identity that was moved to another path has another ARN and is not the named one.
    return str(record[key]) if record and record["Arn"] == arn else None


def register_resource_policies() -> None:
    """Check a policy before it is stored, by API and by template."""
    patch(s3, "_put_bucket_policy", _put_bucket_policy)
    patch(secretsmanager, "_put_resource_policy", _put_secret_policy)
    checked_write("AWS::S3::BucketPolicy", lambda properties: _check_template(properties["PolicyDocument"]))
    checked_write(
        "AWS::SecretsManager::ResourcePolicy",
        lambda properties: _check_template(properties["ResourcePolicy"]),
    )


def _put_bucket_policy(name: str, body: bytes, *more: Any) -> Any:
    try:
        _check(body)
    except Refused as refused:
        return s3_error("MalformedPolicy", refused.message, 400, f"/{name}")
    return put_bucket_policy(name, body, *more)


def _put_secret_policy(data: Parameters) -> Any:
    try:
        _check(data.get("ResourcePolicy", ""))
    except Refused as refused:
        return json_error("MalformedPolicyDocumentException", refused.message, 400)
    return put_secret_policy(data)


def _check_template(document: Any) -> None:
    try:
        _check(document)
    except Refused as refused:
        raise ValueError(f"{refused.message} (HandlerErrorCode: InvalidRequest)") from None


def _check(document: Any) -> None:
    """Check what every service requires of a resource-based policy.

    Raises:
        Refused: A malformed document, or a user or role of this account that does not exist.
    """
    try:
        content = json.loads(document) if isinstance(document, (str, bytes)) else document
        statements = content["Statement"]
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "MalformedPolicy", SYNTAX) from None
    listed = [statements] if isinstance(statements, dict) else statements
    if not all(isinstance(each, dict) and {"Principal", "NotPrincipal"} & each.keys() for each in listed):
        raise Refused(400, "MalformedPolicy", "Missing required field Principal")
    refuse_unknown_principals(content)
