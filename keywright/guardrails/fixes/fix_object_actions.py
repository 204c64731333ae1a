"""Object actions on a bucket get its objects as a resource: in its place, or beside it for the bucket's own actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, value_of
from keywright.guardrails.reference.applicability import actions_of, applies_to_any, resource_patterns

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.value import Text
    from keywright.guardrails.fixes.changes import Path
    from keywright.guardrails.fixes.rewrite import Rewrite
    from keywright.guardrails.place import Place
    from keywright.guardrails.subjects.policies import AnyStatement
    from keywright.policy.reference.catalogue import Action
    from keywright.reporting.finding import Finding

CODES = ("POL008",)

_OBJECTS = "/*"


def fix(statement: AnyStatement, _finding: Finding) -> Proposal:
    """Name the objects of every bucket, if each action is about objects alone or about buckets alone."""
    written = statement.statement
    buckets, objects = (
        resource_patterns(written.resources),
        [f"{each}{_OBJECTS}" for each in resource_patterns(written.resources)],
    )
    if not buckets or not all(map(_is_bucket, buckets)):
        raise CannotRewriteError
    of_objects = [_is_of_objects(each, buckets, objects) for each in written.actions]
    if not any(of_objects):
        raise CannotRewriteError
    rewrite, place = rewrite_at(statement.place), statement.place.below("Resource")
    if all(of_objects):
        return Proposal("the resource becomes the bucket's objects, `/*`", _instead(rewrite, place))
    return Proposal("the bucket's objects, `/*`, come beside the bucket", _beside(rewrite, place))


def _is_bucket(pattern: str) -> bool:
    """Return whether a pattern is for buckets of Amazon S3, and matches no object."""
    name = pattern.rpartition(":")[2]
    return (
        pattern.startswith("arn:")
        and ":s3:::" in pattern
        and not set("/?") & set(name)
        and not name.endswith("*")
    )


def _is_of_objects(action: Text, buckets: list[str], objects: list[str]) -> bool:
    """Return whether an action is in vain on buckets; one that would reach more through the objects is not touched."""
    known = actions_of(action)
    if not known or any(each.service != "s3" for each in known):
        raise CannotRewriteError
    on_buckets, on_objects = (
        any(applies_to_any(each, these) for each in known) for these in (buckets, objects)
    )
    if on_buckets and (on_objects or not _take_resources(known)):
        raise CannotRewriteError
    return on_objects


def _take_resources(actions: tuple[Action, ...]) -> bool:
    return all(each.resource_types for each in actions)


def _instead(rewrite: Rewrite, place: Place) -> Rewrite:
    value, path = value_of(place), path_of(place)
    if not isinstance(value, list):
        return _with_its_objects(rewrite, path, value)
    for index, each in enumerate(value):
        rewrite = _with_its_objects(rewrite, (*path, index), each)
    return rewrite


def _with_its_objects(rewrite: Rewrite, path: Path, resource: Node) -> Rewrite:
    objects = _with_objects(resource)
    if isinstance(resource, dict) and "Fn::GetAtt" in resource:
        return rewrite.with_value(path, objects)
    return rewrite.with_suffix(path, _OBJECTS)


def _beside(rewrite: Rewrite, place: Place) -> Rewrite:
    value, path = value_of(place), path_of(place)
    if not isinstance(value, list):
        return rewrite.with_another(path, _with_objects(value))
    for index in reversed(range(len(value))):
        rewrite = rewrite.with_item((*path, index), _with_objects(value[index]))
    return rewrite


def _with_objects(resource: Node) -> Node:
    match resource:
        case str():
            return f"{resource}{_OBJECTS}"
        case {"Fn::Sub": str() as template, **rest} if not rest:
            return {"Fn::Sub": f"{template}{_OBJECTS}"}
        case {"Fn::GetAtt": [str() as name, "Arn"], **rest} if not rest:
            return {"Fn::Sub": f"${{{name}.Arn}}{_OBJECTS}"}
        case _:
            raise CannotRewriteError
