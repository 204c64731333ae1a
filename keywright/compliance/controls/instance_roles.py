"""1.17: instances have a role, and no key in what they are started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.value import ABSENT, Absent, readings, within
from keywright.compliance.answer import Answer, Enforcer
from keywright.finding import Finding
from keywright.guardrails.launches import launches, profile_path

if TYPE_CHECKING:
    from keywright.assembly.template import Resource
    from keywright.compliance.seen import Seen

_ELSEWHERE = "instances that something else starts are not seen"


def instance_roles(seen: Seen) -> Answer:
    """Judge everything that starts instances."""
    if seen.templates is None:
        return _declared(seen)
    started = [each for each in seen.templates.assembly.resources if launches(each)]
    if not started:
        return Answer()
    secrets = seen.templates.of_rule("INS003")
    return sum(map(_profile, started), secrets) + Answer(limits=(_ELSEWHERE,))


def _profile(resource: Resource) -> Answer:
    name, *rest = profile_path(resource)
    values = [within(each, *rest) for each in readings(resource.properties.get(name, ABSENT))]
    if resource.type == "AWS::EC2::Instance" and "LaunchTemplate" in resource.properties:
        return Answer(evidence=(f"`{resource.logical_id}` starts by a launch template",))
    if any(isinstance(each, Absent) for each in values):
        message = f"`{resource.label}` starts an instance without a role"
        return Answer(
            gaps=(Finding(resource.location, message, "no instance profile", "an instance profile"),)
        )
    return Answer(
        by=(Enforcer(f"`{resource.logical_id}`", resource.location),),
        evidence=(f"`{resource.logical_id}` starts with an instance profile",),
    )


def _declared(seen: Seen) -> Answer:
    workloads = seen.declarations.workloads if seen.declarations else {}
    made = sum(
        (
            Answer(
                (Enforcer(f"workload `{name}`", seen.places.key("workloads", name)),),
                (f"workload `{name}` has a role",),
            )
            for name in workloads
        ),
        Answer(),
    )
    return made + Answer(limits=(_ELSEWHERE,))
