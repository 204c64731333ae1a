"""What launches instances, and the options of their metadata service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, possible_values, value_at

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value

INSTANCE = "AWS::EC2::Instance"
TEMPLATE = "AWS::EC2::LaunchTemplate"
_HOLDERS: dict[str, tuple[str, ...]] = {
    INSTANCE: (),
    TEMPLATE: ("LaunchTemplateData",),
    "AWS::AutoScaling::LaunchConfiguration": (),
}


def launches(resource: Resource) -> bool:
    """Tell whether a resource says how instances are launched."""
    return resource.type in _HOLDERS


def metadata_path(resource: Resource) -> tuple[str, ...]:
    """Say where below the resource the options stand."""
    return ("Properties", *_HOLDERS[resource.type], "MetadataOptions")


def profile_path(resource: Resource) -> tuple[str, ...]:
    """Say where below the properties the instance profile stands."""
    return (*_HOLDERS[resource.type], "IamInstanceProfile")


def key_path(resource: Resource) -> tuple[str, ...]:
    """Say where below the properties the key pair stands."""
    return (*_HOLDERS[resource.type], "KeyName")


def metadata_options(resource: Resource) -> tuple[Value, ...]:
    """Give the options in every reading; none for what launches nothing."""
    if not launches(resource):
        return ()
    name, *rest = metadata_path(resource)[1:]
    return tuple(value_at(each, *rest) for each in possible_values(resource.properties.get(name, ABSENT)))
