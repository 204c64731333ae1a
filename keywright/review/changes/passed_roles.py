"""Roles that resources of any type pass to services, and changes of the code that runs with roles.

`identity_settings` reports the uses of roles that the assembly resolves. This module reports the rest: any property that
names a role, or an instance profile that the templates do not define; and instances of a launch template that they do not define.
Sources: a role is passed with `iam:PassRole` ("Granting a user permissions to pass a role to an AWS service", IAM User
Guide); the CloudFormation template reference for the names of such properties.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.execution_roles import ROLE_PROPERTIES
from keywright.assembly.templates.value import Alternatives, Text, Unknown, as_text, as_texts, possible_values
from keywright.review.changes.resource_types import resource_types
from keywright.review.changes.workload_identities import WORKLOAD_TYPES
from keywright.review.comparison.fingerprint import text_fingerprint
from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value
    from keywright.reporting.finding import Location
    from keywright.review.comparison.snapshot import Snapshot


ROLE = re.compile(r".*Roles?(Arns?|Name|Id)?", re.IGNORECASE)
PROFILE = re.compile(r"(Iam)?InstanceProfile(Name|Arn)?", re.IGNORECASE)
LAUNCH = re.compile(r"LaunchTemplate(Id|Name)|LaunchConfigurationName")
_DEFINING_TYPES = {
    PROFILE: ("AWS::IAM::InstanceProfile",),
    LAUNCH: ("AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
}
_INSTANCES = ("AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup")
_RESOLVED_TYPES = {
    PROFILE: ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"),
    LAUNCH: _INSTANCES,
}
"""Types whose roles `identity_settings` reports, if the templates define the profile or launch template."""
REPORTED_ELSEWHERE = ("AWS::IAM::", "AWS::RolesAnywhere::", "AWS::SSO::")
_PROFILE_KEYS = {"Name", "Arn"}


def passed_role_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield each role that a resource newly passes, or no longer passes."""
    yield from _version_changes(base, head)
    was, now = dict(_passed_roles(base)), dict(_passed_roles(head))
    for pair, (says, place) in now.items():
        if pair not in was:
            yield Fact("carrier", pair[0], says, place, widens=True)
    for pair, (says, place) in was.items():
        if pair not in now:
            yield Fact("carrier", pair[0], f"no longer {says}", place, narrows=True)


def _passed_roles(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], tuple[str, Location]]]:
    finder = _PassedRoleFinder(snapshot)
    for resource in snapshot.assembly.resources:
        if resource.type.startswith(REPORTED_ELSEWHERE) or resource.type in WORKLOAD_TYPES:
            continue
        template = snapshot.template_id(resource.template.id)
        for key in resource.properties:
            for says in finder.find(resource.type, key, resource.properties[key]):
                yield (resource.title, f"{template} {says}"), (says, resource.locate("Properties", key))


class _PassedRoleFinder:
    """Finds the passed roles of one snapshot, with its instance profiles and launch templates."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._side = snapshot
        self._known = {
            kind: {
                snapshot.text(text) for each in snapshot.assembly.of_type(*types) for text in _names_of(each)
            }
            for kind, types in _DEFINING_TYPES.items()
        }

    def find(self, type_: str, key: str, value: Value) -> Iterator[str]:
        """Yield messages for the roles that a property, or anything nested in it, passes.

        Policy documents are skipped: they name roles for other reasons.
        """
        match value:
            case Alternatives():
                for each in value.values:
                    yield from self.find(type_, key, each)
            case tuple():
                for each in value:
                    yield from self.find(type_, key, each)
            case Mapping() if "Statement" not in value:
                for name, each in value.items():
                    is_profile = name in _PROFILE_KEYS and PROFILE.fullmatch(key)
                    yield from self.find(type_, key if is_profile else name, each)
            case Text() | Unknown() if key != ROLE_PROPERTIES.get(type_, ""):
                yield from self._messages(type_, key, self._side.text(as_text(value)))

    def _messages(self, type_: str, key: str, named: str) -> Iterator[str]:
        if PROFILE.fullmatch(key):
            if named not in self._known[PROFILE]:
                yield f"acts as the role of the instance profile {quoted(named)}, which is not in the templates"
            elif type_ not in _RESOLVED_TYPES[PROFILE]:
                yield f"acts as the role of the instance profile {quoted(named)}"
        elif LAUNCH.fullmatch(key):
            if named not in self._known[LAUNCH]:
                yield f"starts instances from {quoted(named)}, whose role may be outside of the templates"
            elif type_ not in _RESOLVED_TYPES[LAUNCH]:
                yield f"starts instances from {quoted(named)}, with its role"
        elif ROLE.fullmatch(key) and named:
            yield f"passes {quoted(self._side.names.get(named, named))} to a service"


def _version_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Report another version of the same launch template: the templates do not show the contents of versions."""
    before: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for pair, each in _launch_template_versions(base):
        before.setdefault(pair, set()).add(each[:2])
    for pair, (named, version, place) in _launch_template_versions(head):
        known = before.get(pair, set())
        # A new launch template is reported by its name; only another version of a known one would go unseen.
        if (named, version) not in known and any(named == each for each, _ in known):
            says = f"starts instances from version {quoted(version)} of {quoted(named)}, which may have another role"
            yield Fact("carrier", pair[1], says, place, undecided=True)


def _launch_template_versions(
    snapshot: Snapshot,
) -> Iterator[tuple[tuple[str, str], tuple[str, str, Location]]]:
    """Yield the references to launch templates with versions, by resource."""
    for resource in snapshot.assembly.resources:
        pair = snapshot.template_id(resource.template.id), resource.title
        for key in resource.properties:
            for named, version in _version_references(resource.properties[key]):
                yield pair, (snapshot.text(named), snapshot.text(version), resource.locate("Properties", key))


def _version_references(value: Value) -> Iterator[tuple[Text, Text]]:
    match value:
        case Alternatives():
            for each in value.values:
                yield from _version_references(each)
        case tuple():
            for each in value:
                yield from _version_references(each)
        case Mapping():
            names = [each for key, each in value.items() if LAUNCH.fullmatch(key)]
            versions = possible_values(value["Version"]) if names and "Version" in value else ()
            yield from ((as_text(name), as_text(each)) for name in names for each in versions)
            for each in value.values():
                yield from _version_references(each)


def _names_of(holder: Resource) -> Iterator[Text]:
    yield holder.name
    if holder.arn is not None:
        yield holder.arn


RUNS = "runs"
_IRRELEVANT_PROPERTIES = {
    *("Description", "EphemeralStorage", "LoggingConfig", "MemorySize", "ReservedConcurrentExecutions"),
    *("TagSpecifications", "Tags", "Timeout", "TracingConfig"),
}
"""Properties that change neither the code nor who controls it."""
_ACTIVE_WHEN_NEW = {"AWS::Lambda::EventSourceMapping", "AWS::SSM::Association"}
"""Types that have an effect as soon as they exist."""


def code_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield each changed resource that runs with a role, or feeds code that does."""
    was = {base.place(each): each for each in base.assembly.resources}
    for resource in head.assembly.resources:
        if resource.type.startswith(REPORTED_ELSEWHERE) or resource.type in WORKLOAD_TYPES:
            continue
        before = was.get(head.place(resource))
        because = resource_types("code_inputs").get(resource.type, "")
        if before is None or before.type != resource.type:
            # A new function does nothing until it is called; these types take effect on existing code or
            # instances.
            if resource.type in _ACTIVE_WHEN_NEW:
                yield Fact(RUNS, resource.title, f"is new: {because}; not evaluated", resource.location)
            continue
        changed = list(_changed_properties(before, resource))
        role_message = because or (_role_message(resource, head) if changed else "")
        if changed and role_message:
            says = f"has changed {', '.join(map(quoted, changed))}: {role_message}; not evaluated"
            yield Fact(RUNS, resource.title, says, _place(resource, changed[0]))


def _place(resource: Resource, changed: str) -> Any:
    key = changed.partition(".")[0]
    return resource.locate("Properties", key) if key in resource.properties else resource.location


# What changed


def _changed_properties(was: Resource, now: Resource) -> Iterator[str]:
    """Yield the properties whose text, or whose parameters, mappings or conditions, changed."""
    before, after = _properties(was), _properties(now)
    # Most resources are equal as written, and fingerprints are expensive.
    if before == after and _indirect_inputs(was) == _indirect_inputs(now):
        return
    for key in dict.fromkeys((*after, *before)):
        if key not in _IRRELEVANT_PROPERTIES and not (ROLE.fullmatch(key) or PROFILE.fullmatch(key)):
            for name, one, other in _nested_properties(key, before.get(key), after.get(key)):
                if text_fingerprint(one, was.template) != text_fingerprint(other, now.template):
                    yield name


def _nested_properties(key: str, was: Node, now: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield nested properties if both sides have a mapping, else the property itself."""
    if not (_is_plain(was) and _is_plain(now)):
        yield key, was, now
        return
    assert isinstance(was, dict)
    assert isinstance(now, dict)
    for name in dict.fromkeys((*now, *was)):
        if name not in _IRRELEVANT_PROPERTIES and not PROFILE.fullmatch(name):
            yield f"{key}.{name}", was.get(name), now.get(name)


def _is_plain(node: Node) -> bool:
    return isinstance(node, dict) and bool(node) and not any(key == "Ref" or "::" in key for key in node)


def _properties(resource: Resource) -> Mapping[str, Node]:
    found = resource.raw.get("Properties")
    return found if isinstance(found, dict) else {}


def _indirect_inputs(resource: Resource) -> list[Any]:
    """Give the parts of the template that can change the value of a property."""
    template = resource.template
    sections = [template.section(each) for each in ("Parameters", "Mappings", "Conditions")]
    return [*sections, [(name, text_fingerprint(*each)) for name, each in template.parameter_values.items()]]


# By which role


def _role_message(resource: Resource, snapshot: Snapshot) -> str:
    """Describe the role that a resource runs with; empty if it names none."""
    roles = dict.fromkeys(_role_names(resource, snapshot))
    return f"it runs with {', '.join(roles)}" if roles else ""


def _role_names(resource: Resource, snapshot: Snapshot) -> Iterator[str]:
    for key, node in _all_keys(resource.raw.get("Properties")):
        if LAUNCH.fullmatch(key):
            yield "the role of its launch template"
        elif ROLE.fullmatch(key) and key in resource.properties:
            texts = (snapshot.text(text) for each in resource.possible_values(key) for text in as_texts(each))
            yield from (quoted(snapshot.names.get(text, text)) for text in texts if text)
        elif ROLE.fullmatch(key) and node:
            yield "the role that it names"
        elif PROFILE.fullmatch(key):
            yield "the role of its instance profile"


def _all_keys(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield every nested key with its value, without policy documents."""
    queue = [node]
    # A loop instead of recursion: a template of a pull request may be nested deeply.
    while queue:
        each = queue.pop()
        if isinstance(each, dict) and "Statement" not in each:
            yield from each.items()
            queue.extend(each.values())
        elif isinstance(each, list):
            queue.extend(each)
