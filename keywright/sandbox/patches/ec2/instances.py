"""AWS::EC2::Instance and RunInstances, as in the CloudFormation Template Reference and the Amazon EC2 API Reference.

The emulator has no such type. No machine boots: an instance is a record, and `ec2.metadata` stands in for what runs on
it. RunInstances takes what the request omits from the launch template; the emulator ignores `LaunchTemplate` and accepts
an instance profile that does not exist.
"""

from __future__ import annotations

from typing import Any

from keywright.sandbox.patches.cloudformation.properties import tag_map
from keywright.sandbox.patches.cloudformation.resource_types import Created, resource_type
from keywright.sandbox.patches.emulator import instances, launch_template_data, resolve_instance_profile
from keywright.sandbox.patches.hooks import EC2, Parameters, text

CREATE_ONLY = (
    "AvailabilityZone",
    "CpuOptions",
    "ElasticGpuSpecifications",
    "ElasticInferenceAccelerators",
    "EnclaveOptions",
    "HibernationOptions",
    "HostResourceGroupArn",
    "ImageId",
    "Ipv6AddressCount",
    "Ipv6Addresses",
    "KeyName",
    "LaunchTemplate",
    "LicenseSpecifications",
    "NetworkInterfaces",
    "PlacementGroupName",
    "PrivateIpAddress",
    "SecurityGroups",
    "SubnetId",
)


def register_instances() -> None:
    """Add the type."""
    resource_type(
        "AWS::EC2::Instance",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=CREATE_ONLY,
        stack_tags=True,
    )


def _create(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    profile = properties.get("IamInstanceProfile")
    reservation = EC2.call(
        "RunInstances",
        MinCount=1,
        MaxCount=1,
        ImageId=properties.get("ImageId"),
        InstanceType=properties.get("InstanceType"),
        SubnetId=properties.get("SubnetId"),
        SecurityGroupIds=properties.get("SecurityGroupIds"),
        UserData=properties.get("UserData"),
        LaunchTemplate=properties.get("LaunchTemplate"),
        IamInstanceProfile={"Name": profile} if profile else None,
    )
    instance = reservation["Instances"][0]
    _tag(instance["InstanceId"], {}, properties)
    return instance["InstanceId"], _attributes(instance["InstanceId"])


def _update(instance_id: str, old: Parameters, new: Parameters) -> Created:
    if old.get("IamInstanceProfile") != new.get("IamInstanceProfile"):
        _set_profile(instance_id, new.get("IamInstanceProfile"))
    record = instances[instance_id]
    for name in ("InstanceType", "UserData"):
        if old.get(name) != new.get(name):
            record[name] = new.get(name, "")
    if old.get("SecurityGroupIds") != new.get("SecurityGroupIds"):
        record["SecurityGroups"] = [{"GroupId": each, "GroupName": each} for each in new["SecurityGroupIds"]]
    _tag(instance_id, old, new)
    return instance_id, _attributes(instance_id)


def _delete(instance_id: str, _properties: Parameters) -> None:
    if instance_id in instances:
        EC2.call("TerminateInstances", InstanceIds=[instance_id])


def _set_profile(instance_id: str, profile: str | None) -> None:
    current = EC2.call(
        "DescribeIamInstanceProfileAssociations",
        Filters=[
            {"Name": "instance-id", "Values": [instance_id]},
            {"Name": "state", "Values": ["associated"]},
        ],
    )["IamInstanceProfileAssociations"]
    # An instance has one profile at a time, so the old one is disassociated first.
    for association in current:
        EC2.call("DisassociateIamInstanceProfile", AssociationId=association["AssociationId"])
    if profile:
        EC2.call("AssociateIamInstanceProfile", InstanceId=instance_id, IamInstanceProfile={"Name": profile})


def _tag(instance_id: str, old: Parameters, new: Parameters) -> None:
    was, now = tag_map(old), tag_map(new)
    if removed := sorted(was.keys() - now.keys()):
        EC2.call("DeleteTags", Resources=[instance_id], Tags=[{"Key": key} for key in removed])
    if changed := [{"Key": key, "Value": value} for key, value in now.items() if was.get(key) != value]:
        EC2.call("CreateTags", Resources=[instance_id], Tags=changed)


def _attributes(instance_id: str) -> dict[str, Any]:
    record = instances[instance_id]
    return {
        "InstanceId": instance_id,
        "AvailabilityZone": record["Placement"]["AvailabilityZone"],
        "PrivateDnsName": record["PrivateDnsName"],
        "PrivateIp": record["PrivateIpAddress"],
        "PublicDnsName": record["PublicDnsName"],
        "PublicIp": record["PublicIpAddress"],
        "VpcId": record["VpcId"],
    }


_FROM_TEMPLATE = (
    "IamInstanceProfile",
    "ImageId",
    "InstanceType",
    "KeyName",
    "SecurityGroupIds",
    "TagSpecifications",
    "UserData",
)


def register_launches() -> None:
    """Complete and check a launch before the emulator sees it."""
    original = EC2.handlers["RunInstances"]

    def run_instances(parameters: Parameters) -> Any:
        data, _, failure = launch_template_data(_specification(parameters))
        if failure:
            return failure
        launch = _with_template(parameters, data)
        _, failure = resolve_instance_profile(**_profile(launch))
        return failure or original(launch)

    EC2.handlers["RunInstances"] = run_instances


def _specification(parameters: Parameters) -> dict[str, str]:
    names = ("LaunchTemplateId", "LaunchTemplateName", "Version")
    return {name: text(parameters, f"LaunchTemplate.{name}") for name in names}


def _with_template(parameters: Parameters, data: dict[str, Any]) -> dict[str, Any]:
    """Give the request with what only the template says; a member is taken whole or not at all."""
    members = {name: data[name] for name in _FROM_TEMPLATE if data.get(name)}
    said = {name.partition(".")[0] for name in parameters}
    form = EC2.form("RunInstances", {**members, "MinCount": 1, "MaxCount": 1})
    return {
        **{name: value for name, value in form.items() if name.partition(".")[0] not in said},
        **parameters,
    }


def _profile(parameters: Parameters) -> dict[str, Any]:
    """Give how a launch names its profile, as the emulator looks one up."""
    arn, name = text(parameters, "IamInstanceProfile.Arn"), text(parameters, "IamInstanceProfile.Name")
    return {"iam_arn": arn, "iam_name": name, "allow_missing": False}


def profile_of(parameters: Parameters) -> dict[str, Any] | None:
    """Give the ARN and id of the profile that a request names; None if it names no existing profile."""
    found, _ = resolve_instance_profile(**_profile(parameters))
    return dict(found) if found else None
