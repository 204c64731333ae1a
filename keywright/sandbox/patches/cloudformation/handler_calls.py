"""The actions that CloudFormation's resource handlers call, each with its ARN, where the emulator calls nothing itself.

AWS: "handlers" of each type's schema in the CloudFormation registry; "Actions, resources, and condition keys" in the Service
Authorization Reference for the ARNs. Every listed action that changes something counts, except those that no property
of the template asks for: AWS's handlers skip calls for absent properties. Calls to other services are left out;
iam:PassRole is checked in `sts.service_roles`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from keywright.deployer.handlers.refinements import iam_action, triggering_properties
from keywright.deployer.handlers.registry import resource_type
from keywright.policy.reference import catalogue
from keywright.sandbox.patches.emulator import physical_name
from keywright.sandbox.patches.hooks import account_id, region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.sandbox.patches.hooks import Parameters

ACTS_ON = {
    "AWS::AutoScaling::AutoScalingGroup": ("autoScalingGroup", "AutoScalingGroupName"),
    "AWS::EC2::LaunchTemplate": ("launch-template", ""),
    "AWS::IdentityStore::Group": ("Group", ""),
    "AWS::IdentityStore::GroupMembership": ("GroupMembership", ""),
    "AWS::KMS::Alias": ("alias", "AliasName"),
    "AWS::KMS::Key": ("key", ""),
    "AWS::Lambda::EventInvokeConfig": ("function", "FunctionName"),
    "AWS::Lambda::Function": ("function", "FunctionName"),
    "AWS::Logs::LogGroup": ("log-group", "LogGroupName"),
    "AWS::S3::Bucket": ("bucket", "BucketName"),
    "AWS::S3::BucketPolicy": ("bucket", "Bucket"),
    "AWS::SSO::Assignment": ("PermissionSet", "PermissionSetArn"),
    "AWS::SSO::PermissionSet": ("PermissionSet", ""),
    "AWS::SecretsManager::ResourcePolicy": ("Secret", "SecretId"),
    "AWS::SecretsManager::Secret": ("Secret", "Name"),
}
"""The resource type in the Service Authorization Reference, and the property that names what the handler acts on."""

_LONGEST = {"AWS::Lambda::Function": 64, "AWS::S3::Bucket": 63}
_LOOKING = {"list", "read"}
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def calls(kind: str, verb: str, properties: Parameters, name: str) -> Iterator[tuple[str, str]]:
    """Yield the actions and ARNs of one operation; `name` is used where no property names the resource."""
    known = resource_type(kind)
    service = kind.split("::")[1].lower()
    for permission in known.permissions.get(verb, ()) if known else ():
        asking = triggering_properties(permission, kind)
        if asking is not None and not any(each.partition(".")[0] in properties for each in asking):
            continue
        action = catalogue.action(iam_action(permission))
        if action is not None and action.service == service and not action.levels <= _LOOKING:
            yield str(action), _arn(action, kind, properties, name)


def _arn(action: catalogue.Action, kind: str, properties: Parameters, name: str) -> str:
    own, named_by = ACTS_ON[kind]
    given = str(properties.get(named_by) or name) if named_by else name
    if given.startswith("arn:"):
        return given
    kinds = {each.name.lower(): each for each in catalogue.resource_types_of(action.service)}
    place = _filled(kinds[own.lower()].arn_format, _in_arn(kind, given))
    if not action.resource_types:
        return "*"
    # An action on something nested, such as a log stream, is granted below the resource's own ARN.
    return place if own in action.resource_types else f"{place}/x"


def every_arn(service: str, name: str) -> Iterator[str]:
    """Yield an ARN for each resource type that an action requires, of a resource without a name yet; `*` if there is none."""
    action = catalogue.action(f"{service}:{name}")
    required = action.required_types if action else ()
    kinds = catalogue.resource_types(action) if action else ()
    found = [_filled(each.arn_format, "x") for each in kinds if each.name in required]
    yield from found or ["*"]


def _in_arn(kind: str, name: str) -> str:
    """Give a name as in ARNs: an alias without `alias/`, a secret with the suffix that AWS adds."""
    if kind.startswith("AWS::SecretsManager::"):
        return f"{name}-AbCdEf"
    return name.removeprefix("alias/")


def _filled(arn_format: str, name: str) -> str:
    known = {"Partition": "aws", "Region": region(), "Account": account_id()}
    last = _PLACEHOLDER.findall(arn_format)[-1]
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], name if found[1] == last else "x"), arn_format)


def future_name(kind: str, stack: str, logical_id: str) -> str:
    """Give the name that will be generated for a resource."""
    longest: dict[str, Any] = {"max_len": _LONGEST[kind]} if kind in _LONGEST else {}
    name = str(physical_name(stack, logical_id, **longest))
    return name.lower() if kind == "AWS::S3::Bucket" else name
