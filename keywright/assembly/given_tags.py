"""The tags that a template gives a resource for certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from keywright.assembly.value import ABSENT, Text, as_text, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.assembly.template import Resource
    from keywright.assembly.value import Value

    Spelled = Callable[[Text], str]


def given_tags(resource: Resource, spelled: Spelled, *, propagated: bool = False) -> dict[str, str]:
    """Give the tags of a resource that are certain; of a group those that it hands on to its instances."""
    return listed_tags(resource.readings("Tags"), spelled, propagated=propagated)


def listed_tags(values: tuple[Value, ...], spelled: Spelled, *, propagated: bool = False) -> dict[str, str]:
    """Read a list of tags; nothing where it depends on the template's conditions."""
    if len(values) != 1 or not isinstance(values[0], tuple):
        return {}
    found: dict[str, str] = {}
    for tag in values[0]:
        key, value = within(tag, "Key"), within(tag, "Value")
        literal = as_text(key).literal if isinstance(key, Text) else None
        if literal is not None and isinstance(value, Text) and (not propagated or _is_propagated(tag)):
            found[literal] = spelled(value)
    return found


def _is_propagated(tag: Value) -> bool:
    value = within(tag, "PropagateAtLaunch") if isinstance(tag, Mapping) else ABSENT
    return as_text(value).literal == "true"
