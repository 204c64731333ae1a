"""The snapshot of an account in which templates were deployed, without deploying them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from keywright.account.snapshot import AccountSnapshot, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.laws.random_declarations import Resources

ACCOUNT, REGION = "1" * 12, "eu-central-1"
_LIST = {"User": "UserDetailList", "Group": "GroupDetailList", "Role": "RoleDetailList"}
DAY = "2026-11-01T00:00:00+00:00"


def deployed(resources: Resources) -> AccountSnapshot:
    """Read the account that these resources make."""
    return snapshot_of(json.dumps(_Deployment(resources).account()), "account.json")


class _Deployment:
    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def account(self) -> dict[str, Any]:
        account: dict[str, Any] = {
            "UserDetailList": [],
            "GroupDetailList": [],
            "RoleDetailList": [],
            "Policies": [],
            "AccountId": ACCOUNT,
            "Region": REGION,
            **dict.fromkeys(
                ("LoginProfiles", "PasswordLastUsed", "AccessKeys", "MFADevices", "OtherCredentials"), ()
            ),
            "SAMLProviders": [],
            "OpenIDConnectProviders": [],
            "StackResources": [*self._of_stacks()],
        }
        for (stack, name), resource in self._resources.items():
            kind = resource["Type"].rpartition("::")[2]
            properties = self._resolved(stack, resource.get("Properties", {}))
            if resource["Type"] in {"AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role"}:
                account[_LIST[kind]].append(self._identity(stack, name, kind, properties))
            elif resource["Type"] == "AWS::IAM::ManagedPolicy":
                account["Policies"].append(_policy(properties))
            elif resource["Type"] == "AWS::IAM::AccessKey":
                key = {"AccessKeyId": self._name(stack, name), "CreateDate": DAY}
                account["AccessKeys"] = [*account["AccessKeys"], {**properties, **key}]
            elif resource["Type"] == "Custom::FirstSignIn":
                login = {"UserName": properties["UserName"], "CreateDate": DAY}
                account["LoginProfiles"] = [*account["LoginProfiles"], login]
            elif resource["Type"] == "AWS::IAM::OIDCProvider":
                account["OpenIDConnectProviders"].append(_oidc(properties))
        return account

    def _of_stacks(self) -> Iterator[dict[str, str]]:
        for (stack, name), resource in self._resources.items():
            if resource["Type"].startswith("AWS::IAM::"):
                yield {
                    "StackName": stack,
                    "LogicalResourceId": name,
                    "PhysicalResourceId": self._reference(stack, name),
                    "ResourceType": resource["Type"],
                }

    def _identity(self, stack: str, name: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
        own, path = self._name(stack, name), properties["Path"]
        boundary = properties.get("PermissionsBoundary")
        found = {
            "Path": path,
            f"{kind}Name": own,
            "Arn": f"arn:aws:iam::{ACCOUNT}:{kind.lower()}{path}{own}",
            f"{kind}PolicyList": properties.get("Policies", []),
            "AttachedManagedPolicies": [
                {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
                for arn in properties.get("ManagedPolicyArns", [])
            ],
            "GroupList": properties.get("Groups", []),
            "Tags": properties.get("Tags", []),
            **({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {}),
        }
        if kind == "Role":
            found["AssumeRolePolicyDocument"] = properties["AssumeRolePolicyDocument"]
            found["MaxSessionDuration"] = properties.get("MaxSessionDuration", 3600)
            found["InstanceProfileList"] = self._profiles(stack, name)
        return found

    def _profiles(self, stack: str, role: str) -> list[dict[str, Any]]:
        return [
            {
                "InstanceProfileName": self._name(stack, name),
                "Path": each["Properties"]["Path"],
                "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile{each['Properties']['Path']}{self._name(stack, name)}",
            }
            for (where, name), each in self._resources.items()
            if where == stack
            and each["Type"] == "AWS::IAM::InstanceProfile"
            and each["Properties"]["Roles"] == [{"Ref": role}]
        ]

    def _name(self, stack: str, name: str) -> str:
        properties = self._resources[stack, name].get("Properties", {})
        keys = ("UserName", "GroupName", "RoleName", "InstanceProfileName")
        given = [properties[key] for key in keys if isinstance(properties.get(key), str)]
        return given[0] if given else f"{stack}-{name}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"

    def _resolved(self, stack: str, value: Any) -> Any:
        """Replace references to resources of the same stack by names and ARNs, and `Fn::Join` by its text."""
        if isinstance(value, list):
            return [self._resolved(stack, each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"Ref"}:
            return self._reference(stack, value["Ref"])
        if value.keys() == {"Fn::GetAtt"}:
            return self._reference(stack, value["Fn::GetAtt"][0])
        if value.keys() == {"Fn::Join"}:
            separator, parts = value["Fn::Join"]
            return separator.join(map(str, self._resolved(stack, parts)))
        return {key: self._resolved(stack, each) for key, each in value.items()}

    def _reference(self, stack: str, name: str) -> str:
        pseudo = {
            "AWS::Partition": "aws",
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        resource = self._resources[stack, name]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            properties = resource["Properties"]
            return f"arn:aws:iam::{ACCOUNT}:policy{properties['Path']}{properties['ManagedPolicyName']}"
        return self._name(stack, name)


def _policy(properties: dict[str, Any]) -> dict[str, Any]:
    name, path = properties["ManagedPolicyName"], properties["Path"]
    return {
        "PolicyName": name,
        "Path": path,
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy{path}{name}",
        "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": True, "Document": properties["PolicyDocument"]}
        ],
    }


def _oidc(properties: dict[str, Any]) -> dict[str, Any]:
    url = properties["Url"].removeprefix("https://")
    return {
        "Arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{url}",
        "Url": url,
        "ClientIDList": properties.get("ClientIdList", []),
        "ThumbprintList": [],
    }
