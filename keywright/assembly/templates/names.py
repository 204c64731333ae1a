"""The names and tags of resources: `user/alice`, `bucket/reports`, `workload/report-service`.

Our constructs encode declared names in logical ids, such as `User0alice` or `InstanceRole0reportX2dservice`. Other
resources have their physical name, or else their logical id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, Text, as_text, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value

    Spelled = Callable[[Text], str]

_ENCODED = re.compile(r"([A-Z][A-Za-z1-9]*)0((?:[A-WYZa-z0-9]|X[0-9a-f]{2})+)")
_CHARACTER = re.compile(r"X([0-9a-f]{2})")
_DECLARED = {
    "User": "user",
    "Application": "user",
    "Group": "group",
    "Role": "role",
    "InstanceRole": "workload",
    "Bucket": "bucket",
    "PermissionSet": "permissionset",
}
_PARTS = {"FirstPassword": "user", "FirstSignIn": "user", "Leaving": "user"}
"""Resources that belong to a user and have its name."""
_WORDS = {
    "AWS::IAM::User": "user",
    "AWS::IAM::Group": "group",
    "AWS::IAM::Role": "role",
    "AWS::IAM::ManagedPolicy": "policy",
    "AWS::S3::Bucket": "bucket",
    "AWS::SSO::PermissionSet": "permissionset",
}


def names_of(resource: Resource) -> tuple[str, ...]:
    """Give the names that a resource answers to, the best first."""
    word = _word(resource)
    physical = resource.name.literal
    found = [
        declared_name(resource.logical_id),
        f"{word}/{physical}" if physical else "",
        f"{word}/{resource.logical_id}",
        # The address of a resource of Terraform has its type already.
        "" if resource.template.source.is_stack else resource.logical_id,
    ]
    return tuple(dict.fromkeys(filter(None, found)))


def display_name(resource: Resource) -> str:
    """Give the best of these names."""
    declared = declared_name(resource.logical_id)
    return declared or f"{_word(resource)}/{resource.name.literal or resource.logical_id}"


def matching_names(resource: Resource, wanted: Collection[str]) -> tuple[str, ...]:
    """Give those of some names that a resource has; quick if it has none."""
    word, declared = _word(resource) + "/", declared_name(resource.logical_id)
    if not any(each in {declared, resource.logical_id} or each.startswith(word) for each in wanted):
        return ()
    return tuple(each for each in names_of(resource) if each in wanted)


def _word(resource: Resource) -> str:
    return _WORDS.get(resource.type, resource.type.rsplit("::", 1)[-1].lower())


def declared_name(logical_id: str) -> str:
    """Read the declared name off a logical id of our own constructs; "" from any other."""
    return _read(logical_id, _DECLARED)


def owner_name(logical_id: str) -> str:
    """Give the declared name of a resource or of its owner; "" for a foreign logical id."""
    return _read(logical_id, _DECLARED | _PARTS)


def _read(logical_id: str, kinds: Mapping[str, str]) -> str:
    encoded = _ENCODED.fullmatch(logical_id)
    if encoded is None or encoded[1] not in kinds:
        return ""
    name = _CHARACTER.sub(lambda found: chr(int(found[1], 16)), encoded[2])
    return f"{kinds[encoded[1]]}/{name}"


def certain_tags(resource: Resource, spelled: Spelled, *, propagated: bool = False) -> dict[str, str]:
    """Give the tags of a resource that are certain; of an Auto Scaling group those it propagates to its instances."""
    return tags_in(resource.possible_values("Tags"), spelled, propagated=propagated)


def tags_in(values: tuple[Value, ...], spelled: Spelled, *, propagated: bool = False) -> dict[str, str]:
    """Read a list of tags; empty if it depends on the template's conditions."""
    # An uncertain tag must not prove access, so none is reported then.
    if len(values) != 1 or not isinstance(values[0], tuple):
        return {}
    found: dict[str, str] = {}
    for tag in values[0]:
        key, value = value_at(tag, "Key"), value_at(tag, "Value")
        literal = as_text(key).literal if isinstance(key, Text) else None
        if literal is not None and isinstance(value, Text) and (not propagated or _is_propagated(tag)):
            found[literal] = spelled(value)
    return found


def _is_propagated(tag: Value) -> bool:
    value = value_at(tag, "PropagateAtLaunch") if isinstance(tag, Mapping) else ABSENT
    return as_text(value).literal == "true"
