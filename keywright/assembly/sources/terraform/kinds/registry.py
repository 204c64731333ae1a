"""All tables as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.kinds import iam
from keywright.assembly.sources.terraform.kinds.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.sources.terraform.kinds.kind import Converted
    from keywright.assembly.sources.terraform.values import Attributes

KINDS: Mapping[str, Converted] = {**iam.KINDS}
ATTRIBUTES: Mapping[str, Attributes] = {
    name: each.attributes for name, each in KINDS.items() if isinstance(each, Kind)
}
