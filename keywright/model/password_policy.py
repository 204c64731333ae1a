"""`password_policy:` - what a password of the account's users must be, and how long it stays good."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.name import Reason
from keywright.model.strict import Mistake, Strict

LENGTH = 14
"""The shortest password without a reason (CIS AWS Foundations 5.0.0, 1.7)."""
REMEMBERED = 24
"""How many former passwords stay barred without a reason; IAM knows no more (CIS AWS Foundations 5.0.0, 1.8)."""
AGE = 30
"""The fewest days after which a password must change without a reason: whoever must often, counts up."""


class PasswordPolicy(Strict):
    """The account's password policy; the defaults are those of CIS AWS Foundations and IAM's strictest classes.

    Setting it replaces all of its fields ("UpdateAccountPasswordPolicy", IAM API Reference), so all have a value. No
    password changes by the calendar unless one is said: NIST asks for a change only where a password may be known ("SP
    800-63B-4", 3.1.1.2), and neither for classes of characters where it is long.
    """

    minimum_length: Annotated[int, Field(ge=8, le=128)] = LENGTH
    """The fewest characters of a password; fewer than 14 need `because`."""
    remember: Annotated[int, Field(ge=1, le=REMEMBERED)] = REMEMBERED
    """How many earlier passwords may not come back; fewer than 24 need `because`."""
    maximum_age_days: Annotated[int, Field(ge=1, le=1095)] | None = None
    """After how many days a password must change; none means never, fewer than 30 need `because`."""
    hard_expiry: bool = False
    """Whether who misses that day is locked out until an administrator sets a new password; needs `because`."""
    change_own: bool = True
    """Whether every user of the account may change their own password; ours may in any case."""
    symbols: bool = True
    """Whether a password needs a symbol."""
    numbers: bool = True
    """Whether a password needs a digit."""
    uppercase: bool = True
    """Whether a password needs an upper-case letter."""
    lowercase: bool = True
    """Whether a password needs a lower-case letter."""
    because: Reason | None = None
    """Why it is weaker than CIS asks, or locks people out; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what needs a reason and has none, and what has no effect."""
        argued = list(self._argued())
        if self.because is None:
            yield from argued
        elif not argued:
            yield Mistake(
                "`because` of `password_policy` explains nothing",
                "a policy as strict as CIS asks, which locks nobody out",
                "no `because`",
                "because",
            )
        if self.hard_expiry and self.maximum_age_days is None:
            yield Mistake(
                "`hard_expiry` of `password_policy` never comes",
                "no `maximum_age_days`",
                "`maximum_age_days`, or no `hard_expiry`",
                "hard_expiry",
            )

    def _argued(self) -> Iterator[Mistake]:
        for key, least in (("minimum_length", LENGTH), ("remember", REMEMBERED), ("maximum_age_days", AGE)):
            value = getattr(self, key)
            if value is not None and value < least:
                yield Mistake(
                    f"`{key}` of `password_policy` is low, without a reason",
                    f"`{value}`",
                    f"at least {least}, or `because` with the reason",
                    key,
                )
        if self.hard_expiry:
            yield Mistake(
                "`hard_expiry` of `password_policy` locks out whoever misses a day, without a reason",
                "`hard_expiry: true`",
                "no `hard_expiry`, or `because` with the reason",
                "hard_expiry",
            )
