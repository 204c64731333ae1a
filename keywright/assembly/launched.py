"""Instances that stand in no template as such: started from a launch template or launch configuration, alone or by a group.

Source: "AWS::EC2::LaunchTemplate", "AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup" and
"AWS::AutoScaling::LaunchConfiguration" in the CloudFormation template reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keywright.assembly.given_tags import given_tags, listed_tags
from keywright.assembly.value import Absent, Text, as_text, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from keywright.assembly.template import Assembly, Resource
    from keywright.assembly.value import Value

    Spelled = Callable[[Text], str]

_TEMPLATE = "AWS::EC2::LaunchTemplate"
_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_SPECIFIED = ("LaunchTemplateId", "LaunchTemplateName")
_MIXED = ("MixedInstancesPolicy", "LaunchTemplate")


class Launched(NamedTuple):
    """Instances: the resource by which they come, the values that name their profile, their tags, what must exist."""

    by: Resource
    profiles: tuple[Value, ...]
    tags: Mapping[str, str]
    needs: str = ""


def launched(assembly: Assembly, spelled: Spelled) -> Iterator[Launched]:
    """Gather them: one of each instance and group that names a template, and one of each template that none names."""
    sources = _Sources(assembly, spelled)
    used: set[int] = set()
    for instance in assembly.of_type("AWS::EC2::Instance"):
        if all(isinstance(each, Absent) for each in instance.readings("IamInstanceProfile")):
            for source in sources.named(*instance.readings("LaunchTemplate")):
                used.add(id(source))
                own = given_tags(instance, spelled)
                yield Launched(instance, _profile(source), _tags(source, spelled) | own)
    for group in assembly.of_type(_GROUP):
        for source in sources.named(*_specifications(group)):
            used.add(id(source))
            own = given_tags(group, spelled, propagated=True)
            yield Launched(group, _profile(source), _tags(source, spelled) | own)
    for source in (each for each in assembly.of_type(_TEMPLATE) if id(each) not in used):
        needs = f"an instance started from `{source.label}`"
        yield Launched(source, _profile(source), _tags(source, spelled), needs)


class _Sources:
    """Launch templates and configurations by what names them, in one template each."""

    def __init__(self, assembly: Assembly, spelled: Spelled) -> None:
        self._spelled = spelled
        self._by_name: dict[str, list[Resource]] = {}
        for type_, name in ((_TEMPLATE, "LaunchTemplateName"), (_CONFIGURATION, "LaunchConfigurationName")):
            for resource in assembly.of_type(type_):
                named = [as_text(each) for each in resource.readings(name) if not isinstance(each, Absent)]
                for each in dict.fromkeys(spelled(text) for text in (resource.name, *named)):
                    self._by_name.setdefault(each, []).append(resource)

    def named(self, *specifications: Value) -> Iterator[Resource]:
        """Give those that specifications name, each once."""
        found: dict[int, Resource] = {}
        for specification in specifications:
            for value in (specification, *(within(specification, key) for key in _SPECIFIED)):
                if isinstance(value, Text):
                    for resource in self._by_name.get(self._spelled(value), ()):
                        found[id(resource)] = resource
        yield from found.values()


def _specifications(group: Resource) -> Iterator[Value]:
    yield from group.readings("LaunchTemplate")
    yield from group.readings("LaunchConfigurationName")
    for mixed in group.readings(*_MIXED):
        yield within(mixed, "LaunchTemplateSpecification")
        overrides = within(mixed, "Overrides")
        for number in range(len(overrides) if isinstance(overrides, tuple) else 0):
            yield within(overrides, number, "LaunchTemplateSpecification")


def _profile(source: Resource) -> tuple[Value, ...]:
    if source.type == _CONFIGURATION:
        return source.readings("IamInstanceProfile")
    return source.readings("LaunchTemplateData", "IamInstanceProfile")


def _tags(source: Resource, spelled: Spelled) -> dict[str, str]:
    if source.type == _CONFIGURATION:
        return {}
    specifications = source.readings("LaunchTemplateData", "TagSpecifications")
    if len(specifications) != 1 or not isinstance(specifications[0], tuple):
        return {}
    of_instances = (
        within(each, "Tags")
        for each in specifications[0]
        if as_text(within(each, "ResourceType")).literal == "instance"
    )
    return {key: value for tags in of_instances for key, value in listed_tags((tags,), spelled).items()}
