"""Checks of a whole template: known and required properties, and the number of dynamic references.

AWS: the CloudFormation Template Reference lists each type's properties; a handler refuses an "extraneous key". The
emulator ignores what it does not read, so a misspelt property would deploy and do nothing. Only the types below are
checked, and no nested properties. "Understand CloudFormation quotas" in the AWS CloudFormation User Guide: sixty
dynamic references a template; the emulator does not count those that Fn::Join or Fn::Sub builds, as the CDK writes them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.cloudformation.resource_types import checked_write
from keywright.sandbox.patches.emulator import engine, validate_template_limits
from keywright.sandbox.patches.hooks import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.sandbox.patches.hooks import Parameters


PROPERTIES = {
    "AWS::IAM::AccessKey": "UserName! Serial Status",
    "AWS::IAM::Group": "GroupName ManagedPolicyArns Path Policies",
    "AWS::IAM::InstanceProfile": "Roles! InstanceProfileName Path",
    "AWS::IAM::ManagedPolicy": "PolicyDocument! Description Groups ManagedPolicyName Path Roles Users",
    "AWS::IAM::OIDCProvider": "ClientIdList Tags ThumbprintList Url",
    "AWS::IAM::Policy": "PolicyDocument! PolicyName! Groups Roles Users",
    "AWS::IAM::Role": (
        "AssumeRolePolicyDocument! Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary "
        "Policies RoleName Tags"
    ),
    "AWS::IAM::SAMLProvider": (
        "AddPrivateKey AssertionEncryptionMode Name PrivateKeyList RemovePrivateKey SamlMetadataDocument Tags"
    ),
    "AWS::IAM::User": (
        "Groups LoginProfile ManagedPolicyArns Path PermissionsBoundary Policies Tags UserName"
    ),
    "AWS::IAM::UserToGroupAddition": "GroupName! Users!",
    "AWS::IAM::VirtualMFADevice": "Users! Path Tags VirtualMfaDeviceName",
    "AWS::S3::BucketPolicy": "Bucket! PolicyDocument!",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy! SecretId! BlockPublicPolicy",
    "AWS::SecretsManager::Secret": (
        "Description GenerateSecretString KmsKeyId Name ReplicaRegions SecretString Tags Type "
        "ExternalSecretRotationMetadata ExternalSecretRotationRoleArn"
    ),
}
"""Each type's properties; `!` marks a required one."""


def register_properties() -> None:
    """Check the properties of these types when a resource is created or updated."""
    for name, listed in PROPERTIES.items():
        known = {each.rstrip("!") for each in listed.split()}
        required = {each[:-1] for each in listed.split() if each.endswith("!")}
        checked_write(name, _check(known, required))


def _check(known: set[str], required: set[str]) -> Callable[[Parameters], None]:
    def check(properties: Parameters) -> None:
        wrong = [f"extraneous key [{name}] is not permitted" for name in sorted(properties.keys() - known)]
        wrong += [f"required key [{name}] not found" for name in sorted(required - properties.keys())]
        if wrong:
            raise ValueError(f"Properties validation failed with message: #: {'; #: '.join(wrong)}")

    return check


LIMIT = 60
_OPENING = "{{resolve:"


def register_dynamic_references() -> None:
    """Count all of them before anything is created."""
    patch(engine, "_validate_template_limits", _validate)


def _validate(template: dict[str, Any]) -> None:
    validate_template_limits(template)
    count = len(set(built_references(template)))
    if count > LIMIT:
        raise ValueError(
            f"Template format error: Number of dynamic references, {count}, is greater than maximum allowed, {LIMIT}"
        )


def built_references(node: Any) -> Iterator[str]:
    """Give each dynamic reference of a template, written out or built by a function, with duplicates."""
    if isinstance(node, str):
        if _OPENING in node:
            yield node
    elif isinstance(node, list):
        for each in node:
            yield from built_references(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            # The function as a whole is one reference, whatever parts it is built from.
            if key in {"Fn::Join", "Fn::Sub"} and _OPENING in json.dumps(value):
                yield json.dumps(value, sort_keys=True)
            else:
                yield from built_references(value)
