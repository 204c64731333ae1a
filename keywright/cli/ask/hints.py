"""What may be wrong with a question whose answer is no: an action that nobody knows, a resource it does not act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.arn import arn_pattern
from keywright.policy.matching.patterns import service_of
from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.reference.catalogue import Action, ResourceType


def hints(action: str, resource: str) -> Iterator[str]:
    """Say what AWS's Service Authorization Reference makes of it; it is asked all the same."""
    known = catalogue.action(action)
    if known is None:
        yield from _nearest(action)
    elif not known.resource_types:
        if resource != "*":
            yield f"`{known}` takes no resource; ask about `*`"
    elif resource != "*" and not _acts_on(known, resource):
        forms = ", ".join(
            f"`{each.arn_format}`" for each in sorted(catalogue.resource_types(known), key=_length)[:3]
        )
        yield f"`{known}` does not act on such a resource; it acts on {forms}"


def _length(each: ResourceType) -> int:
    return len(each.arn_format)


def _acts_on(known: Action, resource: str) -> bool:
    types = catalogue.resource_types(known)
    return not types or any(arn_pattern(each.arn_pattern, False).covers(resource) for each in types)  # noqa: FBT003 - no variables


def _nearest(action: str) -> Iterator[str]:
    from difflib import get_close_matches

    service = service_of(action)
    names = {str(each).lower(): str(each) for each in catalogue.actions_of(service)}
    services = {each: f"{each}:…" for each in catalogue.services()}
    found = (
        get_close_matches(action.lower(), names, n=3) if names else get_close_matches(service, services, n=3)
    )
    offered = ", ".join(f"`{(names or services)[each]}`" for each in found)
    yield f"AWS lists no action `{action}`" + (f"; nearest: {offered}" if offered else "")
