"""Branches and tags by their exact names."""

from __future__ import annotations

from typing import Annotated

from keywright.model.shape import Shape

GitName = Annotated[
    str,
    Shape(
        "a branch or tag",
        "its exact name, such as `main`, without `*`, `?`, `$`, and what git refuses",
        pattern=r"^[\x21-\x23\x25-\x29\x2b-\x39\x3b-\x3e\x40-\x5a\x5d\x5f-\x7d\xa1-\xff]+$",
        longest=255,
    ),
]
