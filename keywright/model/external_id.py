"""What software of another account sends along when it assumes a role ("AssumeRole", AWS STS API Reference)."""

from __future__ import annotations

from typing import Annotated

from keywright.model.shape import Shape

ExternalId = Annotated[
    str,
    Shape(
        "an external id",
        "2 to 1224 letters, digits and `+=,.@:/_-`",
        pattern=r"^[A-Za-z0-9_+=,.@:/-]+$",
        shortest=2,
        longest=1224,
    ),
]
