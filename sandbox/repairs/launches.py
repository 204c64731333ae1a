"""RunInstances launches from a template, and with an instance profile that exists.

AWS: "RunInstances" in the Amazon EC2 API Reference: what the request does not say comes from the launch
template. The emulator ignores `LaunchTemplate` and takes a profile that nobody made.
"""

from __future__ import annotations

from typing import Any

from sandbox.repairs.emulator import launch_template_data, resolve_instance_profile
from sandbox.repairs.seams import EC2, Parameters, text

_FROM_TEMPLATE = (
    "IamInstanceProfile",
    "ImageId",
    "InstanceType",
    "KeyName",
    "SecurityGroupIds",
    "TagSpecifications",
    "UserData",
)


def register() -> None:
    """Complete and check a launch before the emulator sees it."""
    original = EC2.handlers["RunInstances"]

    def run_instances(parameters: Parameters) -> Any:
        data, _, failure = launch_template_data(_specification(parameters))
        if failure:
            return failure
        launch = _completed(parameters, data)
        _, failure = resolve_instance_profile(**_profile(launch))
        return failure or original(launch)

    EC2.handlers["RunInstances"] = run_instances


def _specification(parameters: Parameters) -> dict[str, str]:
    names = ("LaunchTemplateId", "LaunchTemplateName", "Version")
    return {name: text(parameters, f"LaunchTemplate.{name}") for name in names}


def _completed(parameters: Parameters, data: dict[str, Any]) -> dict[str, Any]:
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
    """Give the ARN and id of the profile a request names, None where it names none that exists."""
    found, _ = resolve_instance_profile(**_profile(parameters))
    return dict(found) if found else None
