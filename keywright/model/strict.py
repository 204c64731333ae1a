"""What every declared thing has in common: unknown keys are mistakes, values never change once read."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Strict(BaseModel):
    """A declared thing; refuses unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


IAM_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")

IdentityName = Annotated[str, StringConstraints(pattern=rf"^{IAM_NAME.pattern}$")]
"""A user's, group's or role's name (IAM: letters, digits and `+=,.@_-`, 1 to 64 characters)."""

DeclaredName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A bucket's, workload's or provider's name: lower case, digits, hyphens, 1 to 40 characters."""

AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]

Reason = Annotated[str, StringConstraints(min_length=10, max_length=500, strip_whitespace=True)]
"""Why an exception to good practice is made; a sentence for the reviewer."""

Day = Annotated[date, Field(strict=False)]
"""A date `YYYY-MM-DD`; as an end it is the last day on which the thing holds, in UTC."""

Duration = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,4}[smhd]$")]
"""A length of time: a whole number and `s`, `m`, `h` or `d`, such as `1h`."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> int:
    """Count a duration's seconds."""
    return int(duration[:-1]) * _UNITS[duration[-1]]
