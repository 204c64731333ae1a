"""`groups:` - to join is to get, to leave is to lose."""

from collections.abc import Iterable, Iterator

from keywright.model.fields.strict import Argued, Mistake, Strict, says_only_existing
from keywright.model.grants.grant import Grants, ManagedPolicies


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


class Group(Strict):
    """A group of people; what it grants, each member may."""

    grants: Grants = ()
    """What every member may do."""
    policies: ManagedPolicies = ()
    """Managed policies for every member, each with its reason."""
    self_service: SelfService | None = None
    """What members may do for themselves beside password and second factors, each thing for a reason."""
    existing: bool = False
    """Whether the group is only referenced, and never created, changed or deleted."""

    def mistakes(self) -> Iterable[Mistake]:
        """Say what an existing group can't be given."""
        return says_only_existing(self) if self.existing else ()
