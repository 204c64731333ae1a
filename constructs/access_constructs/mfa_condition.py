"""A second factor as the condition of an Allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.refusal import refusal

if TYPE_CHECKING:
    from keywright.policy.statement import Conditions

LONGEST = 129_600
"""Seconds that a session of GetSessionToken may last ("GetSessionToken", AWS STS API Reference): no factor is older."""


def mfa_condition(within_seconds: int) -> Conditions:
    """Ask for a second factor used at most so many seconds ago.

    `Bool`, not `BoolIfExists`: with long-term keys the key is absent, and absent is not used ("AWS global condition
    context keys", IAM User Guide). Sessions of roles carry neither key, so this also keeps out role chaining.

    Raises:
        ValueError: Not a time that a factor's age can be.
    """
    if not 0 < within_seconds <= LONGEST:
        raise refusal(
            "a second factor is asked for within a time",
            found=f"`{within_seconds}` seconds",
            accepted=f"1 to {LONGEST}",
        )
    return {
        "Bool": {"aws:MultiFactorAuthPresent": ("true",)},
        "NumericLessThan": {"aws:MultiFactorAuthAge": (str(within_seconds),)},
    }
