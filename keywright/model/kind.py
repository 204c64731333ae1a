"""Things of several kinds that are told apart by which key they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright.model.strict import Strict

MARK = "\0"
"""Starts a kind's tag, so that no key of a YAML file is ever mistaken for one."""


def kind_tag(key: str) -> str:
    """Give the tag of the kind that has this key."""
    return MARK + key


def tag_of(value: Any, kinds: Mapping[str, type[Strict]]) -> str | None:
    """Tell the kind of a value; none when it has not exactly one of the kinds' keys."""
    if isinstance(value, Mapping):
        keys = [key for key in kinds if key in value]
    else:
        keys = [key for key, kind in kinds.items() if isinstance(value, kind)]
    return kind_tag(keys[0]) if len(keys) == 1 else None
