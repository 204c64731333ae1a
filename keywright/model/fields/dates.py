"""Days, durations, and the age of MFA."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import SHAPE, Shape

NOTICE = timedelta(days=14)
"""How long before its end a thing is reported."""

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CENTURY = range(2000, 2100)
"""Rejects years such as 9999: without an end, the key is left out."""


def _day(value: Any) -> date:
    day = _calendar_day(value)
    if day is not None and day.year in _CENTURY:
        return day
    words = {"what": "a day", "accepted": "a day before 2100 as YYYY-MM-DD, such as `2027-01-31`"}
    raise PydanticCustomError(SHAPE, "is not {what}; accepted: {accepted}", words)


def _calendar_day(value: Any) -> date | None:
    if isinstance(value, str) and _WRITTEN.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    # In Python every `datetime` is also a `date`.
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A date `YYYY-MM-DD`; an end is the last day, in UTC."""


def has_passed(until: date | None, today: date) -> bool:
    """Tell whether a last day is over."""
    return until is not None and until < today


Duration = Annotated[
    str,
    Shape(
        "a duration",
        "a whole number and `s`, `m`, `h` or `d`, such as `1h`",
        pattern=r"^[1-9][0-9]{0,5}[smhd]$",
    ),
]
"""A duration: a whole number and `s`, `m`, `h` or `d`, such as `1h`."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> int:
    """Count a duration's seconds."""
    return int(duration[:-1]) * _UNITS[duration[-1]]


_MFA_AGE = range(60, 129_601)


class MfaAge(Strict):
    """Requires MFA, and how recent."""

    within: Duration
    """The longest time since MFA was used, such as `1h`; at most 36 hours."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an age that is below a minute or above the longest session."""
        if seconds(self.within) not in _MFA_AGE:
            yield Mistake(
                "`within` of {owner} is out of range",
                f"`{self.within}`",
                "`1m` to `36h`, such as `1h`",
                "within",
            )
