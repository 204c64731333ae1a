"""`size:` - how many instances an Auto Scaling group has."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.strict import Mistake, Strict

Count = Annotated[int, Field(ge=0, le=5_000)]


class GroupSize(Strict):
    """The fewest and the most instances, and how many there shall be now."""

    min: Count
    """The fewest instances; 0 lets the group be empty."""
    max: Count
    """The most instances."""
    desired: Count | None = None
    """How many there shall be after each deployment; without it, scaling decides and a deployment leaves it alone."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which number lies outside of the others."""
        if self.max < self.min:
            yield Mistake(
                "the group of {owner} has a `max` below its `min`",
                f"`{self.max}`",
                f"at least `{self.min}`",
                "max",
            )
        elif self.desired is not None and not self.min <= self.desired <= self.max:
            yield Mistake(
                "`desired` of {owner} lies outside of `min` and `max`",
                f"`{self.desired}`",
                f"`{self.min}` to `{self.max}`",
                "desired",
            )
