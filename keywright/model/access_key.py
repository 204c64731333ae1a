"""`access_keys:` - the long-term keys of an application."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.day import Day
from keywright.model.strict import Strict

OVERLAP = timedelta(days=7)
"""How long an older key may stay active beside the newer one."""
OLDEST = timedelta(days=90)
"""The age at which an active key must be replaced (CIS AWS Foundations 5.0.0, 1.13)."""


class AccessKey(Strict):
    """One long-term key; its serial names it for ever, so rotating adds the next serial."""

    serial: Annotated[int, Field(ge=1, le=9999)]
    """The key's number; a newer key has a higher one."""
    issued: Day
    """The day it was first deployed; its age counts from here."""
    status: Literal["active", "inactive"] = "active"
    """Whether it works; an inactive one can still be brought back."""
