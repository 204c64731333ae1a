"""The account that a deployment of templates leaves, made without the code under test: few functions, generated names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zlib import crc32

from tests.unit.account.accounts import (
    ACCOUNT,
    access_key,
    account,
    group,
    login,
    policy,
    role,
    user,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REGION = "eu-central-1"
Resources = dict[tuple[str, str], dict[str, Any]]
"""Every resource by stack and logical id."""
_ARNS = {
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy{path}{name}",
    "AWS::IAM::SAMLProvider": "arn:aws:iam::{account}:saml-provider/{name}",
    "AWS::IAM::OIDCProvider": "arn:aws:iam::{account}:oidc-provider/{name}",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:" + REGION + ":{account}:secret:{name}-a1b2c3",
}
"""Types whose physical id is their ARN."""
_ATTRIBUTES = {
    "AWS::Logs::LogGroup": "arn:aws:logs:" + REGION + ":{account}:log-group:{name}:*",
    "AWS::KMS::Key": "arn:aws:kms:" + REGION + ":{account}:key/{name}",
    "AWS::RolesAnywhere::TrustAnchor": "arn:aws:rolesanywhere:" + REGION + ":{account}:trust-anchor/{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role{path}{name}",
    "AWS::IAM::User": "arn:aws:iam::{account}:user{path}{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
}
"""What the attribute with the ARN is."""
_NAMES = (
    "UserName",
    "GroupName",
    "RoleName",
    "ManagedPolicyName",
    "InstanceProfileName",
    "BucketName",
    "Name",
)


class DeployedAccount:
    """Deploys resources: resolves references, and generates the names that templates leave out."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def details(  # noqa: C901 - one case for each type
        self, formatted: Callable[[Any], Any] = lambda document: document
    ) -> dict[str, Any]:
        """Give the snapshot; `formatted` rewrites each policy document."""
        found: dict[str, list[Any]] = {"users": [], "groups": [], "roles": [], "policies": []}
        profiles: dict[str, list[str]] = {}
        for (stack, name), each in self._resources.items():
            if each["Type"] == "AWS::IAM::InstanceProfile":
                for one in self._plain(stack, each["Properties"])["Roles"]:
                    profiles.setdefault(one, []).append(self._name(stack, name))
        logins, keys, resources = [], [], []
        for (stack, name), each in self._resources.items():
            properties = self._own_properties(stack, each)
            physical = self._physical(stack, name)
            resources.append(
                {
                    "StackName": stack,
                    "LogicalResourceId": name,
                    "PhysicalResourceId": physical,
                    "ResourceType": each["Type"],
                    "Region": REGION,
                }
            )
            own = self._name(stack, name)
            match each["Type"]:
                case "AWS::IAM::User":
                    found["users"].append(
                        user(
                            own, **_common(properties, formatted), groups=tuple(properties.get("Groups", ()))
                        )
                    )
                    if "LoginProfile" in properties:
                        logins.append(login(own))
                case "AWS::IAM::Group":
                    found["groups"].append(group(own, **_common(properties, formatted, tagged=False)))
                case "AWS::IAM::Role":
                    trust = formatted(properties["AssumeRolePolicyDocument"])
                    more = {
                        "Description": properties.get("Description", ""),
                        "MaxSessionDuration": int(properties.get("MaxSessionDuration", 3600)),
                    }
                    found["roles"].append(
                        role(
                            own,
                            trust,
                            **_common(properties, formatted),
                            **more,
                            profiles=tuple(profiles.get(own, ())),
                        )
                    )
                case "AWS::IAM::ManagedPolicy":
                    document = formatted(properties["PolicyDocument"])
                    found["policies"].append(policy(own, document, path=properties.get("Path", "/")))
                case "AWS::IAM::AccessKey":
                    keys.append(access_key(properties["UserName"], physical, status=properties["Status"]))
                case "Custom::FirstSignIn":
                    logins.append(login(properties["UserName"]))
        self._attach(found, formatted)
        return account(
            **{kind: tuple(several) for kind, several in found.items()},
            LoginProfiles=logins,
            AccessKeys=keys,
            StackResources=resources,
        )

    def _attach(self, found: dict[str, list[Any]], formatted: Callable[[Any], Any]) -> None:
        """Attach what other resources than the identity itself attach to it."""
        lists = {"Users": "UserPolicyList", "Groups": "GroupPolicyList", "Roles": "RolePolicyList"}
        for (stack, name), each in self._resources.items():
            properties = self._own_properties(stack, each)
            for kind, inline in lists.items():
                for owner in properties.get(kind, ()) if each["Type"] in _ATTACHING else ():
                    (entity,) = [one for one in found[kind.lower()] if one[f"{kind[:-1]}Name"] == owner] or [
                        None
                    ]
                    if entity is None:
                        continue
                    if each["Type"] == "AWS::IAM::ManagedPolicy":
                        arn = self._physical(stack, name)
                        entity["AttachedManagedPolicies"].append(
                            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
                        )
                    else:
                        document = formatted(properties["PolicyDocument"])
                        entity[inline].append(
                            {"PolicyName": properties["PolicyName"], "PolicyDocument": document}
                        )
            if each["Type"] == "AWS::IAM::UserToGroupAddition":
                for one in found["users"]:
                    if one["UserName"] in properties["Users"]:
                        one["GroupList"].append(properties["GroupName"])

    def _own_properties(self, stack: str, resource: dict[str, Any]) -> Any:
        """Resolve the properties of what an account's details have."""
        is_read = resource["Type"].startswith(("AWS::IAM::", "Custom::FirstSignIn"))
        return self._plain(stack, resource.get("Properties", {})) if is_read else {}

    def _plain(self, stack: str, value: Any) -> Any:  # noqa: C901, PLR0911 - one case for each function
        match value:
            case {"Ref": "AWS::NoValue"}:
                return None
            case {"Ref": "AWS::Partition"}:
                return "aws"
            case {"Ref": "AWS::AccountId"}:
                return ACCOUNT
            case {"Ref": "AWS::Region"}:
                return REGION
            case {"Ref": str(name)}:
                return self._physical(stack, name)
            case {"Fn::GetAtt": [str(name), _]}:
                return self._arn(stack, name)
            case {"Fn::Join": [separator, parts]}:
                return separator.join(self._plain(stack, parts))
            case dict():
                return {key: self._plain(stack, each) for key, each in value.items()}
            case list():
                return [self._plain(stack, each) for each in value]
            case bool() | int():
                return json.dumps(value)
            case _:
                return value

    def _properties(self, stack: str, name: str) -> Mapping[str, Any]:
        return self._resources[stack, name].get("Properties", {})

    def _name(self, stack: str, name: str) -> str:
        properties = self._properties(stack, name)
        written = next((properties[each] for each in _NAMES if isinstance(properties.get(each), str)), "")
        if self._resources[stack, name]["Type"] == "AWS::IAM::OIDCProvider":
            return str(properties["Url"]).removeprefix("https://")
        if self._resources[stack, name]["Type"] == "AWS::IAM::AccessKey":
            return f"AKIA{name[-12:].upper():A>12}"
        # CloudFormation cuts the parts of a generated name, and adds characters.
        return written or f"{stack[:12]}-{name[:30]}-{crc32(name.encode()):08X}"

    def _physical(self, stack: str, name: str) -> str:
        form = _ARNS.get(self._resources[stack, name]["Type"], "{name}")
        return self._form(form, stack, name)

    def _arn(self, stack: str, name: str) -> str:
        kind = self._resources[stack, name]["Type"]
        return self._form(_ARNS.get(kind) or _ATTRIBUTES[kind], stack, name)

    def _form(self, form: str, stack: str, name: str) -> str:
        path = self._properties(stack, name).get("Path", "/")
        return form.format(account=ACCOUNT, path=path, name=self._name(stack, name))


_ATTACHING = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")


def _common(
    properties: Mapping[str, Any], formatted: Callable[[Any], Any], *, tagged: bool = True
) -> dict[str, Any]:
    inline = {
        each["PolicyName"]: formatted(each["PolicyDocument"]) for each in properties.get("Policies", ())
    }
    found: dict[str, Any] = {
        "path": properties.get("Path", "/"),
        "inline": inline,
        "attached": tuple(properties.get("ManagedPolicyArns", ())),
    }
    if tagged:
        found["boundary"] = properties.get("PermissionsBoundary", "")
        found["tags"] = {each["Key"]: each["Value"] for each in properties.get("Tags", ())}
    return found
