"""An external ID as the condition of an Allow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from access_constructs.refusal import refusal

if TYPE_CHECKING:
    from keywright.policy.statement import Conditions

_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def external_id_condition(external_id: str) -> Conditions:
    """Ask for what software sends with `sts:AssumeRole`.

    Raises:
        ValueError: Nothing that STS takes.
    """
    if not _EXTERNAL_ID.fullmatch(external_id):
        raise refusal(
            "an external ID is malformed",
            found=f"{len(external_id)} characters",
            accepted="2 to 1,224 letters, digits and `_+=,.@:/-`",
        )
    return {"StringEquals": {"sts:ExternalId": (external_id,)}}
