"""Creates what the declarations call `existing`, before the first deployment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient

    from keywright.model.declarations import Declarations


def create_existing(declarations: Declarations, environment: Mapping[str, str]) -> None:
    """Create the existing buckets, groups, roles and OIDC providers; a second call changes nothing."""
    session = session_of(environment)
    storage = session.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"])
    present = {bucket["Name"] for bucket in storage.list_buckets()["Buckets"]}
    for bucket in declarations.buckets.values():
        if bucket.existing is not None and bucket.existing not in present:
            storage.create_bucket(
                Bucket=bucket.existing,
                CreateBucketConfiguration={"LocationConstraint": declarations.account.region},  # type: ignore[typeddict-item]
            )
    identities = session.client("iam", endpoint_url=environment["AWS_ENDPOINT_URL"])
    _create_identities(declarations, identities)


def session_of(environment: Mapping[str, str]) -> boto3.Session:
    """Give a session of the sandbox's root user, independent of this process's own environment."""
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )


def _create_identities(declarations: Declarations, identities: IAMClient) -> None:
    groups = {group["GroupName"] for group in identities.list_groups()["Groups"]}
    for name, group in declarations.groups.items():
        if group.existing and name not in groups:
            identities.create_group(GroupName=name)
    roles = {role["RoleName"] for role in identities.list_roles()["Roles"]}
    for name, role in declarations.roles.items():
        if role.existing and name not in roles:
            identities.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_EMPTY_TRUST))
    arns = {
        provider["Arn"]
        for provider in identities.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    }
    for provider in declarations.identity_providers.values():
        if provider.existing and provider.oidc is not None:
            issuer = provider.url
            if not any(arn.endswith(issuer.removeprefix("https://")) for arn in arns):
                audiences = list(provider.accepted_audiences)
                identities.create_open_id_connect_provider(Url=issuer, ClientIDList=audiences)


# A trust policy needs a statement; this one lets nobody in.
_EMPTY_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
