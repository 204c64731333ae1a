"""The tables of `reference.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


def table(name: str) -> Any:
    """Return a table."""
    return _tables()[name]


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(Path(__file__).with_name("reference.json").read_bytes())
    return tables
