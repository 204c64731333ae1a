"""AWS::EC2::Instance, as the CloudFormation Template Reference "AWS::EC2::Instance" describes it.

The emulator lacks the type. No machine boots: the instance is a
record, with the metadata service of `sandbox.metadata` standing in for what runs inside.
"""

from __future__ import annotations

from typing import Any

from sandbox.repairs.emulator import instances
from sandbox.repairs.policy_holders import tag_map
from sandbox.repairs.resources import Created, resource_type
from sandbox.repairs.seams import EC2, Parameters

CREATE_ONLY = (
    "AvailabilityZone",
    "ImageId",
    "KeyName",
    "LaunchTemplate",
    "NetworkInterfaces",
    "PrivateIpAddress",
    "SubnetId",
)


def register() -> None:
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
    for association in current:
        EC2.call("DisassociateIamInstanceProfile", AssociationId=association["AssociationId"])
    if profile:
        EC2.call("AssociateIamInstanceProfile", InstanceId=instance_id, IamInstanceProfile={"Name": profile})


def _tag(instance_id: str, old: Parameters, new: Parameters) -> None:
    was, now = tag_map(old), tag_map(new)
    if gone := sorted(was.keys() - now.keys()):
        EC2.call("DeleteTags", Resources=[instance_id], Tags=[{"Key": key} for key in gone])
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
