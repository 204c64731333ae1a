"""1.17: instances have a role, and no key in what they are started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, Absent, possible_values, value_at
from keywright.compliance.answer import Answer, Enforcer
from keywright.guardrails.subjects.instance_launches import launches_instances, profile_path
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.seen import Seen

_ELSEWHERE = "instances that something else starts are not seen"


def instance_roles(seen: Seen) -> Answer:
    """Judge everything that starts instances, and software that is said to run on one with a key."""
    if seen.templates is None:
        return _declared(seen) + _with_keys(seen)
    started = [each for each in seen.templates.assembly.resources if launches_instances(each)]
    if not started:
        return _with_keys(seen)
    secrets = seen.templates.of_rule("INS003")
    return sum(map(_profile, started), secrets + _with_keys(seen)) + Answer(limits=(_ELSEWHERE,))


def _with_keys(seen: Seen) -> Answer:
    users = seen.declarations.users.items() if seen.declarations else ()
    gaps = (
        Finding(
            seen.places.at("users", name, "application", "runs_on"),
            f"application `{name}` runs on an instance with a key of its own",
            "`runs_on: ec2`",
            "a workload, whose instance has a role; `keywright validate` writes it",
        )
        for name, user in users
        if user.application is not None and user.application.runs_on == "ec2" and user.access_keys
    )
    return Answer(gaps=tuple(gaps))


def _profile(resource: Resource) -> Answer:
    name, *rest = profile_path(resource)
    values = [value_at(each, *rest) for each in possible_values(resource.properties.get(name, ABSENT))]
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
