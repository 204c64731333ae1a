"""A principal named by user or role ARN stands for that one identity, never for its namesake.

AWS: "AWS JSON policy elements: Principal" in the IAM User Guide: the ARN is turned into the identity's unique
id when the policy is saved; once the identity is deleted the policy shows that id and no longer applies, even
to a new identity of the same name. An ARN of this account that names nobody is refused: "Invalid principal in
policy". The emulator keeps the ARN and compares text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.repairs.emulator import roles, users
from sandbox.repairs.policy_evaluation import read, statements_of
from sandbox.repairs.principals import values
from sandbox.repairs.seams import Parameters, Refused, account_id, after, guard, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDENTITY = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?:.*/)?(?P<name>[^/]+)")
_STORES = {"user": (users, "UserId"), "role": (roles, "RoleId")}


def register() -> None:
    """Refuse principals that do not exist, remember the ids of those that do, and bury the dead."""
    guard("CreateRole", lambda parameters: refuse_nobody(text(parameters, "AssumeRolePolicyDocument")))
    guard("UpdateAssumeRolePolicy", lambda parameters: refuse_nobody(text(parameters, "PolicyDocument")))
    after("CreateRole", _remember)
    after("UpdateAssumeRolePolicy", _remember)
    after("DeleteUser", lambda _parameters: _bury())
    after("DeleteRole", lambda _parameters: _bury())


def identity_moved(old_arn: str, new_arn: str) -> None:
    """Have trust in a user follow it to its new name or path."""
    for role in roles.to_dict().values():
        ids = role.get("TrustedIds") or {}
        if old_arn in ids:
            ids[new_arn] = ids.pop(old_arn)
            _rename_principals(role, {old_arn: new_arn})


def _bury() -> None:
    """Write the unique id in place of whoever is gone, so that no namesake inherits the trust."""
    for role in roles.to_dict().values():
        ids = role.get("TrustedIds") or {}
        dead = {arn: ids[arn] for arn in ids if _unique_id(arn) is None}
        if dead:
            role["TrustedIds"] = {arn: ids[arn] for arn in ids if arn not in dead}
            _rename_principals(role, dead)


def _rename_principals(role: dict[str, Any], names: dict[str, str]) -> None:
    content = read(role["AssumeRolePolicyDocument"])
    for statement in statements_of(content):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "AWS" in principal:
            named = [names.get(each, each) for each in values(principal, "AWS")]
            principal["AWS"] = named[0] if len(named) == 1 else named
    role["AssumeRolePolicyDocument"] = json.dumps(content)


def refuse_nobody(document: Any) -> None:
    """Refuse a policy that names a user or role of this account that does not exist.

    Raises:
        Refused: MalformedPolicyDocument.
    """
    for arn in _identities(document):
        if _unique_id(arn) is None and arn.split(":")[4] == account_id():
            raise Refused(400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"')


def _remember(parameters: Parameters) -> None:
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
    return str(record[key]) if record and record["Arn"] == arn else None
