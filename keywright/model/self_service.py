"""`self_service:` - what the members of a group may do for themselves beside password and second factors."""

from collections.abc import Iterator

from keywright.model.argued import Argued
from keywright.model.strict import Mistake, Strict


class SelfService(Strict):
    """More than everybody's own password and second factors; each thing for a reason.

    SSH keys and passwords for single services are not among it: requests by them carry no second factor, so that the
    guard refuses them all.
    """

    access_keys: Argued | None = None
    """Access keys of their own, made with the second factor and good for `get-session-token` alone."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it allows nothing."""
        if self.access_keys is None:
            yield Mistake(
                "`self_service` of {owner} allows nothing",
                "no key",
                "`access_keys: {because: …}`, or no `self_service`",
            )
