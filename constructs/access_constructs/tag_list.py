"""Tags as CloudFormation takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    """List tags by key, in an order that does not depend on theirs; nothing where there are none."""
    return [{"key": key, "value": value} for key, value in sorted((tags or {}).items())] or None
