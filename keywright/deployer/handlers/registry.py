"""The CloudFormation registry's resource types: the permissions that each handler needs, and the identifying property.

The data file starts with a JSON line about its source, followed by all types, compressed. It is read at first use and made
by `keywright.deployer.handlers.registry_pack`.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).with_name("registry.data")
HANDLERS = ("create", "read", "update", "delete")
"""What an operation on a stack calls; `list`, the fifth of the registry's, serves the import of what exists."""


@dataclass(frozen=True)
class ResourceType:
    """A resource type: its handlers' permissions as the registry spells them, and its identifying property.

    `named_by` is empty if AWS generates the identifier, or if several properties form it.
    """

    name: str
    permissions: Mapping[str, tuple[str, ...]]
    named_by: str = ""


@cache
def _header() -> tuple[int, dict[str, Any]]:
    with DATA.open("rb") as file:
        # The header is not compressed: the source can be printed without unpacking all types.
        line = file.readline()
    return len(line), json.loads(line)


@cache
def _content() -> dict[str, Any]:
    start, _ = _header()
    content: dict[str, Any] = json.loads(lzma.decompress(DATA.read_bytes()[start:]))
    return content


def resource_type(name: str) -> ResourceType | None:
    """Find a type; None if the registry does not list it, or lists no handlers for it."""
    found = _content()["types"].get(name)
    if found is None:
        return None
    named_by, handlers = found
    iam_action = _content()["permissions"]
    return ResourceType(
        name,
        {each: tuple(iam_action[number] for number in numbers) for each, numbers in handlers.items()},
        named_by,
    )


def types_with_handlers() -> tuple[str, ...]:
    """Name every type whose handlers are known."""
    return tuple(_content()["types"])


def source() -> str:
    """Give the source and date of this copy of the registry."""
    header = _header()[1]
    return f"{header['source']}, {header['date']}"
