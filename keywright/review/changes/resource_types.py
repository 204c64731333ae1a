"""Facts about resource types: `resource_types.yaml`, read at first use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("resource_types.yaml")


@cache
def resource_types(section: str) -> Any:
    """Give a section of the file."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - not needed to start

    return yaml.safe_load(_FILE.read_text("utf-8"))[section]
