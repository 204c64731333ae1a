"""An identity that no boundary holds, and the policy that allows everything, in each partition."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from keywright.reasoning.circumstances import BOUNDARY_OF_TARGET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.reasoning.abilities import Fixed


@cache
def widest(partition: str) -> str:
    """Give the policy that allows everything, which AWS has in each partition."""
    return f"arn:{partition}:iam::aws:policy/AdministratorAccess"


@cache
def unbounded(partition: str) -> Sequence[Fixed]:
    """Give an identity that no boundary holds: it has none, or one must be there and may be any, the widest too."""
    unknown = f"arn:{partition}:iam::000000000000:policy/of-which-nobody-speaks"
    boundaries = ((), (widest(partition),), (unknown,))
    return tuple(((BOUNDARY_OF_TARGET, each),) for each in boundaries)


def partition_of_arn(arn: str) -> str:
    """Give the partition of somebody's ARN; the commercial one where it names none that is known."""
    partition = arn.split(":", 2)[1] if arn.startswith("arn:") else ""
    return partition if partition.startswith("aws") else "aws"
