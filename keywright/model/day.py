"""Days: a review, the issue of a key, the last day on which something holds."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from keywright.model.shape import SHAPE

NOTICE = timedelta(days=14)
"""How long before its end a thing is announced."""

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CENTURY = range(2000, 2100)
"""An end in the year 9999 is none; whoever means that leaves the key out."""


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
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A date `YYYY-MM-DD`; as an end it is the last day on which the thing holds, in UTC."""


def has_passed(until: date | None, today: date) -> bool:
    """Tell whether a thing that holds until the end of a day holds no more."""
    return until is not None and until < today
