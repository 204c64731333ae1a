"""`always:` - what somebody must be able to do, whatever denies it."""

from __future__ import annotations

from keywright.model.invariant import Invariant


class Always(Invariant):
    """An invariant: each of those it names can do all of it, as itself or as one role that it can assume."""
