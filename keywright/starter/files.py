"""The files of a new repository, made from those in `repository/`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.starter.values import Values

REPOSITORY = Path(__file__).parent / "repository"
SCHEMA = "access.schema.json"
_PLACEHOLDER = re.compile(r"__([A-Z_]+?)__")
_LEFT_OUT = {"__pycache__"}
"""Python writes compiled modules beside the files where a package is installed."""


def files(values: Values) -> Mapping[str, bytes]:
    """Give the content of each file by its path, with the values in their places."""
    from keywright.model.schema import json_schema  # noqa: PLC0415 - loads all types of the declarations

    placeholders = values.placeholders()

    def value(found: re.Match[str]) -> str:
        return placeholders[found[1]]

    # One pass, so that a value which looks like a placeholder stays what it is.
    written = {
        path: _PLACEHOLDER.sub(value, (REPOSITORY / path).read_text(encoding="utf-8")).encode()
        for path in paths()
    }
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    return {**written, SCHEMA: f"{schema}\n".encode()}


def paths() -> list[str]:
    """List the files of the starter, relative to the new repository."""
    return sorted(
        file.relative_to(REPOSITORY).as_posix()
        for file in REPOSITORY.rglob("*")
        if file.is_file() and not _LEFT_OUT & set(file.parts)
    )
