"""Regions of AWS, as they are declared."""

from __future__ import annotations

from typing import Annotated

from keywright.model.shape import Shape

Region = Annotated[
    str, Shape("a region", "such as `eu-central-1`", pattern=r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", longest=30)
]
