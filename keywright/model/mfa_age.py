"""`mfa: {within: 1h}` - how long ago the second factor may have been used."""

from collections.abc import Iterator

from keywright.model.duration import Duration, seconds
from keywright.model.strict import Mistake, Strict

_MFA_AGE = range(60, 129_601)


class MfaAge(Strict):
    """How long ago the second factor may have been used."""

    within: Duration
    """The longest time since the second factor was used, such as `1h`; at most 36 hours."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether no session could ever be that young, or be that old."""
        if seconds(self.within) not in _MFA_AGE:
            yield Mistake(
                "`within` of {owner} is out of range",
                f"`{self.within}`",
                "`1m` to `36h`, such as `1h`",
                "within",
            )
