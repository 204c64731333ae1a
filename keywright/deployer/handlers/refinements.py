"""What we add to the registry: `refinements.yaml`, read with the first question."""

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
    """Give a type's handlers where the registry has none."""
    found = _all()["without_handlers"].get(type_name)
    return None if found is None else {name: tuple(permissions) for name, permissions in found.items()}


def types_without_registry_handlers() -> tuple[str, ...]:
    """Name the types whose handlers stand here."""
    return tuple(_all()["without_handlers"])


def is_needed(permission: str, resource: Resource) -> bool:
    """Tell whether a resource has the property for whose sake alone its handler calls for a permission."""
    names = triggering_properties(permission, resource.type)
    return names is None or any(_is_written(resource, name) for name in names)


@cache
def triggering_properties(permission: str, type_name: str) -> tuple[str, ...] | None:
    """Name the properties any of which calls for a permission; None where it is called for anyhow."""
    rules = [
        each["with"]
        for each in _all()["only"].get(type_name, ())
        if _is_among(permission, each["permissions"])
    ]
    return tuple(name for names in rules for name in names) if rules else None


def permissions_of_properties(resource: Resource) -> Iterator[str]:
    """Yield what a resource's properties call for beside its handlers' lists."""
    for each in _all()["more"].get(resource.type, ()):
        if any(_is_written(resource, name) for name in each["with"]):
            yield from each["permissions"]


def iam_action(permission: str) -> str:
    """Give the action by which IAM knows a call that the registry names by its API."""
    return str(_all()["spelled"].get(permission, permission))


def additional_resource_types(permission: str, type_name: str) -> frozenset[str]:
    """Name the resource types that a call is about too, beside what it must be about."""
    return frozenset(_all()["also_on"].get(type_name, {}).get(permission, ()))


def referring_properties(type_name: str) -> Mapping[str, str]:
    """Give the properties that name another resource without its path, and of which type that is."""
    found: dict[str, str] = _all()["refers"].get(type_name, {})
    return found


def reserved_arn(permission: str, type_name: str) -> str:
    """Give the resource part of the ARN that AWS reserves for what a handler makes in IAM; empty where there is none."""
    for each in _all()["stands_at"].get(type_name, ()):
        if _is_among(permission, each["permissions"]):
            return str(each["resource"])
    return ""


def is_beyond_boundaries(type_name: str) -> bool:
    """Tell whether a type gives access that no permissions boundary of the account limits."""
    return _is_among(type_name, [str(each) for each in _all()["beyond_boundaries"]])


def affects_other_resources(action: str) -> bool:
    """Tell whether an action, where it takes no name of ours, gives power over what is somebody else's."""
    return action in _all()["reaching_others"]


def linked_service(type_name: str) -> str:
    """Name the service whose service-linked role a type's handlers may make; empty where that isn't known."""
    return str(_all()["linked"].get("::".join(type_name.split("::")[:2]), ""))


@dataclass(frozen=True)
class Naming:
    """How a type is named: the property, what its ARN leaves out of it, what follows in the ARN, what is made up."""

    property: str = ""
    prefix: str = ""
    suffixes: tuple[str, ...] = ("",)
    longest: int = 0
    lower: bool = False


def naming(type_name: str) -> Naming:
    """Say how a type is named; of most, nothing is to be said."""
    found = dict(_all()["names"].get(type_name, {}))
    suffixes = tuple(found.pop("suffixes", ("",)))
    return Naming(suffixes=suffixes, **found)


def _is_among(permission: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(permission.lower(), each.lower()) for each in patterns)


def _is_written(resource: Resource, path: str) -> bool:
    """Tell whether a property stands there, on any way in which the template's conditions turn out."""
    first, *rest = path.split(".")
    value = resource.properties.get(first, ABSENT)
    each = value.values if isinstance(value, Alternatives) else (value,)
    return any(not isinstance(value_at(one, *rest), Absent) for one in each)
