"""Control 1.17: instances have a role, and no key in their user data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, Absent, possible_values, value_at
from keywright.compliance.report import Assessment, Enforcer
from keywright.guardrails.subjects.instance_launches import launches_instances, profile_path
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.compliance.input import Input

_ELSEWHERE = "instances that are launched elsewhere are not checked"


def instance_roles(source: Input) -> Assessment:
    """Assess everything that launches instances, and applications that run on one with an access key."""
    if source.templates is None:
        return _declared(source) + _with_keys(source)
    started = [each for each in source.templates.assembly.resources if launches_instances(each)]
    if not started:
        return _with_keys(source)
    secrets = source.templates.by_rule("INS003")
    return sum(map(_profile, started), secrets + _with_keys(source)) + Assessment(limits=(_ELSEWHERE,))


def _with_keys(source: Input) -> Assessment:
    users = source.declarations.users.items() if source.declarations else ()
    gaps = (
        Finding(
            source.places.at("users", name, "application", "runs_on"),
            f"application `{name}` runs on an instance with an access key",
            "`runs_on: ec2`",
            "a workload, whose instance has a role; `keywright validate` shows how",
        )
        for name, user in users
        if user.application is not None and user.application.runs_on == "ec2" and user.access_keys
    )
    return Assessment(gaps=tuple(gaps))


def _profile(resource: Resource) -> Assessment:
    name, *rest = profile_path(resource)
    values = [value_at(each, *rest) for each in possible_values(resource.properties.get(name, ABSENT))]
    # The launch template has the profile and is assessed as a resource of its own.
    if resource.type == "AWS::EC2::Instance" and "LaunchTemplate" in resource.properties:
        return Assessment(evidence=(f"`{resource.logical_id}` launches from a launch template",))
    # One outcome of the template's conditions without a profile is enough: it may be deployed.
    if any(isinstance(each, Absent) for each in values):
        message = f"`{resource.label}` launches an instance without a role"
        return Assessment(
            gaps=(Finding(resource.location, message, "no instance profile", "an instance profile"),)
        )
    return Assessment(
        enforced_by=(Enforcer(f"`{resource.logical_id}`", resource.location),),
        evidence=(f"`{resource.logical_id}` launches with an instance profile",),
    )


def _declared(source: Input) -> Assessment:
    workloads = source.declarations.workloads if source.declarations else {}
    assessment = sum(
        (
            Assessment(
                (Enforcer(f"workload `{name}`", source.places.key("workloads", name)),),
                (f"workload `{name}` has a role",),
            )
            for name in workloads
        ),
        Assessment(),
    )
    return assessment + Assessment(limits=(_ELSEWHERE,))
