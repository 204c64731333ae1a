"""Numbers that services give out once and never again."""

from __future__ import annotations

from typing import Annotated

from keywright.model.shape import Shape

Uuid = Annotated[
    str,
    Shape(
        "a UUID",
        "such as `1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50`, in small letters and without braces",
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    ),
]
