"""Resources that launch instances, and their metadata options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, possible_values, value_at

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value

INSTANCE = "AWS::EC2::Instance"
TEMPLATE = "AWS::EC2::LaunchTemplate"
_PARENTS: dict[str, tuple[str, ...]] = {
    INSTANCE: (),
    TEMPLATE: ("LaunchTemplateData",),
    "AWS::AutoScaling::LaunchConfiguration": (),
}


def launches_instances(resource: Resource) -> bool:
    """Return whether a resource defines how instances are launched."""
    return resource.type in _PARENTS


def metadata_path(resource: Resource) -> tuple[str, ...]:
    """Return the path of the metadata options below the resource."""
    return ("Properties", *_PARENTS[resource.type], "MetadataOptions")


def profile_path(resource: Resource) -> tuple[str, ...]:
    """Return the path of the instance profile below the properties."""
    return (*_PARENTS[resource.type], "IamInstanceProfile")


def key_path(resource: Resource) -> tuple[str, ...]:
    """Return the path of the key pair below the properties."""
    return (*_PARENTS[resource.type], "KeyName")


def metadata_options(resource: Resource) -> tuple[Value, ...]:
    """Return the possible metadata options; none if the resource launches no instances."""
    if not launches_instances(resource):
        return ()
    name, *rest = metadata_path(resource)[1:]
    return tuple(value_at(each, *rest) for each in possible_values(resource.properties.get(name, ABSENT)))
