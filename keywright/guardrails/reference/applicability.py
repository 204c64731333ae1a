"""Whether the actions, resources and condition keys of a statement apply to each other.

Source: Service Authorization Reference: the resource types and condition keys of each action.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.guardrails.reference.tables import table
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import matching_actions, resource_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.assembly.templates.policy_documents import Texts
    from keywright.assembly.templates.value import Text
    from keywright.policy.reference.catalogue import Action, ResourceType

_VARIABLE = re.compile(r"\$\{[^}$]*\}")
_MAXIMUM_COMPARISON = 60_000
"""Limit of the product of two patterns' lengths; longer patterns are assumed to overlap."""


def actions_of(pattern: Text) -> tuple[Action, ...]:
    """Return the known actions that a pattern covers; none for an unknown pattern."""
    literal = pattern.literal
    if literal is None:
        return ()
    if "*" in literal or "?" in literal:
        return tuple(matching_actions(literal))
    found = catalogue.action(literal)
    return (found,) if found else ()


def resource_pattern(resource: Text) -> str:
    """Return a resource with a wildcard for each part that depends on the deployment or the request.

    The generated name of a bucket is one name without a slash.
    """
    is_bucket = resource.is_single and ":s3:::" in str(resource)
    shown = "".join(part if isinstance(part, str) else "x" if is_bucket else "*" for part in resource.parts)
    return _VARIABLE.sub("*", shown)


def applies_to_any(action: Action, resources: Iterable[str]) -> bool:
    """Return whether an action applies to some of the resources, as far as the reference has its types."""
    types = resource_types(action)
    if len(types) < len(action.resource_types) or not types:
        return True
    return any(_may_match(each, resource) for resource in resources for each in types)


def _may_match(kind: ResourceType, resource: str) -> bool:
    """Return whether a resource of a type may match a pattern.

    For most services the reference is too incomplete to compare ARNs field by field: AWS's own policies would fail.
    For Amazon S3 it is complete, and a bucket name, unlike most names, has no slash.
    """
    if kind.service != "s3":
        return may_overlap(resource, kind.arn_pattern)
    if kind.name == "bucket" and "/" in resource.rpartition(":")[2]:
        return False
    fields, others = resource.split(":", 5), kind.arn_pattern.split(":", 5)
    return (
        all(map(may_overlap, fields, others))
        if len(fields) == len(others)
        else may_overlap(resource, kind.arn_pattern)
    )


def needs_all_resources(action: Action, resources: Iterable[str]) -> bool:
    """Return whether an action supports no resource types, and none of the resources can mean all.

    Some services accept a wildcard of their own for such actions (`s3:ListAllMyBuckets` on `arn:aws:s3:::*`): only
    resources of other services, or without a wildcard, are certainly wrong; for EC2 all are.
    """
    if action.resource_types or action.service in _SESSION_SERVICES:
        return False
    return all(_never_applies(action, each) for each in resources)


def _never_applies(action: Action, resource: str) -> bool:
    fields = resource.split(":", 5)
    if len(fields) < 6 or "*" in fields[2]:  # noqa: PLR2004 - fields of an ARN
        return False
    return fields[2] != action.service or action.service == "ec2" or not set("*?") & set(fields[5])


@lru_cache(maxsize=4096)
def may_overlap(one: str, other: str) -> bool:
    """Return whether some text matches both patterns."""
    if len(one) * len(other) > _MAXIMUM_COMPARISON:
        return True
    # Sets of positions instead of backtracking, which would take exponential time on hostile patterns.
    reached = _past_wildcards(one, {0})
    for character in other:
        reached = _step(one, reached, character)
        if not reached:
            return False
    return len(one) in reached


def _step(pattern: str, places: set[int], character: str) -> set[int]:
    """Advance a set of positions in a pattern by one character of the other pattern, which may be a wildcard."""
    if character == "*":
        return set(range(min(places), len(pattern) + 1))
    after: set[int] = set()
    for place in places:
        if place < len(pattern):
            here = pattern[place]
            if here == "*":
                after.add(place)
            elif here in (character, "?") or character == "?":
                after.add(place + 1)
    return _past_wildcards(pattern, after)


def _past_wildcards(pattern: str, places: set[int]) -> set[int]:
    """Add the positions after a `*` that matches nothing more."""
    found = set(places)
    for place in places:
        at = place
        while at < len(pattern) and pattern[at] == "*":
            at += 1
            found.add(at)
    return found


_SESSION_SERVICES = frozenset({"ssmmessages", "ec2messages"})
"""Services that accept the ARNs of Systems Manager sessions, which the reference does not list."""

_INCOMPLETE_SERVICES = frozenset({"aws-marketplace"})
"""Services whose actions have more keys than the reference lists."""

_CREDENTIAL_KEYS = frozenset(table("condition_keys_of_credentials"))
"""Keys of a caller's credentials, which apply to every action."""


def lacks_key(key: str, actions: Iterable[Action]) -> bool:
    """Return whether a key (in lower case) belongs to the actions' service, but to none of these actions."""
    service = key.partition(":")[0]
    several = list(actions)
    if (
        key in _CREDENTIAL_KEYS
        or service in _INCOMPLETE_SERVICES
        or not several
        or any(each.service != service for each in several)
    ):
        return False
    return key_is_known(key, keys_of_service(service)) and not any(
        key_is_known(key, _keys_of(each)) for each in several
    )


def key_is_known(key: str, keys: Mapping[str, str]) -> bool:
    """Return whether a key is among others, some of which end in a variable part (`s3:ExistingObjectTag/<key>`)."""
    return key in keys or any(key.startswith(head) and key != head for head in _key_prefixes(tuple(keys)))


@lru_cache(maxsize=512)
def _key_prefixes(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(re.split(r"[$<]", key, maxsplit=1)[0] for key in keys if "$" in key or "<" in key)


@lru_cache(maxsize=2048)
def _keys_of(action: Action) -> Mapping[str, str]:
    own = (*action.condition_keys, *(key for each in resource_types(action) for key in each.condition_keys))
    return {key.lower(): key for key in own}


@lru_cache(maxsize=64)
def keys_of_service(service: str) -> Mapping[str, str]:
    """Return the condition keys of a service by their names in lower case."""
    return {key: written for each in catalogue.actions_of(service) for key, written in _keys_of(each).items()}


def resource_patterns(resources: Texts) -> list[str]:
    """Return the patterns of all resources."""
    return [resource_pattern(each) for each in resources]
