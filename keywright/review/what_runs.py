"""What acts by a role and is another than before: code, user data, layers, images, keys to an instance, what feeds a function.

It is no access by any policy, and is not judged: whoever has a say in it has the role's access. So it is told, by the names of
properties alone, for their values may hold secrets. Source: the CloudFormation template reference, type by type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.value import as_texts
from keywright.review.change import Fact, quoted
from keywright.review.fingerprint import as_written
from keywright.review.handed_roles import ELSEWHERE, LAUNCH, PROFILE, ROLE
from keywright.review.machines import MACHINES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Resource
    from keywright.review.side import Side

RUNS = "runs"
_BESIDE = {
    *("Description", "EphemeralStorage", "LoggingConfig", "MemorySize", "ReservedConcurrentExecutions"),
    *("TagSpecifications", "Tags", "Timeout", "TracingConfig"),
}
"""Properties that neither say what runs nor let anybody at it."""
_FEEDING: Mapping[str, str] = {
    "AWS::EC2::KeyPair": "who holds the key acts by the roles of its instances",
    "AWS::ECS::Service": "what it starts acts by the roles of its tasks",
    "AWS::Lambda::Alias": "another version may act by the function's role",
    "AWS::Lambda::EventSourceMapping": "what it reads decides what a function does by its role",
    "AWS::Lambda::LayerVersion": "functions that take it run it by their roles",
    "AWS::SSM::Association": "it runs on instances, by their roles",
    "AWS::SSM::Document": "where it is run, it acts by the roles of instances",
}
_NEWLY = {"AWS::Lambda::EventSourceMapping", "AWS::SSM::Association"}
"""Types that act on what is there as soon as they are there."""
_IMPLIED = {"AWS::Serverless::Function": "a role of its own"}


def what_runs(base: Side, head: Side) -> Iterator[Fact]:
    """Tell of each resource that acts by a role, or decides what does, and is another than it was."""
    was = {base.place(each): each for each in base.assembly.resources}
    for resource in head.assembly.resources:
        if resource.type.startswith(ELSEWHERE) or resource.type in MACHINES:
            continue
        before = was.get(head.place(resource))
        because = _FEEDING.get(resource.type, "")
        if before is None or before.type != resource.type:
            if resource.type in _NEWLY:
                yield Fact(RUNS, resource.title, f"is new: {because}; not judged", resource.location)
            continue
        changed = list(_changed(before, resource))
        acting = because or (_acting(resource, head) if changed else "")
        if changed and acting:
            says = f"changed {', '.join(map(quoted, changed))}: {acting}; not judged"
            yield Fact(RUNS, resource.title, says, _place(resource, changed[0]))


def _place(resource: Resource, changed: str) -> Any:
    key = changed.partition(".")[0]
    return resource.locate("Properties", key) if key in resource.properties else resource.location


# What changed


def _changed(was: Resource, now: Resource) -> Iterator[str]:
    """Name the properties that are written otherwise, or hang on parameters, mappings or conditions that are."""
    before, after = _properties(was), _properties(now)
    if before == after and _beside(was) == _beside(now):
        return
    for key in dict.fromkeys((*after, *before)):
        if key not in _BESIDE and not (ROLE.fullmatch(key) or PROFILE.fullmatch(key)):
            for name, one, other in _parts(key, before.get(key), after.get(key)):
                if as_written(one, was.template) != as_written(other, now.template):
                    yield name


def _parts(key: str, was: Node, now: Node) -> Iterator[tuple[str, Node, Node]]:
    """Go one step further down where both sides hold more than one thing."""
    if not (_is_plain(was) and _is_plain(now)):
        yield key, was, now
        return
    assert isinstance(was, dict)
    assert isinstance(now, dict)
    for name in dict.fromkeys((*now, *was)):
        if name not in _BESIDE and not PROFILE.fullmatch(name):
            yield f"{key}.{name}", was.get(name), now.get(name)


def _is_plain(node: Node) -> bool:
    return isinstance(node, dict) and bool(node) and not any(key == "Ref" or "::" in key for key in node)


def _properties(resource: Resource) -> Mapping[str, Node]:
    found = resource.raw.get("Properties")
    return found if isinstance(found, dict) else {}


def _beside(resource: Resource) -> list[Any]:
    """Give what may decide of properties beside their text."""
    template = resource.template
    sections = [template.section(each) for each in ("Parameters", "Mappings", "Conditions")]
    return [*sections, [(name, as_written(*each)) for name, each in template.given.items()]]


# By which role


def _acting(resource: Resource, side: Side) -> str:
    """Say by which role a resource acts; empty where it names none."""
    roles = dict.fromkeys(_roles(resource, side))
    if roles:
        return f"it acts by {', '.join(roles)}"
    return f"it acts by {_IMPLIED[resource.type]}" if resource.type in _IMPLIED else ""


def _roles(resource: Resource, side: Side) -> Iterator[str]:
    for key, node in _named_in(resource.raw.get("Properties")):
        if LAUNCH.fullmatch(key):
            yield "the role of its launch template"
        elif ROLE.fullmatch(key) and key in resource.properties:
            texts = (side.text(text) for each in resource.readings(key) for text in as_texts(each))
            yield from (quoted(side.names.get(text, text)) for text in texts if text)
        elif ROLE.fullmatch(key) and node:
            yield "the role that it names"
        elif PROFILE.fullmatch(key):
            yield "the role of its instance profile"


def _named_in(node: Any) -> Iterator[tuple[str, Any]]:
    """Give every key below a node with what it holds, but for policy documents."""
    queue = [node]
    while queue:
        each = queue.pop()
        if isinstance(each, dict) and "Statement" not in each:
            yield from each.items()
            queue.extend(each.values())
        elif isinstance(each, list):
            queue.extend(each)
