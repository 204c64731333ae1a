"""IAM Identity Center: permission sets, account assignments, groups, and the roles that AWS creates from them.

AWS: "AWS::SSO::PermissionSet", "AWS::SSO::Assignment", "AWS::IdentityStore::Group" and "GroupMembership" in the
CloudFormation Template Reference; "Permission sets" and "AWS IAM Identity Center quotas" in the IAM Identity Center User
Guide. Each permission set gets a role under /aws-reserved/ in each account it is assigned to; IAM refuses every change of
that role; customer managed policies are referenced by path and name and must exist. The emulator has none of this. The
access portal is a control request that does not authenticate its user and accepts the groups it is given. Users, tags,
attributes for access control and MFA are not emulated, and every change takes effect at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.patches.cloudformation.properties import document
from keywright.sandbox.patches.cloudformation.resource_types import Created, resource_type
from keywright.sandbox.patches.emulator import iam_handlers, request_scope, roles
from keywright.sandbox.patches.hooks import (
    Api,
    Parameters,
    Refused,
    guard,
    home_account,
    home_region,
    store,
    text,
)
from keywright.sandbox.patches.sts.assume_role import role_session

if TYPE_CHECKING:
    from collections.abc import Iterator

INLINE = "AwsSSOInlinePolicy"
_LONGEST = 43_200
_QUOTA = 10_240
_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_ON_ROLES = (
    *(
        "AttachRolePolicy",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
    ),
    *(
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
    ),
)
_sets, _assignments, _groups, _members = store(), store(), store(), store()
_is_identity_center: ContextVar[bool] = ContextVar("identity_center_acts", default=False)
_AWS = Api("iam", iam_handlers)
"""Identity Center acts in an account with its own role, which the account's policies do not restrict."""


def register() -> None:
    """Add the types, and protect the roles."""
    _AWS.authorize = lambda _service, _action, _form: None
    for action in _ON_ROLES:
        guard(action, _refuse_protected_role)
    resource_type(
        "AWS::SSO::PermissionSet",
        create=_create_set,
        update=_update_set,
        delete=_delete_set,
        create_only=("InstanceArn", "Name"),
        custom_name="Name",
    )
    resource_type(
        "AWS::SSO::Assignment",
        create=_assign,
        update=lambda physical_id, _old, _new: (physical_id, {}),
        delete=_unassign,
        create_only=(
            "InstanceArn",
            "PermissionSetArn",
            "PrincipalId",
            "PrincipalType",
            "TargetId",
            "TargetType",
        ),
    )
    resource_type(
        "AWS::IdentityStore::Group",
        create=_create_group,
        update=_update_group,
        delete=lambda physical_id, _properties: _groups.pop(physical_id, None),
        create_only=("IdentityStoreId",),
    )
    resource_type(
        "AWS::IdentityStore::GroupMembership",
        create=_add_member,
        update=lambda physical_id, _old, _new: (physical_id, {"MembershipId": physical_id}),
        delete=lambda physical_id, _properties: _members.pop(physical_id, None),
        create_only=("GroupId", "IdentityStoreId", "MemberId"),
    )


def _refuse_protected_role(parameters: Parameters) -> None:
    """Refuse changes of a role that Identity Center created."""
    role = roles.get(text(parameters, "RoleName"))
    if role and role["Path"].startswith("/aws-reserved/") and not _is_identity_center.get():
        message = f"Cannot perform the operation on the protected role '{role['RoleName']}'"
        raise Refused(400, "UnmodifiableEntity", message)


@contextmanager
def _as_identity_center(account: str) -> Iterator[None]:
    token = _is_identity_center.set(True)
    try:
        with request_scope(account, home_region()):
            yield
    finally:
        _is_identity_center.reset(token)


def _refused(code: str, message: str) -> ValueError:
    return ValueError(f"{message} (HandlerErrorCode: {code})")


# Permission sets


def _create_set(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    _refuse_long(properties)
    name, instance = properties["Name"], properties["InstanceArn"]
    if any(each["Name"] == name and each["InstanceArn"] == instance for each in _sets.values()):
        raise _refused("AlreadyExists", f"PermissionSet with name {name} already exists.")
    # Derived from the name, so that templates and tests are the same in each run.
    number = hashlib.sha256(f"{instance}/{name}".encode()).hexdigest()[:16]
    arn = f"{instance.replace(':instance/', ':permissionSet/')}/ps-{number}"
    _sets[arn] = dict(properties)
    return f"{instance}|{arn}", {"PermissionSetArn": arn}


def _update_set(physical_id: str, _old: Parameters, new: Parameters) -> Created:
    _refuse_long(new)
    arn = physical_id.partition("|")[2]
    _sets[arn] = dict(new)
    # A changed permission set reaches its accounts by being provisioned again.
    for account in sorted({each["TargetId"] for each in _assigned(arn)}):
        _provision(arn, account)
    return physical_id, {"PermissionSetArn": arn}


def _delete_set(physical_id: str, _properties: Parameters) -> None:
    arn = physical_id.partition("|")[2]
    if _assigned(arn):
        raise _refused("ResourceConflict", f"{arn} still has account assignments")
    _sets.pop(arn, None)


def _refuse_long(properties: Parameters) -> None:
    written = (
        re.sub(r"\s", "", document(properties["InlinePolicy"])) if properties.get("InlinePolicy") else ""
    )
    if len(written) > _QUOTA:
        raise _refused("InvalidRequest", f"the inline policy is longer than {_QUOTA} characters")


# Assignments, and the roles created from them


def _assign(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    names = ("InstanceArn", "TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")
    physical_id = "|".join(str(properties[name]) for name in names)
    if physical_id in _assignments:
        raise _refused("AlreadyExists", "the account assignment exists already")
    if properties["PermissionSetArn"] not in _sets:
        raise _refused("NotFound", f"{properties['PermissionSetArn']} does not exist")
    # Provisioned before it is recorded: if a policy is missing, nothing is assigned.
    _provision(properties["PermissionSetArn"], properties["TargetId"])
    _assignments[physical_id] = dict(properties)
    return physical_id, {}


def _unassign(physical_id: str, properties: Parameters) -> None:
    _assignments.pop(physical_id, None)
    arn, account = properties["PermissionSetArn"], properties["TargetId"]
    # The role serves all assignments of the permission set in an account and goes with the last one.
    if not any(each["TargetId"] == account for each in _assigned(arn)):
        with _as_identity_center(account):
            _remove_policies(_role_name(arn, account))
            if _role_name(arn, account) in roles:
                _AWS.call("DeleteRole", RoleName=_role_name(arn, account))


def _assigned(arn: str) -> list[Parameters]:
    return [each for each in _assignments.values() if each["PermissionSetArn"] == arn]


def _role_name(arn: str, account: str) -> str:
    return (
        f"AWSReservedSSO_{_sets[arn]['Name']}_{hashlib.sha256(f'{arn}{account}'.encode()).hexdigest()[:16]}"
    )


def _provision(arn: str, account: str) -> None:
    """Create or rewrite the role; a missing policy of the account fails it."""
    properties, name = _sets[arn], _role_name(arn, account)
    with _as_identity_center(account):
        boundary = _boundary(properties.get("PermissionsBoundary"), account)
        if name not in roles:
            _AWS.call(
                "CreateRole",
                RoleName=name,
                Path=f"/aws-reserved/sso.amazonaws.com/{home_region()}/",
                AssumeRolePolicyDocument=json.dumps(_trust(account)),
                MaxSessionDuration=_LONGEST,
                PermissionsBoundary=boundary,
            )
        else:
            _remove_policies(name)
            _set_boundary(name, boundary)
        for policy in _policies(properties, account):
            _AWS.call("AttachRolePolicy", RoleName=name, PolicyArn=policy)
        if properties.get("InlinePolicy"):
            written = document(properties["InlinePolicy"])
            _AWS.call("PutRolePolicy", RoleName=name, PolicyName=INLINE, PolicyDocument=written)


def _remove_policies(name: str) -> None:
    if name not in roles:
        return
    for each in _AWS.call("ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]:
        _AWS.call("DetachRolePolicy", RoleName=name, PolicyArn=each["PolicyArn"])
    for each in _AWS.call("ListRolePolicies", RoleName=name)["PolicyNames"]:
        _AWS.call("DeleteRolePolicy", RoleName=name, PolicyName=each)


def _set_boundary(name: str, boundary: str | None) -> None:
    if boundary is not None:
        _AWS.call("PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=boundary)
    elif _AWS.call("GetRole", RoleName=name)["Role"].get("PermissionsBoundary"):
        _AWS.call("DeleteRolePermissionsBoundary", RoleName=name)


def _policies(properties: Parameters, account: str) -> list[str]:
    references = properties.get("CustomerManagedPolicyReferences") or ()
    return [*(properties.get("ManagedPolicies") or ()), *(_by_name(each, account) for each in references)]


def _boundary(boundary: Parameters | None, account: str) -> str | None:
    if not boundary:
        return None
    return boundary.get("ManagedPolicyArn") or _by_name(boundary["CustomerManagedPolicyReference"], account)


def _by_name(reference: Parameters, account: str) -> str:
    return f"arn:aws:iam::{account}:policy{reference.get('Path') or '/'}{reference['Name']}"


def _trust(account: str) -> dict[str, Any]:
    provider = f"arn:aws:iam::{account}:saml-provider/AWSSSO_{'0' * 16}_DO_NOT_DELETE"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


# The identity store


def _create_group(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    if properties["DisplayName"] in _groups.values():
        raise _refused("AlreadyExists", "Duplicate GroupDisplayName")
    number = hashlib.sha256(properties["DisplayName"].encode()).hexdigest()
    group = "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:32]))
    _groups[group] = properties["DisplayName"]
    return group, {"GroupId": group}


def _update_group(physical_id: str, _old: Parameters, new: Parameters) -> Created:
    _groups[physical_id] = new["DisplayName"]
    return physical_id, {"GroupId": physical_id}


def _add_member(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    group, user = properties["GroupId"], properties["MemberId"]["UserId"]
    physical_id = f"{group}|{user}"
    if physical_id in _members:
        raise _refused("AlreadyExists", "Member and Group relationship already exists.")
    _members[physical_id] = (group, user)
    return physical_id, {"MembershipId": physical_id}


# The access portal


def portal(question: dict[str, Any]) -> dict[str, Any]:
    """Give a session for `permission_set` in `account` to `user`, with the `groups` of a directory; all by id."""
    user, account, wanted = (str(question[key]) for key in ("user", "account", "permission_set"))
    with request_scope(home_account(), home_region()):
        groups = {
            *question.get("groups", ()),
            *(group for group, member in _members.values() if member == user),
        }
        arn = next((arn for arn, each in _sets.items() if each["Name"] == wanted), "")
        given = any(
            each["TargetId"] == account
            and each["PrincipalId"] in ({user} if each["PrincipalType"] == "USER" else groups)
            for each in _assigned(arn)
        )
        if not given:
            raise ControlRefused("ForbiddenException", "No access")
        name, lasts = _role_name(arn, account), _seconds(_sets[arn].get("SessionDuration") or "PT1H")
    with request_scope(account, home_region()):
        credentials = role_session(roles[name], user, lasts)["Credentials"]
    return {**credentials, "Expiration": credentials["Expiration"].isoformat()}


def _seconds(lasts: str) -> int:
    found = _ISO_DURATION.fullmatch(lasts)
    hours, minutes, seconds = (int(each or 0) for each in found.groups()) if found else (1, 0, 0)
    return (hours * 60 + minutes) * 60 + seconds
