"""Lengths of time, as people write them."""

from __future__ import annotations

from typing import Annotated

from keywright.model.shape import Shape

Duration = Annotated[
    str,
    Shape(
        "a length of time",
        "a whole number and `s`, `m`, `h` or `d`, such as `1h`",
        pattern=r"^[1-9][0-9]{0,5}[smhd]$",
    ),
]
"""A length of time: a whole number and `s`, `m`, `h` or `d`, such as `1h`."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> int:
    """Count a duration's seconds."""
    return int(duration[:-1]) * _UNITS[duration[-1]]
