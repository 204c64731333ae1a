"""Changed tags that a policy has conditions on: whether access changes is undecided.

Tags without such a condition are ignored.
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
"""Precedes the tag's name in condition keys and policy variables: `aws:PrincipalTag/team`."""


def tag_changes(base: Snapshot, head: Snapshot, whole_assemblies: Iterable[Assembly]) -> Iterator[Fact]:
    """Yield every changed tag that some policy of the `whole_assemblies` has a condition on."""
    was = {base.place(each): each for each in base.assembly.resources}
    changed = [
        (each, sorted(_changed(was[head.place(each)], each)))
        for each in head.assembly.resources
        if head.place(each) in was
    ]
    if not any(names for _, names in changed):
        return
    # Condition keys are not case sensitive, so the whole text is compared in lower case.
    template_text = "\n".join(map(_template_text, whole_assemblies))
    for resource, names in changed:
        for name in names:
            if f"{_TAG_KEY}{name.lower()}" in template_text:
                says = f"{_tag_message(was[head.place(resource)], resource, name)}; a policy has a condition on this tag"
                yield Fact("tag", _name(resource), says, resource.location, undecided=True)


def _template_text(assembly: Assembly) -> str:
    return "\n".join(json.dumps(each.source.tree, default=str).lower() for each in assembly.templates)


def _name(resource: Resource) -> str:
    """Give the name of a user or role, and the title of any other resource."""
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
