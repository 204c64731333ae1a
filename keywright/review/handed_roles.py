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

from keywright.assembly.carriers import CARRYING
from keywright.assembly.value import Alternatives, Text, Unknown, as_text
from keywright.review.change import Fact, quoted
from keywright.review.machines import MACHINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.template import Resource
    from keywright.assembly.value import Value
    from keywright.finding import Location
    from keywright.review.side import Side

_ROLE = re.compile(r".*Roles?(Arns?|Name|Id)?", re.IGNORECASE)
_PROFILE = re.compile(r"(Iam)?InstanceProfile(Name|Arn)?", re.IGNORECASE)
_LAUNCH = re.compile(r"LaunchTemplate(Id|Name)|LaunchConfigurationName")
_HOLDERS = {
    _PROFILE: ("AWS::IAM::InstanceProfile",),
    _LAUNCH: ("AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
}
_ELSEWHERE = ("AWS::IAM::", "AWS::RolesAnywhere::", "AWS::SSO::")
_GIVEN = {"Name", "Arn"}


def handed_roles(base: Side, head: Side) -> Iterator[Fact]:
    """Tell of each role that a resource hands over newly, or no more."""
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
        if resource.type.startswith(_ELSEWHERE) or resource.type in MACHINES:
            continue
        template = side.template_id(resource.template.id)
        for key in resource.properties:
            for says in handing.sayings(key, resource.properties[key], CARRYING.get(resource.type, "")):
                yield (resource.title, f"{template} {says}"), (says, resource.locate("Properties", key))


class _Handing:
    """One side, and which profiles and launch templates it holds."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._known = {
            kind: {side.text(text) for each in side.assembly.of_type(*types) for text in _named(each)}
            for kind, types in _HOLDERS.items()
        }

    def sayings(self, key: str, value: Value, told: str) -> Iterator[str]:
        """Say what a property hands over, and all below it, but for what is told elsewhere.

        A policy document names roles for other reasons.
        """
        match value:
            case Alternatives():
                for each in value.values:
                    yield from self.sayings(key, each, told)
            case tuple():
                for each in value:
                    yield from self.sayings(key, each, told)
            case Mapping() if "Statement" not in value:
                for name, each in value.items():
                    is_profile = name in _GIVEN and _PROFILE.fullmatch(key)
                    yield from self.sayings(key if is_profile else name, each, told)
            case Text() | Unknown() if key != told:
                yield from self._said(key, self._side.text(as_text(value)))

    def _said(self, key: str, named: str) -> Iterator[str]:
        if _PROFILE.fullmatch(key):
            if named not in self._known[_PROFILE]:
                yield f"acts as the role of the instance profile {quoted(named)}, which is not in the templates"
        elif _LAUNCH.fullmatch(key):
            if named not in self._known[_LAUNCH]:
                yield f"starts instances from {quoted(named)}, with a role that is not in the templates, perhaps"
        elif _ROLE.fullmatch(key) and named:
            yield f"hands {quoted(self._side.names.get(named, named))} to a service"


def _named(holder: Resource) -> Iterator[Text]:
    yield holder.name
    if holder.arn is not None:
        yield holder.arn
