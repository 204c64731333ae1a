"""Names and ARNs that follow from a template alone, by resource type.

Source: the "Return values" of each type in the CloudFormation template reference, and "Actions, resources, and
condition keys" (Service Authorization Reference) for the forms of ARNs.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class PhysicalName:
    """How a type is named: the property that names it, its ARN, and what `Ref` and the ARN's attribute are.

    `arn` is a form whose fields are filled by the resolver: partition, region, account, path, name.
    """

    name: str
    arn: str
    ref_is_arn: bool = False
    ref_is_name: bool = True
    arn_attribute: str = "Arn"

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Give the literal texts of the format, with the field names between them."""
        return tuple(re.split(r"\{(\w+)\}", self.arn))


PHYSICAL_NAMES = {
    type_: PhysicalName(**entry)
    for type_, entry in json.loads(Path(__file__).with_name("physical_names.json").read_bytes()).items()
}
"""By CloudFormation type; the table is `physical_names.json`."""
