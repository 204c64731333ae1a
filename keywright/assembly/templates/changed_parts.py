"""The parts of two assemblies that a change can affect; the rest need not be analyzed again.

Users are left out, with all that is attached to them alone, if both sides declare them equally, nothing they refer to
has changed, and nothing that remains refers to them. Any analysis of single resources, identities and their policies
then gives the same differences as for the whole assemblies. Analyses that count, compare names or search paths
through an account need the whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.source import Source
from keywright.assembly.templates.value import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.sources.source import Node, Span, Step
    from keywright.assembly.templates.template import Assembly, Resource, Template
    from keywright.assembly.templates.value import Text
    from keywright.reporting.finding import Location

_USER, _GROUP, _ROLE = "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role"
_MANAGED = "AWS::IAM::ManagedPolicy"
_ATTACHED = {
    "AWS::IAM::UserPolicy": "UserName",
    "AWS::IAM::Policy": "Users",
    "AWS::IAM::UserToGroupAddition": "Users",
    "AWS::IAM::AccessKey": "UserName",
    "AWS::IAM::VirtualMFADevice": "Users",
    "AWS::SecretsManager::Secret": "",
}
"""Types that may be attached to users alone, with the property that names the users. Custom resources use `UserName`."""

_OF_GROUPS = {
    "AWS::IAM::GroupPolicy": "GroupName",
    "AWS::IAM::Policy": "Groups",
    "AWS::IAM::ManagedPolicy": "Groups",
}
_ATTACHING = ("Users", "UserName", "GroupName")
"""The properties by which a resource names what it is attached to."""

_WORD = re.compile(r"[A-Za-z0-9]+")
_SEPARATE = frozenset({"Resources", "Outputs", "Metadata", "Description"})
"""Sections that are compared member by member or not at all; a change in any other affects the whole template."""

Place = tuple[str, str]
"""A template (by its name on both sides) and a logical id in it."""


@dataclass(frozen=True)
class ChangedParts:
    """Both assemblies without the unaffected users; `left_out` is their number."""

    base: Assembly
    head: Assembly
    left_out: int


def changed_parts(base: Assembly, head: Assembly, roots: tuple[str, str] = ("", "")) -> ChangedParts:
    """Leave out what no change affects. `roots` are the prefixes of each side's template names."""
    was, now = _Side(base, roots[0]), _Side(head, roots[1])
    # What a template without a parent is passed comes from another one beside it.
    if any(each.passed_beside for side in (base, head) for each in side.templates):
        return ChangedParts(base, head, 0)
    # Two templates of one name cannot be paired, so nothing is left out.
    if len(was.templates) < len(base.templates) or len(now.templates) < len(head.templates):
        return ChangedParts(base, head, 0)
    left = _Reached(was, now).left_out()
    users = sum(now.resources[each].type == _USER for each in left)
    return ChangedParts(_without(was, left), _without(now, left), users)


def _without(side: _Side, left: frozenset[Place]) -> Assembly:
    parts = []
    for name, template in side.templates.items():
        resources = template.section("Resources")
        kept = {key: node for key, node in resources.items() if (name, key) not in left}
        same = len(kept) == len(resources)
        parts.append(template if same else replace(template, source=_Part(template.source, kept)))
    return replace(side.assembly, templates=tuple(parts))


class _Part(Source):
    """A file without some of its resources; locations are unchanged."""

    def __init__(self, whole: Source, resources: dict[str, Node]) -> None:
        assert isinstance(whole.tree, dict)
        self._whole = whole
        self.file, self.size, self.characters = whole.file, whole.size, whole.characters
        self.tree = {**whole.tree, "Resources": resources}

    def locate(self, *path: Step) -> Location:
        return self._whole.locate(*path)

    def span(self, *path: Step) -> Span | None:
        return self._whole.span(*path)


@dataclass(frozen=True)
class _Side:
    """One assembly, with names of templates and resources that do not depend on its folder."""

    assembly: Assembly
    root: str = ""

    @cached_property
    def templates(self) -> Mapping[str, Template]:
        return {each.id.removeprefix(self.root).removeprefix("/"): each for each in self.assembly.templates}

    @cached_property
    def resources(self) -> Mapping[Place, Resource]:
        return {
            (name, each.logical_id): each
            for name, template in self.templates.items()
            for each in template.resources.values()
        }


@dataclass
class _Reached:
    """Finds what a change affects in two assemblies."""

    was: _Side
    now: _Side
    _links: dict[Place, set[Place]] = field(default_factory=dict)

    def left_out(self) -> frozenset[Place]:
        """Give what no change affects and nothing remaining refers to."""
        changed = self._changed()
        leavable = {
            place
            for place, resource in self.now.resources.items()
            if place not in changed and _is_removable(resource)
        }
        if not leavable or self._trust_changed(changed):
            return frozenset()
        users = self._users(leavable)
        kept = {*self._with_changed_policies(changed, leavable), *self._named_by_others(leavable, users)}
        self._link(leavable, users)
        return frozenset(leavable - self._linked(kept))

    def _trust_changed(self, changed: set[Place]) -> bool:
        """Tell whether a role changed that identities can assume: which of them can is a question about all of them."""
        found = (side.resources.get(place) for side in (self.was, self.now) for place in changed)
        return any(each is not None and each.type == _ROLE and _trusts_identities(each) for each in found)

    # Changes

    def _changed(self) -> set[Place]:
        """Give what is written differently, and transitively what refers to it."""
        found = {
            place for name in {*self.was.templates, *self.now.templates} for place in self._rewritten(name)
        }
        queue = list(found)
        while queue:
            for place in self._mentioned_by.get(queue.pop(), ()):
                if place not in found:
                    found.add(place)
                    queue.append(place)
        return found

    def _rewritten(self, name: str) -> Iterator[Place]:
        """Give the changed resources of a template; all of them if a shared section changed."""
        old, new = self.was.templates.get(name), self.now.templates.get(name)
        if old is None or new is None or _shared_parts(old) != _shared_parts(new):
            for each in filter(None, (old, new)):
                yield from ((name, key) for key in each.section("Resources"))
            return
        one, other = old.section("Resources"), new.section("Resources")
        yield from ((name, key) for key in {**one, **other} if one.get(key, ABSENT) != other.get(key, ABSENT))
        for key, resource in new.resources.items():
            beside = old.resources.get(key)
            # Findings and exceptions contain the construct path.
            if beside is not None and beside.construct_path != resource.construct_path:
                yield name, key
            # Another template may have changed the value that is imported.
            if not self._is_unchanged and _takes_from_elsewhere(resource):
                yield name, key

    @cached_property
    def _is_unchanged(self) -> bool:
        trees = ([each.source.tree for each in side.templates.values()] for side in (self.was, self.now))
        return next(trees) == next(trees)

    @cached_property
    def _mentions(self) -> Mapping[Place, set[Place]]:
        """Give what the head's resources refer to in their template, or seem to."""
        return {
            # Every word counts as a reference: one too many only analyzes more.
            place: {(place[0], word) for word in words_in(resource.raw)}
            for place, resource in self.now.resources.items()
        }

    @cached_property
    def _mentioned_by(self) -> Mapping[Place, list[Place]]:
        found: dict[Place, list[Place]] = {}
        for place, mentioned in self._mentions.items():
            for each in mentioned:
                found.setdefault(each, []).append(place)
        return found

    # Unchanged users with changed policies

    def _users(self, leavable: set[Place]) -> dict[Text, list[Place]]:
        found: dict[Text, list[Place]] = {}
        for place in leavable:
            resource = self.now.resources[place]
            if resource.type == _USER:
                found.setdefault(resource.name, []).append(place)
        return found

    def _with_changed_policies(self, changed: set[Place], leavable: set[Place]) -> Iterator[Place]:
        """Give the users of changed groups and policies, what names them, and of each policy the first user."""
        resources = [
            side.resources[place]
            for side in (self.was, self.now)
            for place in changed
            if place in side.resources
        ]
        names, policies = _affected(resources, self.now.assembly.of_type(_GROUP))
        seen: dict[str, set[Text]] = {"ManagedPolicyArns": set(), "PermissionsBoundary": set()}
        for place in sorted(leavable):
            user = self.now.resources[place]
            if user.type != _USER:
                continue
            attached = {name: set(user.texts(name)) for name in seen}
            # The first user of each policy remains, so that every attached policy is still analyzed once.
            is_first = any(attached[name] - seen[name] for name in seen)
            if (
                is_first
                or any(_policy_name(each) in policies for several in attached.values() for each in several)
                or {*user.texts("Groups"), user.name} & names
            ):
                yield place
            for name, several in attached.items():
                seen[name] |= several
        for place in leavable:
            if any(each in names for name in _ATTACHING for each in self.now.resources[place].texts(name)):
                yield place

    def _named_by_others(self, leavable: set[Place], users: Mapping[Text, list[Place]]) -> Iterator[Place]:
        """Give what a remaining resource or an output names."""
        for side in (self.was, self.now):
            for name, template in side.templates.items():
                yield from ((name, word) for word in words_in(template.section("Outputs")))
            for place, resource in side.resources.items():
                if place not in leavable:
                    yield from ((place[0], word) for word in words_in(resource.raw))
                    for each in (*resource.texts("Users"), *resource.texts("UserName")):
                        yield from users.get(each, ())

    # Links between removable resources

    def _link(self, leavable: set[Place], users: Mapping[Text, list[Place]]) -> None:
        """Link removable resources that mention each other or name the same users."""
        for place in leavable:
            resource = self.now.resources[place]
            others = {each for each in self._mentions[place] if each in leavable}
            others |= set(users.get(resource.name, ())) if resource.type == _USER else set()
            if resource.type != _USER:
                for user in resource.texts(_ATTACHED.get(resource.type, "UserName")):
                    others |= set(users.get(user, ()))
            for other in others - {place}:
                self._links.setdefault(place, set()).add(other)
                self._links.setdefault(other, set()).add(place)

    def _linked(self, kept: set[Place]) -> set[Place]:
        found, queue = set(kept), list(kept)
        while queue:
            for place in self._links.get(queue.pop(), ()):
                if place not in found:
                    found.add(place)
                    queue.append(place)
        return found


def _is_removable(resource: Resource) -> bool:
    if resource.type == _USER or resource.type.startswith("Custom::"):
        return True
    properties = resource.raw.get("Properties")
    return resource.type in _ATTACHED and not (
        resource.type == "AWS::IAM::Policy"
        and isinstance(properties, dict)
        and not properties.keys().isdisjoint({"Groups", "Roles"})
    )


def _trusts_identities(role: Resource) -> bool:
    """Tell whether a role's trust policy names more than services and identity providers, or is not fully written out."""
    properties = role.raw.get("Properties")
    trust = properties.get("AssumeRolePolicyDocument") if isinstance(properties, dict) else None
    text = written(trust)
    signs = ('"AWS"', '"*"', "NotPrincipal", '"Ref"', "Fn::")
    return not isinstance(trust, dict) or any(each in text for each in signs)


def _shared_parts(template: Template | None) -> Any:
    """Give what affects all of a template: its environment, parameters, conditions and parent."""
    if template is None:
        return None
    tree = template.source.tree
    sections = (
        {key: node for key, node in tree.items() if key not in _SEPARATE} if isinstance(tree, dict) else tree
    )
    above = template.parent and (_shared_parts(template.parent), template.parent.source.tree)
    return template.account, template.region, template.stack, sections, above


def _takes_from_elsewhere(resource: Resource) -> bool:
    """Tell whether a resource depends on other templates."""
    return resource.type == "AWS::CloudFormation::Stack" or "ImportValue" in written(resource.raw)


def written(node: Any) -> str:
    """Give a value as JSON."""
    return json.dumps(node, ensure_ascii=False, default=str)


def words_in(node: Any) -> set[str]:
    """Give every word in a node that may be a reference; none if it has no references."""
    characters = written(node)
    if '"Ref"' not in characters and '"Fn::' not in characters:
        return set()
    return {*_WORD.findall(characters), *_targets(node)}


def _targets(node: Any) -> Iterator[str]:
    """Give what references name: an address of Terraform is several words."""
    if isinstance(node, dict):
        for key, each in node.items():
            name = each[0] if key == "Fn::GetAtt" and isinstance(each, list) and each else each
            if key in ("Ref", "Fn::GetAtt") and isinstance(name, str):
                yield name
            yield from _targets(each)
    elif isinstance(node, list):
        for each in node:
            yield from _targets(each)


def _policy_name(arn: Text) -> Text | str:
    """Give what follows `:policy/` in an ARN: a template that states no account has another prefix than a literal ARN."""
    return arn.suffix.partition(":policy/")[2] or arn


def _affected(changed: Iterable[Resource], groups: Iterable[Resource]) -> tuple[set[Text], set[Text | str]]:
    """Give the names of changed groups and users, of those with changed policies, and the names of changed policies."""
    names: set[Text] = set()
    policies: set[Text | str] = set()
    for each in changed:
        if each.type in {_GROUP, _USER}:
            names.add(each.name)
        if each.type == _MANAGED and each.arn is not None:
            policies.add(_policy_name(each.arn))
        for name in ("Users", "UserName", _OF_GROUPS.get(each.type, "")):
            names |= set(each.texts(name))
    for group in groups:
        if policies & set(map(_policy_name, group.texts("ManagedPolicyArns"))):
            names.add(group.name)
    return names, policies
