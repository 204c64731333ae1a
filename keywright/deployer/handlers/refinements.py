"""Additions to the registry: `refinements.yaml`, read at first use."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from keywright.assembly.templates.value import ABSENT, Absent, Alternatives, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.template import Resource

_FILE = Path(__file__).with_name("refinements.yaml")


@cache
def _all() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content


def added_handlers(type_name: str) -> Mapping[str, tuple[str, ...]] | None:
    """Give the handlers of a type that the registry lists without handlers."""
    found = _all()["without_handlers"].get(type_name)
    return None if found is None else {name: tuple(permissions) for name, permissions in found.items()}


def types_without_registry_handlers() -> tuple[str, ...]:
    """Name the types with handlers in `refinements.yaml`."""
    return tuple(_all()["without_handlers"])


def is_needed(permission: str, resource: Resource) -> bool:
    """Tell whether a handler needs a permission for this resource: some are needed only with certain properties."""
    names = triggering_properties(permission, resource.type)
    return names is None or any(_is_written(resource, name) for name in names)


@cache
def triggering_properties(permission: str, type_name: str) -> tuple[str, ...] | None:
    """Give the properties that make a permission necessary; None if it is always necessary."""
    rules = [
        each["with"]
        for each in _all()["only"].get(type_name, ())
        if _is_among(permission, each["permissions"])
    ]
    return tuple(name for names in rules for name in names) if rules else None


def permissions_of_properties(resource: Resource) -> Iterator[str]:
    """Yield permissions that a resource's properties need beyond its handlers' lists."""
    for each in _all()["more"].get(resource.type, ()):
        if any(_is_written(resource, name) for name in each["with"]):
            yield from each["permissions"]


def iam_action(permission: str) -> str:
    """Give the IAM action for a call that the registry names by its API operation."""
    return str(_all()["iam_actions"].get(permission, permission))


def additional_resource_types(permission: str, type_name: str) -> frozenset[str]:
    """Give resource types that a call uses in addition to the required ones."""
    return frozenset(_all()["additional_types"].get(type_name, {}).get(permission, ()))


def referring_properties(type_name: str) -> Mapping[str, str]:
    """Give the properties that name another resource without its path, with that resource's type."""
    found: dict[str, str] = _all()["refers"].get(type_name, {})
    return found


def reserved_arn(permission: str, type_name: str) -> str:
    """Give the resource part of a reserved ARN under which a handler creates something in IAM; empty if there is none."""
    for each in _all()["reserved_arns"].get(type_name, ()):
        if _is_among(permission, each["permissions"]):
            return str(each["resource"])
    return ""


def is_beyond_boundaries(type_name: str) -> bool:
    """Tell whether a type gives access that no permissions boundary of the account limits."""
    return _is_among(type_name, [str(each) for each in _all()["beyond_boundaries"]])


def affects_other_resources(action: str) -> bool:
    """Tell whether an action, without a name of the assembly, affects resources of others."""
    return action in _all()["affecting_others"]


def linked_service(type_name: str) -> str:
    """Give the service whose service-linked role the handlers of a type may create; empty if unknown."""
    return str(_all()["linked"].get("::".join(type_name.split("::")[:2]), ""))


@dataclass(frozen=True)
class Naming:
    """How a type is named: the property, the prefix that its ARN omits, ARN suffixes, and the form of generated names."""

    property: str = ""
    prefix: str = ""
    suffixes: tuple[str, ...] = ("",)
    longest: int = 0
    lower: bool = False


def naming(type_name: str) -> Naming:
    """Give the naming of a type; most have the default."""
    found = dict(_all()["names"].get(type_name, {}))
    suffixes = tuple(found.pop("suffixes", ("",)))
    return Naming(suffixes=suffixes, **found)


def _is_among(permission: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(permission.lower(), each.lower()) for each in patterns)


def _is_written(resource: Resource, path: str) -> bool:
    """Tell whether a property is present in any outcome of the template's conditions."""
    first, *rest = path.split(".")
    value = resource.properties.get(first, ABSENT)
    each = value.values if isinstance(value, Alternatives) else (value,)
    # A property that may be present counts: a missing permission would stop a deployment halfway.
    return any(not isinstance(value_at(one, *rest), Absent) for one in each)
