"""Roles that resources hand to services, which then act by them: of every type, known or not.

What acts as a role of the templates, and how, `facts` tells of the types that it knows. Here is the rest: any property that
names a role, or an instance profile that the templates do not hold; and instances of a launch template outside of them.
Source: `iam:PassRole` is asked for wherever a role is handed over ("Granting a user permissions to pass a role to an AWS
service", IAM User Guide); names of such properties, the CloudFormation template reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from keywright.assembly.identities.execution_roles import CARRYING
from keywright.assembly.templates.value import Alternatives, Text, Unknown, as_text, readings
from keywright.review.change import Fact, quoted
from keywright.review.machines import MACHINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value
    from keywright.reporting.finding import Location
    from keywright.review.side import Side

ROLE = re.compile(r".*Roles?(Arns?|Name|Id)?", re.IGNORECASE)
PROFILE = re.compile(r"(Iam)?InstanceProfile(Name|Arn)?", re.IGNORECASE)
LAUNCH = re.compile(r"LaunchTemplate(Id|Name)|LaunchConfigurationName")
_HOLDERS = {
    PROFILE: ("AWS::IAM::InstanceProfile",),
    LAUNCH: ("AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
}
_INSTANCES = ("AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup")
_FOLLOWED = {
    PROFILE: ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"),
    LAUNCH: _INSTANCES,
}
"""The types of which it is told elsewhere which role they come to by what the templates hold."""
ELSEWHERE = ("AWS::IAM::", "AWS::RolesAnywhere::", "AWS::SSO::")
_GIVEN = {"Name", "Arn"}


def handed_roles(base: Side, head: Side) -> Iterator[Fact]:
    """Tell of each role that a resource hands over newly, or no more."""
    yield from _other_versions(base, head)
    was, now = dict(_handed(base)), dict(_handed(head))
    for pair, (says, place) in now.items():
        if pair not in was:
            yield Fact("carrier", pair[0], says, place, widens=True)
    for pair, (says, place) in was.items():
        if pair not in now:
            yield Fact("carrier", pair[0], f"{says} no more", place, narrows=True)


def _handed(side: Side) -> Iterator[tuple[tuple[str, str], tuple[str, Location]]]:
    handing = _Handing(side)
    for resource in side.assembly.resources:
        if resource.type.startswith(ELSEWHERE) or resource.type in MACHINES:
            continue
        template = side.template_id(resource.template.id)
        for key in resource.properties:
            for says in handing.sayings(resource.type, key, resource.properties[key]):
                yield (resource.title, f"{template} {says}"), (says, resource.locate("Properties", key))


class _Handing:
    """One side, and which profiles and launch templates it holds."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._known = {
            kind: {side.text(text) for each in side.assembly.of_type(*types) for text in _named(each)}
            for kind, types in _HOLDERS.items()
        }

    def sayings(self, type_: str, key: str, value: Value) -> Iterator[str]:
        """Say what a property hands over, and all below it, but for what is told elsewhere.

        A policy document names roles for other reasons.
        """
        match value:
            case Alternatives():
                for each in value.values:
                    yield from self.sayings(type_, key, each)
            case tuple():
                for each in value:
                    yield from self.sayings(type_, key, each)
            case Mapping() if "Statement" not in value:
                for name, each in value.items():
                    is_profile = name in _GIVEN and PROFILE.fullmatch(key)
                    yield from self.sayings(type_, key if is_profile else name, each)
            case Text() | Unknown() if key != CARRYING.get(type_, ""):
                yield from self._said(type_, key, self._side.text(as_text(value)))

    def _said(self, type_: str, key: str, named: str) -> Iterator[str]:
        if PROFILE.fullmatch(key):
            if named not in self._known[PROFILE]:
                yield f"acts as the role of the instance profile {quoted(named)}, which is not in the templates"
            elif type_ not in _FOLLOWED[PROFILE]:
                yield f"acts as the role of the instance profile {quoted(named)}"
        elif LAUNCH.fullmatch(key):
            if named not in self._known[LAUNCH]:
                yield f"starts instances from {quoted(named)}, with a role that is not in the templates, perhaps"
            elif type_ not in _FOLLOWED[LAUNCH]:
                yield f"starts instances from {quoted(named)}, with its role"
        elif ROLE.fullmatch(key) and named:
            yield f"hands {quoted(self._side.names.get(named, named))} to a service"


def _other_versions(base: Side, head: Side) -> Iterator[Fact]:
    """Tell where instances start from another version of the same template: what a version holds, no template says."""
    before: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for pair, each in _versions(base):
        before.setdefault(pair, set()).add(each[:2])
    for pair, (named, version, place) in _versions(head):
        known = before.get(pair, set())
        if (named, version) not in known and any(named == each for each, _ in known):
            says = f"starts instances from version {quoted(version)} of {quoted(named)}, which may have another role"
            yield Fact("carrier", pair[1], says, place, undecided=True)


def _versions(side: Side) -> Iterator[tuple[tuple[str, str], tuple[str, str, Location]]]:
    """Give what names a launch template with its version, by the resource that does."""
    for resource in side.assembly.resources:
        pair = side.template_id(resource.template.id), resource.title
        for key in resource.properties:
            for named, version in _specified(resource.properties[key]):
                yield pair, (side.text(named), side.text(version), resource.locate("Properties", key))


def _specified(value: Value) -> Iterator[tuple[Text, Text]]:
    match value:
        case Alternatives():
            for each in value.values:
                yield from _specified(each)
        case tuple():
            for each in value:
                yield from _specified(each)
        case Mapping():
            names = [each for key, each in value.items() if LAUNCH.fullmatch(key)]
            versions = readings(value["Version"]) if names and "Version" in value else ()
            yield from ((as_text(name), as_text(each)) for name in names for each in versions)
            for each in value.values():
                yield from _specified(each)


def _named(holder: Resource) -> Iterator[Text]:
    yield holder.name
    if holder.arn is not None:
        yield holder.arn
