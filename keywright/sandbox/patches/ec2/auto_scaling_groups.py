"""AWS::AutoScaling::AutoScalingGroup launches instances from its launch template and replaces them by instance refresh.

AWS: "AWS::AutoScaling::AutoScalingGroup" and "UpdatePolicy attribute" in the CloudFormation Template Reference. The
emulator's groups have instances that EC2 does not know, and none at all where CloudFormation creates the group; an
update resets the desired capacity to the minimum. Here a group's instances are EC2's, with the profile and the tags of
the template's version. A change of template or subnets replaces them where an update policy says so, one by one and
the new one first; without one the old instances stay. Not emulated: health, warm-up, percentages,
`AutoScalingReplacingUpdate`.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.cloudformation.stack_updates import update_policy
from keywright.sandbox.patches.emulator import (
    auto_scaling,
    auto_scaling_groups,
    auto_scaling_handlers,
    instances,
    resource_handlers,
)
from keywright.sandbox.patches.hooks import EC2, HandlerFailed, Parameters, patch, store, text

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPE = "AWS::AutoScaling::AutoScalingGroup"
REPLACING = ("AutoScalingInstanceRefresh", "AutoScalingRollingUpdate")
_MOVING = ("$Latest", "$Default")
_original = dict(resource_handlers[TYPE])
_logical_ids = store()


def register() -> None:
    """Replace how a group gets its instances, by its own API and by CloudFormation."""
    patch(auto_scaling, "_reconcile_instances", _reconcile)
    delete = auto_scaling_handlers["DeleteAutoScalingGroup"]

    def emptied(parameters: Parameters) -> Any:
        _empty(text(parameters, "AutoScalingGroupName"))
        return delete(parameters)

    auto_scaling_handlers["DeleteAutoScalingGroup"] = emptied
    resource_handlers[TYPE] = {"create": _create, "update": _update, "delete": _delete}


def _create(logical_id: str, properties: Parameters, stack: str) -> Any:
    _check(properties)
    name, attributes = _original["create"](logical_id, properties, stack)
    _logical_ids[name] = logical_id
    try:
        _fill(auto_scaling_groups[name])
    except HandlerFailed:
        _delete(name, properties)
        raise
    return name, attributes


def _update(name: str, old: Parameters, new: Parameters, stack: str, *more: Any) -> Any:
    _check(new)
    before = auto_scaling_groups[name]["DesiredCapacity"]
    made, attributes = _original["update"](name, old, new, stack, _logical_ids.get(name, ""), *more)
    group = auto_scaling_groups[made]
    # A template without it leaves the capacity as it is, within the new limits.
    if "DesiredCapacity" not in new:
        group["DesiredCapacity"] = min(max(before, group["MinSize"]), group["MaxSize"])
    _fill(group)
    moved = any(old.get(key) != new.get(key) for key in ("LaunchTemplate", "VPCZoneIdentifier"))
    if moved and not update_policy(_logical_ids.get(made, "")).keys().isdisjoint(REPLACING):
        _refresh(group)
    return made, attributes


def _delete(name: str, properties: Parameters) -> None:
    _empty(name)
    _original["delete"](name, properties)


def _check(properties: Parameters) -> None:
    """Refuse what the group's own service refuses.

    Raises:
        ValueError: The reason, as CloudFormation reports it.
    """
    least, most = int(properties["MinSize"]), int(properties["MaxSize"])
    if not least <= int(properties.get("DesiredCapacity", least)) <= most:
        raise ValueError(
            "Desired capacity must be between the specified min size and max size (Service: AutoScaling, Status Code: 400)"
        )
    version = str(properties.get("LaunchTemplate", {}).get("Version", ""))
    if version in _MOVING:
        raise ValueError(f"launch template version {version} is not supported; use its LatestVersionNumber")


def _reconcile(group: dict[str, Any]) -> None:
    """Adjust the number of instances; a failed launch leaves the group below its capacity, as a scaling activity does."""
    try:
        _fill(group)
    except HandlerFailed:
        return


def _fill(group: dict[str, Any]) -> None:
    members = group["Instances"]
    while len(members) > group["DesiredCapacity"]:
        _terminate(members.pop(0))
    missing = group["DesiredCapacity"] - len(members)
    for subnet in islice(_subnets(group), missing):
        members.append(_launched(group, subnet))


def _refresh(group: dict[str, Any]) -> None:
    before = list(group["Instances"])
    for old, subnet in zip(before, _subnets(group), strict=False):
        # The new instance first, so that the group never falls below its capacity.
        group["Instances"].append(_launched(group, subnet))
        group["Instances"].remove(old)
        _terminate(old)


def _subnets(group: dict[str, Any]) -> Iterator[str | None]:
    return cycle([each for each in group["VPCZoneIdentifier"].split(",") if each] or [None])


def _launched(group: dict[str, Any], subnet: str | None) -> dict[str, Any]:
    template = group["LaunchTemplate"]
    specification = {"LaunchTemplateId": template["LaunchTemplateId"], "Version": str(template["Version"])}
    run = EC2.call("RunInstances", MinCount=1, MaxCount=1, SubnetId=subnet, LaunchTemplate=specification)
    instance = run["Instances"][0]
    propagated = [tag for tag in group.get("Tags", []) if tag["PropagateAtLaunch"]]
    if propagated:
        tags = [{"Key": each["Key"], "Value": each["Value"]} for each in propagated]
        EC2.call("CreateTags", Resources=[instance["InstanceId"]], Tags=tags)
    return {
        "InstanceId": instance["InstanceId"],
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
        "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
        "LaunchTemplate": template,
        "LaunchConfigurationName": "",
    }


def _empty(name: str) -> None:
    for member in auto_scaling_groups.get(name, {}).get("Instances", []):
        _terminate(member)


def _terminate(member: dict[str, Any]) -> None:
    if member["InstanceId"] in instances:
        EC2.call("TerminateInstances", InstanceIds=[member["InstanceId"]])
