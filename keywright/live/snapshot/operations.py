"""Every request that a snapshot makes, and the policy that allows exactly these.

Nothing else in this package can send a request: `Requests` takes one of these operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Operation:
    """An operation of the AWS API.

    `items` is the key of the list in its answer. `action` is the IAM action, whose name is the operation's for all of these
    ("Actions, resources, and condition keys", Service Authorization Reference).
    """

    service: str
    name: str
    items: str = ""

    @property
    def action(self) -> str:
        """Give the IAM action that allows it."""
        return f"{self.service}:{self.name}"


DETAILS = Operation("iam", "GetAccountAuthorizationDetails")
USERS = Operation("iam", "ListUsers", "Users")
ROLES = Operation("iam", "ListRoles", "Roles")
POLICY = Operation("iam", "GetPolicy")
INSTANCE_PROFILES = Operation("iam", "ListInstanceProfiles", "InstanceProfiles")
LOGIN_PROFILE = Operation("iam", "GetLoginProfile")
ACCESS_KEYS = Operation("iam", "ListAccessKeys", "AccessKeyMetadata")
ACCESS_KEY_LAST_USED = Operation("iam", "GetAccessKeyLastUsed")
MFA_DEVICES = Operation("iam", "ListMFADevices", "MFADevices")
SSH_PUBLIC_KEYS = Operation("iam", "ListSSHPublicKeys", "SSHPublicKeys")
SIGNING_CERTIFICATES = Operation("iam", "ListSigningCertificates", "Certificates")
SERVICE_CREDENTIALS = Operation("iam", "ListServiceSpecificCredentials", "ServiceSpecificCredentials")
SAML_PROVIDERS = Operation("iam", "ListSAMLProviders", "SAMLProviderList")
SAML_PROVIDER = Operation("iam", "GetSAMLProvider")
OIDC_PROVIDERS = Operation("iam", "ListOpenIDConnectProviders", "OpenIDConnectProviderList")
OIDC_PROVIDER = Operation("iam", "GetOpenIDConnectProvider")
PASSWORD_POLICY = Operation("iam", "GetAccountPasswordPolicy")
ALIASES = Operation("iam", "ListAccountAliases", "AccountAliases")
SUMMARY = Operation("iam", "GetAccountSummary")
INSTANCES = Operation("ec2", "DescribeInstances", "Reservations")
STACKS = Operation("cloudformation", "ListStacks", "StackSummaries")
TEMPLATE = Operation("cloudformation", "GetTemplate")
"""Not of a snapshot: what `keywright drift` reads beside one."""
STACK_RESOURCES = Operation("cloudformation", "ListStackResources", "StackResourceSummaries")
GENERATE_LAST_ACCESSED = Operation("iam", "GenerateServiceLastAccessedDetails")
LAST_ACCESSED = Operation("iam", "GetServiceLastAccessedDetails", "ServicesLastAccessed")

ALWAYS = (
    DETAILS,
    USERS,
    ROLES,
    POLICY,
    INSTANCE_PROFILES,
    LOGIN_PROFILE,
    ACCESS_KEYS,
    ACCESS_KEY_LAST_USED,
    MFA_DEVICES,
    SSH_PUBLIC_KEYS,
    SIGNING_CERTIFICATES,
    SERVICE_CREDENTIALS,
    SAML_PROVIDERS,
    SAML_PROVIDER,
    OIDC_PROVIDERS,
    OIDC_PROVIDER,
    PASSWORD_POLICY,
    ALIASES,
    SUMMARY,
    INSTANCES,
    STACKS,
    STACK_RESOURCES,
)
ON_REQUEST = (GENERATE_LAST_ACCESSED, LAST_ACCESSED)
"""With `--last-accessed` only."""


def required_policy(*, last_accessed: bool) -> dict[str, Any]:
    """Give the identity-based policy that a snapshot needs; it only reads.

    GetCallerIdentity, which is also asked, needs no permission ("GetCallerIdentity", STS API Reference).
    """
    operations = (*ALWAYS, *(ON_REQUEST if last_accessed else ()))
    actions = sorted(each.action for each in operations)
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "ReadAccountSnapshot", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    }
