"""What gains while somebody lets go of it waits: who leaves a group, or gives a shared policy back, never has what it gains.

A membership and a group's grants, an attachment and a policy's document, can't change at one moment, and what is shared comes
first. So where somebody lets go of what gains, the first pass leaves it as it was deployed; newcomers wait too, for it
may lose something as well, which they are never to have. The second pass is the assembly as it was synthesized.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.policy.reference.managed_policies import managed_policy_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Template = dict[str, Any]
Templates = dict[str, Template]
Thing = tuple[str, str]
"""What several hold: `group` or `policy`, and its name."""
Place = tuple[str, str]
"""A stack, and a logical id in it."""

_SHARED = {
    "AWS::IAM::Group": ("group", "GroupName"),
    "AWS::IAM::ManagedPolicy": ("policy", "ManagedPolicyName"),
}
_SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
_LISTS = {"Groups": "group", "ManagedPolicyArns": "policy"}


@dataclass(frozen=True)
class State:
    """The templates of all stacks at one time."""

    templates: Templates

    @cached_property
    def resources(self) -> Mapping[Place, dict[str, Any]]:
        """Every resource, by stack and logical id."""
        return {
            (stack, name): each
            for stack, template in self.templates.items()
            for name, each in template.get("Resources", {}).items()
        }

    @cached_property
    def things(self) -> Mapping[Thing, Place]:
        """Where each group and named policy stands."""
        return {
            (kind, str(properties_of(each)[key])): place
            for place, each in self.resources.items()
            for kind, key in [_SHARED.get(each.get("Type", ""), ("", ""))]
            if key in properties_of(each)
        }

    @cached_property
    def _named(self) -> Mapping[Place, Thing]:
        return {place: thing for thing, place in self.things.items()}

    def thing(self, stack: str, kind: str, written: Any) -> Thing | None:
        """Find what a list's item means: a reference within the stack, a group's name or a policy's ARN."""
        if isinstance(written, dict):
            return self._named.get((stack, str(written.get("Ref"))))
        thing = kind, str(written).rpartition("/")[2]
        return thing if thing in self.things else None

    @cached_property
    def held(self) -> Mapping[Place, frozenset[Thing]]:
        """What each resource holds, by its groups too; those that hold nothing are left out."""
        own = {
            place: frozenset(
                each for kind, written in _listed(resource) if (each := self.thing(place[0], kind, written))
            )
            for place, resource in self.resources.items()
        }
        by_groups = {
            place: things.union(*(own[self.things[each]] for each in things)) for place, things in own.items()
        }
        return {place: things for place, things in by_groups.items() if things}

    def parts(self, thing: Thing) -> frozenset[Place]:
        """Give the resources that say what a thing gives: itself, and policies of its own stack that it names."""
        stack, name = self.things[thing]
        named = properties_of(self.resources[stack, name]).get("ManagedPolicyArns", ())
        refs = [str(each["Ref"]) for each in named if isinstance(each, dict) and "Ref" in each]
        return frozenset({(stack, name), *((stack, ref) for ref in refs if (stack, ref) in self.resources)})

    def given(self, thing: Thing) -> frozenset[str]:
        """Give what the statements of a thing say, an action on a resource at a time, and what else it attaches."""
        found = [each for place in self.parts(thing) for each in _document(self.resources[place])]
        attached = (f"holds {written}" for _, written in _listed(self.resources[self.things[thing]]))
        return frozenset({*(one for each in found for one in _said(each)), *attached})

    def may_deny(self, thing: Thing) -> bool:
        """Tell whether a thing, or what it attaches, denies something, or is nobody's whose document is known."""
        place = self.things[thing]
        documents = [_document(self.resources[place])]
        for kind, written in _listed(self.resources[place]):
            held = self.thing(place[0], kind, written)
            known = self.resources[self.things[held]] if held else _of_aws(written)
            if known is None:
                return True
            documents.append(_document(known))
        return any(each.get("Effect") != "Allow" for statements in documents for each in statements)

    def roles_with(self, thing: Thing) -> tuple[Place, ...]:
        """Give the roles that hold a thing."""
        return tuple(
            place
            for place, things in self.held.items()
            if thing in things and self.resources[place].get("Type") == "AWS::IAM::Role"
        )

    def trusted(self, role: Place) -> frozenset[str]:
        """Give what a role's trust says; nothing where there is no such role."""
        document = properties_of(self.resources.get(role, {})).get("AssumeRolePolicyDocument", {})
        return frozenset(json.dumps(each, sort_keys=True) for each in document.get("Statement", ()))

    def bearers(self, thing: Thing) -> frozenset[Thing]:
        """Give the groups that hold a policy: who joins one comes to it."""
        return frozenset(each for each, place in self.things.items() if thing in self.held.get(place, ()))


def held_back(new: Templates, deployed: Templates) -> tuple[Templates, list[tuple[str, Thing]]]:
    """Give the templates of a first pass, and what waits in it, each with its stack; nothing waits: the templates as they are.

    What denies something, before or after, does not wait: who stays would be without the denial, or with it, out of turn;
    nor does what also loses something, where somebody newly comes to a role that holds it.
    """
    before, after = State(deployed), State(new)
    waiting = [each for each in sorted(before.things) if _waits(each, before, after)]
    if not waiting:
        return new, []
    kept = _with_what_they_name({place for thing in waiting for place in before.parts(thing)}, before, after)
    resources = {
        place: kept.get(place) or _without_newcomers(place, each, waiting, before, after)
        for place, each in after.resources.items()
    }
    kept = {place: _letting_go(place, each, waiting, before, after) for place, each in kept.items()}
    return _with(new, {**resources, **kept}), [(before.things[each][0], each) for each in waiting]


def _waits(thing: Thing, before: State, after: State) -> bool:
    if before.things.get(thing) != after.things.get(thing):
        return False
    had, has = before.given(thing), after.given(thing)
    if not has - had or _may_deny(thing, before) or _may_deny(thing, after):
        return False
    if had - has and _comes_by_a_role(thing, before, after):
        return False
    return _is_let_go(thing, before, after)


def _may_deny(thing: Thing, state: State) -> bool:
    return any(map(state.may_deny, (thing, *state.bearers(thing))))


def _comes_by_a_role(thing: Thing, before: State, after: State) -> bool:
    """Tell whether somebody may newly come to act as a role that holds a thing: in the first pass already."""
    return any(_trusts_more(place, before, after) for place in after.roles_with(thing)) or (
        bool(after.roles_with(thing)) and _is_left(after, before)
    )


def _loses_a_role(thing: Thing, before: State, after: State) -> bool:
    """Tell whether somebody may lose the way to a role that holds a thing, by its trust or by what they hold."""
    return any(_trusts_more(place, after, before) for place in before.roles_with(thing)) or (
        bool(before.roles_with(thing)) and _is_left(before, after)
    )


def _trusts_more(role: Place, before: State, after: State) -> bool:
    return bool(after.trusted(role) - before.trusted(role))


def _is_left(before: State, after: State) -> bool:
    """Tell whether any user holds something at one time that it does not at the other."""
    return any(
        things - after.held.get(place, frozenset())
        for place, things in before.held.items()
        if before.resources[place].get("Type") == "AWS::IAM::User"
    )


def _is_let_go(thing: Thing, before: State, after: State) -> bool:
    """Tell whether somebody holds a thing as it is deployed, or comes to it by a role, and is not to any more."""
    return _loses_a_role(thing, before, after) or any(
        thing in things and thing not in after.held.get(place, ()) for place, things in before.held.items()
    )


def _letting_go(
    place: Place, resource: dict[str, Any], waiting: list[Thing], before: State, after: State
) -> dict[str, Any]:
    """Take out of what waits itself the policies that wait too, and that it is to let go of."""
    properties = properties_of(resource)
    listed = properties.get("ManagedPolicyArns", ())
    kept = [
        each
        for each in listed
        if (thing := before.thing(place[0], "policy", each)) not in waiting
        or thing in after.held.get(place, ())
        or isinstance(each, dict)
    ]
    changed = {**resource, "Properties": {**properties, "ManagedPolicyArns": kept}}
    return changed if len(kept) < len(listed) else resource


def _without_newcomers(
    place: Place, resource: dict[str, Any], waiting: list[Thing], before: State, after: State
) -> dict[str, Any]:
    """Take out of a resource's lists what waits and it did not hold before."""
    properties = properties_of(resource)
    had = properties_of(before.resources.get(place, {}))
    late = {*waiting, *(group for each in waiting for group in after.bearers(each))}
    changed: dict[str, Any] = {}
    for key, kind in _LISTS.items():
        held = {before.thing(place[0], kind, each) for each in had.get(key, ())}
        listed = properties.get(key, ())
        kept = [
            each
            for each in listed
            if (thing := after.thing(place[0], kind, each)) not in late or thing in held
        ]
        if len(kept) < len(listed):
            changed[key] = kept
    return {**resource, "Properties": {**properties, **changed}} if changed else resource


def _with_what_they_name(places: set[Place], before: State, after: State) -> dict[Place, dict[str, Any]]:
    """Give resources as they were deployed, and those that are gone since and that they refer to."""
    kept: dict[Place, dict[str, Any]] = {}
    waiting = list(places)
    while waiting:
        stack, _ = place = waiting.pop()
        if place in before.resources and place not in kept:
            kept[place] = before.resources[place]
            named = ((stack, each) for each in named_in(kept[place]))
            waiting += [each for each in named if each not in after.resources]
    return kept


def named_in(value: Any) -> Iterator[str]:
    """Name the resources that a resource refers to or waits for."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("Ref", "DependsOn") and isinstance(part, str):
                yield part
            elif key == "DependsOn" and isinstance(part, list):
                yield from (each for each in part if isinstance(each, str))
            elif key == "Fn::GetAtt":
                yield part.partition(".")[0] if isinstance(part, str) else str(part[0])
            elif key == "Fn::Sub":
                yield from _SUBSTITUTED.findall(str(part[0] if isinstance(part, list) and part else part))
            yield from named_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from named_in(part)


def _with(templates: Templates, resources: Mapping[Place, dict[str, Any]]) -> Templates:
    return {
        stack: {
            **template,
            "Resources": {name: each for (of, name), each in resources.items() if of == stack},
        }
        for stack, template in templates.items()
    }


def properties_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Give a resource's properties; none where it has none."""
    found = resource.get("Properties", {})
    return found if isinstance(found, dict) else {}


def _listed(resource: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what a resource attaches, each with its kind."""
    properties = properties_of(resource)
    for key, kind in _LISTS.items():
        yield from ((kind, each) for each in properties.get(key, ()))


def _document(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the statements of a resource's policies."""
    properties = properties_of(resource)
    documents = [each.get("PolicyDocument", {}) for each in properties.get("Policies", ())]
    several = (each.get("Statement", ()) for each in (*documents, properties.get("PolicyDocument", {})))
    return [one for each in several for one in ([each] if isinstance(each, dict) else each)]


def _said(statement: dict[str, Any]) -> Iterator[str]:
    """Give a statement one action on one resource at a time, so that merging them changes nothing."""
    actions, resources = (_several(statement.get(key)) for key in ("Action", "Resource"))
    for action in actions:
        for resource in resources:
            alone = {**statement, "Sid": "", "Action": action, "Resource": resource}
            yield json.dumps(alone, sort_keys=True)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _of_aws(arn: Any) -> dict[str, Any] | None:
    """Give a managed policy of AWS's as a template would write it; none where it is not known."""
    found = managed_policy_document(str(arn))
    return None if found is None else {"Properties": {"PolicyDocument": found}}
