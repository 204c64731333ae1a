"""moto as an independent account: the identities of templates, created by IAM's own API, and what an auditor finds there.

moto's CloudFormation knows no groups, providers or secrets, so each resource is created by the call that its type makes.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACCOUNT, REGION = "111111111111", "eu-central-1"
Resources = dict[str, dict[str, Any]]
"""The resources of all templates by logical id, which no two templates share."""


GENERATED = "arn:aws:logs:a-log-group"
"""CloudFormation names log groups; this stands for their ARN in what is compared."""


@contextmanager
def second_account() -> Iterator[Any]:
    """Give a client of IAM in an empty account of moto's."""
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT  # read when moto is imported
    from moto import mock_aws

    with mock_aws(config={"core": {"mock_credentials": True}, "iam": {"load_aws_managed_policies": True}}):
        yield client("iam")


def client(service: str, key: str = "AKIAAAAAAAAAAAAAAAAA", secret: str = "x", **more: str) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 1}, proxies={}),
        **more,
    )


def create(iam: Any, templates: Iterable[dict[str, Any]]) -> None:
    """Create the policies, groups, users and roles of templates."""
    resources: Resources = {}
    for template in templates:
        for name, each in template["Resources"].items():
            kind = each["Type"].rpartition("::")[2]
            if kind in _NAMED:  # where CloudFormation would name it, its logical id does
                each["Properties"].setdefault(f"{kind}Name", name)
            resources[name] = each
    for kind, make in (
        ("ManagedPolicy", _policy),
        ("Group", _group),
        ("User", _user),
        ("Role", _role),
        ("InstanceProfile", _profile),
    ):
        for each in resources.values():
            if each["Type"] == f"AWS::IAM::{kind}":
                make(iam, _resolved(each["Properties"], resources))


def _resolved(value: Any, resources: Resources) -> Any:
    """Write in what references become."""
    if isinstance(value, list):
        return [_resolved(each, resources) for each in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", name)]:
            return (
                _arn(resources[name])
                if "ManagedPolicy" in resources[name]["Type"]
                else _name(resources[name])
            )
        case [("Fn::GetAtt", [name, "Arn"])]:
            return _arn(resources[name])
    return {key: _resolved(each, resources) for key, each in value.items()}


_NAMED = {
    "User": "user",
    "Group": "group",
    "Role": "role",
    "ManagedPolicy": "policy",
    "InstanceProfile": "instance-profile",
}


def _name(resource: dict[str, Any]) -> str:
    kind = resource["Type"].rpartition("::")[2]
    return resource["Properties"][f"{kind}Name"]


def _arn(resource: dict[str, Any]) -> str:
    service, kind = resource["Type"].split("::")[1:]
    if service == "IAM":
        return (
            f"arn:aws:iam::{ACCOUNT}:{_NAMED[kind]}{resource['Properties'].get('Path', '/')}{_name(resource)}"
        )
    return GENERATED


def _policy(iam: Any, properties: dict[str, Any]) -> None:
    iam.create_policy(
        PolicyName=properties["ManagedPolicyName"],
        Path=properties.get("Path", "/"),
        PolicyDocument=_accepted(properties["PolicyDocument"]),
    )


def _accepted(document: dict[str, Any]) -> str:
    """Write a resource of IAM without type as its roles: moto refuses it, AWS's own `CloudFrontFullAccess` has it."""
    return json.dumps(document).replace(f'"arn:aws:iam::{ACCOUNT}:*"', f'"arn:aws:iam::{ACCOUNT}:role/*"')


def _group(iam: Any, properties: dict[str, Any]) -> None:
    iam.create_group(GroupName=properties["GroupName"], Path=properties.get("Path", "/"))
    _give(iam, "group", properties)


def _user(iam: Any, properties: dict[str, Any]) -> None:
    iam.create_user(UserName=properties["UserName"], **_common(properties))
    _give(iam, "user", properties)
    for group in properties.get("Groups", ()):
        iam.add_user_to_group(UserName=properties["UserName"], GroupName=group)


def _role(iam: Any, properties: dict[str, Any]) -> None:
    trust = json.dumps(properties["AssumeRolePolicyDocument"])
    iam.create_role(RoleName=properties["RoleName"], AssumeRolePolicyDocument=trust, **_common(properties))
    _give(iam, "role", properties)


def _profile(iam: Any, properties: dict[str, Any]) -> None:
    name = properties["InstanceProfileName"]
    iam.create_instance_profile(InstanceProfileName=name, Path=properties.get("Path", "/"))
    for role in properties["Roles"]:
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)


def _common(properties: dict[str, Any]) -> dict[str, Any]:
    boundary = (
        {"PermissionsBoundary": properties["PermissionsBoundary"]}
        if "PermissionsBoundary" in properties
        else {}
    )
    return {"Path": properties.get("Path", "/"), "Tags": properties.get("Tags", []), **boundary}


def _give(iam: Any, kind: str, properties: dict[str, Any]) -> None:
    key = f"{kind.title()}Name"
    who = {key: properties[key]}
    for each in properties.get("Policies", ()):
        put = getattr(iam, f"put_{kind}_policy")
        put(**who, PolicyName=each["PolicyName"], PolicyDocument=json.dumps(each["PolicyDocument"]))
    for arn in properties.get("ManagedPolicyArns", ()):
        getattr(iam, f"attach_{kind}_policy")(**who, PolicyArn=arn)


def existing(iam: Any, path: str = "/access/") -> dict[str, Any]:
    """Describe the identities under a path, as IAM's own calls give them."""
    kinds = {"user": "Users", "group": "Groups", "role": "Roles"}
    found: dict[str, Any] = {
        f"{kind}/{each[f'{kind.title()}Name']}": _described(iam, kind, each)
        for kind, listed in kinds.items()
        for each in _all(iam, f"list_{kind}s", listed, PathPrefix=path)
    }
    for each in _all(iam, "list_policies", "Policies", Scope="Local", PathPrefix=path):
        version = iam.get_policy_version(PolicyArn=each["Arn"], VersionId=each["DefaultVersionId"])
        found[f"policy/{each['PolicyName']}"] = {
            "arn": each["Arn"],
            "document": version["PolicyVersion"]["Document"],
        }
    for each in _all(iam, "list_instance_profiles", "InstanceProfiles", PathPrefix=path):
        roles = [role["RoleName"] for role in each["Roles"]]
        found[f"instance-profile/{each['InstanceProfileName']}"] = {"arn": each["Arn"], "roles": roles}
    text = re.sub(r'"arn:aws:logs:[^"]+"', f'"{GENERATED}"', json.dumps(found))
    return json.loads(re.sub(r"access-workloads-(Instance(?:Role|Profile)0\w+)-\w+", r"\1", text))


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what moto does not give: the boundary of a user."""
    changed = {
        name: {**each, "boundary": None} if name.startswith("user/") else each for name, each in found.items()
    }
    return json.loads(_accepted(changed))


def _described(iam: Any, kind: str, each: dict[str, Any]) -> dict[str, Any]:
    key = f"{kind.title()}Name"
    who = {key: each[key]}
    inline = _all(iam, f"list_{kind}_policies", "PolicyNames", **who)
    attached = _all(iam, f"list_attached_{kind}_policies", "AttachedPolicies", **who)
    get = getattr(iam, f"get_{kind}_policy")
    found = {
        "arn": each["Arn"],
        "inline": {name: get(**who, PolicyName=name)["PolicyDocument"] for name in inline},
        "attached": sorted(policy["PolicyArn"] for policy in attached),
    }
    if kind == "group":
        return found
    whole = getattr(iam, f"get_{kind}")(**who)[kind.title()]
    found["boundary"] = whole.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    found["tags"] = {
        tag["Key"]: tag["Value"] for tag in whole.get("Tags", ()) if not tag["Key"].startswith("aws:")
    }
    if kind == "role":
        return {**found, "trust": whole["AssumeRolePolicyDocument"]}
    groups = _all(iam, "list_groups_for_user", "Groups", **who)
    return {**found, "groups": sorted(group["GroupName"] for group in groups)}


def _all(iam: Any, call: str, listed: str, **arguments: Any) -> list[Any]:
    return [each for page in iam.get_paginator(call).paginate(**arguments) for each in page[listed]]


REQUESTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sts", "get_caller_identity", {}),
    ("s3", "get_object", {"Bucket": f"reports-{ACCOUNT}-{REGION}-an", "Key": "monthly/november.csv"}),
    ("s3", "get_object", {"Bucket": f"reports-{ACCOUNT}-{REGION}-an", "Key": "drafts/secret.csv"}),
    ("s3", "list_objects_v2", {"Bucket": f"reports-{ACCOUNT}-{REGION}-an"}),
    ("s3", "put_object", {"Bucket": f"inbox-{ACCOUNT}-{REGION}-an", "Key": "scans/two.pdf", "Body": b"x"}),
    ("s3", "put_object", {"Bucket": f"inbox-{ACCOUNT}-{REGION}-an", "Key": "other/two.pdf", "Body": b"x"}),
    ("s3", "get_object", {"Bucket": f"inbox-{ACCOUNT}-{REGION}-an", "Key": "scans/one.pdf"}),
    ("s3", "delete_object", {"Bucket": f"inbox-{ACCOUNT}-{REGION}-an", "Key": "scans/one.pdf"}),
    ("iam", "list_users", {}),
    ("iam", "create_user", {"UserName": "mallory"}),
    ("ec2", "describe_instances", {}),
    (
        "sts",
        "assume_role",
        {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/access/operate", "RoleSessionName": "story"},
    ),
    (
        "sts",
        "assume_role",
        {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/access/break-glass", "RoleSessionName": "story"},
    ),
)
"""Requests of the story that need no session."""


Answers = dict[tuple[str, str, str], bool]
"""Whether a request is answered, by user, call and arguments."""
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
"""EC2's code is its own, which moto does not know ("Error codes for the Amazon EC2 API")."""


def answers(user: str, connect: Any) -> Answers:
    """Play the requests; `connect` gives a client of a service."""
    services = {service: connect(service) for service, _, _ in REQUESTS}
    return {
        (user, call, str(each)): _is_answered(services[service], call, each)
        for service, call, each in REQUESTS
    }


def _is_answered(service: Any, call: str, arguments: dict[str, Any]) -> bool:
    try:
        getattr(service, call)(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in DENIED, error
        return False
    return True


def put_objects(storage: Any) -> None:
    """Put the objects that the requests read."""
    for _, call, each in REQUESTS:
        if call == "get_object":
            storage.put_object(**each, Body=b"figures")


def create_buckets() -> None:
    """Create in the second account the buckets that the requests name, with their objects."""
    storage = client("s3")
    for bucket in {each["Bucket"] for service, _, each in REQUESTS if service == "s3"}:
        storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    put_objects(storage)


def enforced_answers(iam: Any, user: str) -> Answers:
    """Play the requests in moto, which evaluates the policies of users and groups, and no conditions or boundaries."""
    from moto.core import set_initial_no_auth_action_count

    key = iam.create_access_key(UserName=user)["AccessKey"]
    play = set_initial_no_auth_action_count(0)(answers)
    return play(user, lambda service: client(service, key["AccessKeyId"], key["SecretAccessKey"]))
