"""Invariants by themselves, as a file beside anybody's templates holds them."""

from typing import Annotated

from pydantic import Field

from keywright.model.always import Always
from keywright.model.never import Never
from keywright.model.strict import Strict


class InvariantLists(Strict):
    """What is to hold of some templates."""

    never: Annotated[tuple[Never, ...], Field(max_length=1000)] = ()
    """What no principal may do."""
    always: Annotated[tuple[Always, ...], Field(max_length=1000)] = ()
    """What somebody must be able to do."""
