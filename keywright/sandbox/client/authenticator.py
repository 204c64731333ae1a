"""An authenticator app for tests: it gives codes of a virtual MFA device, each once."""

from __future__ import annotations

from datetime import timedelta

from keywright.sandbox.client import clock, totp


class Authenticator:
    """An app with a device's seed. If no unused code is left it advances the sandbox's clock."""

    def __init__(self, endpoint: str, seed: str | bytes) -> None:
        self.endpoint = endpoint
        self._seed = seed.decode() if isinstance(seed, bytes) else seed
        self._last = 0

    def two_codes(self) -> tuple[str, str]:
        """Give two consecutive codes, as EnableMFADevice requires."""
        self._last = self._now()
        return totp.code(self._seed, self._last - 1), totp.code(self._seed, self._last)

    def code(self) -> str:
        """Give a code that was not given before, unless the sandbox's clock has been set back since."""
        now = self._now()
        given = self._last if self._last <= now + 1 else 0
        self._last = max(given + 1, now)
        # The sandbox accepts one step either way, so the next code is usable without moving the clock.
        if self._last > now + 1:
            clock.advance(self.endpoint, timedelta(seconds=totp.SECONDS))
        return totp.code(self._seed, self._last)

    def _now(self) -> int:
        return totp.step_at(clock.now(self.endpoint).timestamp())
