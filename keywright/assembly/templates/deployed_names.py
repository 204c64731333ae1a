"""What only a deployed stack knows of its template: the account and Region, and the names that CloudFormation generated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.templates.physical_names import PhysicalName

Place = tuple[str, str, str]
"""Region, stack name and logical id."""


@dataclass(frozen=True)
class DeployedNames:
    """Physical ids by Region, stack and logical id; `account`, `region` and `partition` are those of stacks that state none."""

    account: str = ""
    region: str = ""
    names: Mapping[Place, str] = field(default_factory=dict)
    partition: str = ""

    def physical_id(self, region: str, stack: str, logical_id: str) -> str:
        """Give the physical id of a resource; "" if it is not known."""
        return self.names.get((region or self.region, stack, logical_id), "") if self.names else ""

    def nested_stack(self, region: str, stack: str, logical_id: str) -> str:
        """Give the name of the stack that a resource nests: the physical id of a nested stack is its ARN."""
        parts = self.physical_id(region, stack, logical_id).split("/")
        return parts[1] if len(parts) > 1 else ""


NOT_DEPLOYED = DeployedNames()
"""Nothing is known beside the templates."""


def name_in(physical_id: str, known: PhysicalName | None) -> str:
    """Give the name within a physical id: some types have their ARN or a URL as physical id."""
    if known is None:
        return physical_id
    if not physical_id.startswith("arn:"):
        return physical_id.rpartition("/")[2] if physical_id.startswith("https://") else physical_id
    before = known.pieces[-3]
    # Between an IAM path and the name there is nothing in the form of the ARN.
    return physical_id.partition(before)[2] if before else physical_id.rpartition("/")[2]
