"""A property that a type does not have fails, and so does a required one that is missing.

AWS: the CloudFormation Template Reference lists each type's properties; a handler refuses an "extraneous key". The emulator
ignores what it does not read, so that a misspelt property deploys and does nothing. Checked are the types below; of the
others, and inside nested properties, nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.resources import checked_write

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.repairs.seams import Parameters

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


def register() -> None:
    """Check the properties of these types whenever a resource is made or changed."""
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
