"""The AWS side of a snapshot: answers of the API to boto3, from lists in memory; nothing is sent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "111111111111"
IAM = f"arn:aws:iam::{ACCOUNT}"
DAY = datetime(2026, 12, 1, 10, tzinfo=UTC)
PAGE = 2
"""Items in a page."""


@dataclass
class Answer:
    """What botocore expects of an HTTP answer."""

    status_code: int = 200


def _document(statement: dict[str, Any]) -> str:
    """Write a policy document as the API does; boto3 decodes it."""
    return quote(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@dataclass
class AWS:
    """An account with users `u0`, `u1` and so on, one role and one policy for every two of them, and a stack.

    `errors` maps an operation, or an operation and a parameter's value, to an error code; `before` is called for every
    request, and may raise.
    """

    users: int = 3
    errors: dict[str | tuple[str, str], str] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _: None
    asked: Counter[str] = field(default_factory=Counter)
    slow_reports: bool = False
    _jobs: set[str] = field(default_factory=set)

    def session(self) -> boto3.Session:
        """Give a session whose clients this account answers, until another one gives it."""
        _answering[0] = self
        return _session()

    def answer(self, model: Any, params: Any, **_: Any) -> tuple[Answer, dict[str, Any]]:
        name, request = model.name, params["body"]
        self.before(name)
        self.asked[f"{model.service_model.service_name}:{name}"] += 1
        for value in ("", *map(str, request.values())):
            code = self.errors.get((name, value) if value else name)
            if code:
                return Answer(400), {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {}}
        found = getattr(self, xform_name(name))(request)
        return Answer(), {**found, "ResponseMetadata": {"RequestId": "1"}}

    def _page(
        self, key: str, items: list[Any], request: dict[str, Any], marker: str = "Marker"
    ) -> dict[str, Any]:
        start = int(request.get(marker, 0))
        end = start + PAGE
        more: dict[str, Any] = {}
        if end < len(items):
            more = {"IsTruncated": True, "Marker": str(end)} if marker == "Marker" else {marker: str(end)}
        return {key: items[start:end], **more}

    def _names(self) -> list[str]:
        return [f"u{number}" for number in range(self.users)]

    def get_account_authorization_details(self, request: dict[str, Any]) -> dict[str, Any]:
        document = _document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
        account = {"AWS": f"{IAM}:root"}
        trust = _document({"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"})
        half = range((self.users + 1) // 2)
        entries = [
            *(("UserDetailList", {"Path": "/", "UserName": name, "UserId": f"AIDA{name}", "Arn": f"{IAM}:user/{name}", "CreateDate": DAY, "GroupList": [], "UserPolicyList": [{"PolicyName": "read", "PolicyDocument": document}], "AttachedManagedPolicies": [], "Tags": [{"Key": "Ünïcode", "Value": "日本"}]}) for name in self._names()),
            *(("RoleDetailList", {"Path": "/", "RoleName": f"r{each}", "RoleId": "AROA", "Arn": f"{IAM}:role/r{each}", "CreateDate": DAY, "AssumeRolePolicyDocument": trust, "RolePolicyList": [], "InstanceProfileList": [], "AttachedManagedPolicies": []}) for each in half),
            *(("Policies", {"PolicyName": f"p{each}", "Path": "/", "Arn": f"{IAM}:policy/p{each}", "CreateDate": DAY, "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": document}]}) for each in half),
        ]  # fmt: skip
        size = int(request.get("MaxItems", PAGE)) if self.users > 100 else PAGE
        start = int(request.get("Marker", 0))
        found: dict[str, Any] = {}
        for kind, entry in entries[start : start + size]:
            found.setdefault(kind, []).append(entry)
        more = start + size < len(entries)
        return {**found, "IsTruncated": more, **({"Marker": str(start + size)} if more else {})}

    def list_users(self, request: dict[str, Any]) -> dict[str, Any]:
        used = {"PasswordLastUsed": DAY}
        return self._page("Users", [{"UserName": each, **used} for each in [*self._names(), "new"]], request)

    def list_roles(self, request: dict[str, Any]) -> dict[str, Any]:
        roles = [
            {"RoleName": f"r{each}", "MaxSessionDuration": 7200} for each in range((self.users + 1) // 2)
        ]
        return self._page("Roles", roles, request)

    def get_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Policy": {"Arn": request["PolicyArn"], "Description": "reads"}}

    def list_instance_profiles(self, request: dict[str, Any]) -> dict[str, Any]:
        profile = {
            "InstanceProfileName": "i",
            "Path": "/",
            "Arn": f"{IAM}:instance-profile/i",
            "Roles": [{"RoleName": "r0"}],
        }
        return self._page("InstanceProfiles", [profile], request)

    def get_login_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "LoginProfile": {
                "UserName": request["UserName"],
                "CreateDate": DAY,
                "PasswordResetRequired": False,
                "Password": "SECRET",
            }
        }

    def list_access_keys(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["UserName"]
        keys = [
            {
                "UserName": name,
                "AccessKeyId": f"AKIA0000000000000{name}{each}",
                "Status": "Active",
                "CreateDate": DAY,
                "SecretAccessKey": "SECRET",
            }
            for each in range(2)
        ]
        return self._page("AccessKeyMetadata", keys, request)

    def get_access_key_last_used(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"AccessKeyLastUsed": {"LastUsedDate": DAY, "ServiceName": "s3", "Region": "eu-central-1"}}

    def list_mfa_devices(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["UserName"]
        devices = [
            {"UserName": name, "SerialNumber": f"{IAM}:mfa/{name}-{each}", "EnableDate": DAY}
            for each in range(3)
        ]
        return self._page("MFADevices", devices, request)

    def list_ssh_public_keys(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "SSHPublicKeys": [
                {
                    "UserName": request["UserName"],
                    "SSHPublicKeyId": "APKA0000000000000001",
                    "Status": "Active",
                }
            ]
        }

    def list_signing_certificates(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "Certificates": [
                {
                    "UserName": request["UserName"],
                    "CertificateId": "C1",
                    "Status": "Inactive",
                    "CertificateBody": "SECRET",
                }
            ]
        }

    def list_service_specific_credentials(self, request: dict[str, Any]) -> dict[str, Any]:
        credential = {
            "UserName": request["UserName"],
            "ServiceSpecificCredentialId": "ACCA",
            "Status": "Active",
            "ServicePassword": "SECRET",
        }
        return {"ServiceSpecificCredentials": [credential]}

    def list_saml_providers(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"SAMLProviderList": [{"Arn": f"{IAM}:saml-provider/okta", "ValidUntil": DAY}]}

    def get_saml_provider(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"SAMLMetadataDocument": "<EntityDescriptor/>"}

    def list_open_id_connect_providers(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"OpenIDConnectProviderList": [{"Arn": f"{IAM}:oidc-provider/github"}]}

    def get_open_id_connect_provider(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Url": "token.actions.githubusercontent.com", "ClientIDList": ["sts.amazonaws.com"]}

    def get_account_password_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"PasswordPolicy": {"MinimumPasswordLength": 14}}

    def list_account_aliases(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"AccountAliases": ["acme"], "IsTruncated": False}

    def get_account_summary(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"SummaryMap": {"Users": self.users}}

    def describe_instances(self, request: dict[str, Any]) -> dict[str, Any]:
        instances = [
            {
                "InstanceId": f"i-{each}",
                "State": {"Name": "running"},
                "IamInstanceProfile": {"Arn": f"{IAM}:instance-profile/i"},
            }
            for each in range(3)
        ]
        reservations = [{"Instances": [each]} for each in instances]
        return self._page("Reservations", reservations, request, "NextToken")

    def list_stacks(self, request: dict[str, Any]) -> dict[str, Any]:
        stacks = [
            {"StackId": f"id-{each}", "StackName": each, "StackStatus": status}
            for each, status in (
                ("old", "DELETE_COMPLETE"),
                ("a", "CREATE_COMPLETE"),
                ("b", "UPDATE_COMPLETE"),
            )
        ]
        return self._page("StackSummaries", stacks, request, "NextToken")

    def list_stack_resources(self, request: dict[str, Any]) -> dict[str, Any]:
        resources = [
            {
                "LogicalResourceId": "Role",
                "PhysicalResourceId": "r0",
                "ResourceType": "AWS::IAM::Role",
                "ResourceStatus": "CREATE_COMPLETE",
            },
            {
                "LogicalResourceId": "Queue",
                "PhysicalResourceId": "q",
                "ResourceType": "AWS::SQS::Queue",
                "ResourceStatus": "CREATE_COMPLETE",
            },
        ]
        return {"StackResourceSummaries": resources}

    def generate_service_last_accessed_details(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"JobId": f"{request['Arn']:-<40}"}

    def get_service_last_accessed_details(self, request: dict[str, Any]) -> dict[str, Any]:
        job = request["JobId"]
        status = "IN_PROGRESS" if self.slow_reports and job not in self._jobs else "COMPLETED"
        self._jobs.add(job)
        services = [{"ServiceNamespace": "s3", "LastAuthenticated": DAY}, {"ServiceNamespace": "ec2"}]
        return {"JobStatus": status, **self._page("ServicesLastAccessed", services, request)}


_answering: list[AWS] = [AWS()]


@cache
def _session() -> boto3.Session:
    """Give the one session: to read the descriptions of the services again for each test takes longer than the test."""
    session = boto3.Session("AKIA", "secret", region_name="eu-central-1")
    session.events.register("before-call", _answer)
    return session


def _answer(**call: Any) -> tuple[Answer, dict[str, Any]]:
    return _answering[0].answer(**call)
