"""Tags by which policies decide: one that changes may let somebody in, which only a comparison of all requests could tell.

A tag that no policy of the templates asks for decides nothing here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.review.comparison.snapshot import Snapshot

_TAG_KEY = "tag/"
"""Ends what stands before a tag's name in a condition's key or a variable: `aws:PrincipalTag/team`."""


def tag_changes(base: Snapshot, head: Snapshot, whole_assemblies: Iterable[Assembly]) -> Iterator[Fact]:
    """Tell of every tag of what stands on both sides that changes, and that some policy of the `whole_assemblies` asks for."""
    was = {base.place(each): each for each in base.assembly.resources}
    changed = [
        (each, sorted(_changed(was[head.place(each)], each)))
        for each in head.assembly.resources
        if head.place(each) in was
    ]
    if not any(names for _, names in changed):
        return
    template_text = "\n".join(map(_template_text, whole_assemblies))
    for resource, names in changed:
        for name in names:
            if f"{_TAG_KEY}{name.lower()}" in template_text:
                says = f"{_tag_message(was[head.place(resource)], resource, name)}; a policy has a condition on this tag"
                yield Fact("tag", _name(resource), says, resource.location, undecided=True)


def _template_text(assembly: Assembly) -> str:
    return "\n".join(json.dumps(each.source.tree, default=str).lower() for each in assembly.templates)


def _name(resource: Resource) -> str:
    """Name a user or role as it is known, and anything else by its place."""
    kind = {"AWS::IAM::User": "user", "AWS::IAM::Role": "role"}.get(resource.type)
    name = resource.name.literal
    return f"{kind}/{name}" if kind and name else resource.title


def _tag_message(was: Resource, now: Resource, name: str) -> str:
    before, after = (_tags(each).get(name) for each in (was, now))
    if after is None:
        return f"no longer has the tag {quoted(name)}; before, it was {quoted(before)}"
    former = f"before, it was {quoted(before)}" if before is not None else "before, it had none"
    return f"has the tag {quoted(name)} = {quoted(after)}; {former}"


def _changed(was: Resource, now: Resource) -> set[str]:
    before, after = _tags(was), _tags(now)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _tags(resource: Resource) -> dict[str, str]:
    """Read tags as a list of keys with values, or as a mapping."""
    properties = resource.raw.get("Properties")
    given = properties.get("Tags") if isinstance(properties, dict) else None
    if isinstance(given, dict):
        return {str(name): json.dumps(value, sort_keys=True) for name, value in given.items()}
    found: dict[str, str] = {}
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict):
            found[str(each.get("Key"))] = json.dumps(each.get("Value"), sort_keys=True)
    return found
