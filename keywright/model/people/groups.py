"""`groups:` - groups of people, whose members have the grants of the group while they are in it."""

from collections.abc import Iterable, Iterator

from keywright.model.adoption import Adopted
from keywright.model.fields.strict import Mistake, Reasoned, Strict, only_existing
from keywright.model.grants.grant import Grants, ManagedPolicies


class SelfService(Strict):
    """What members can manage themselves besides password and MFA devices, each with a reason.

    SSH keys and service-specific credentials are not possible: requests with them carry no MFA information, so that
    the MFA guard denies them.
    """

    access_keys: Reasoned | None = None
    """Personal access keys, created with MFA, that can only call `get-session-token`."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an empty `self_service`."""
        if self.access_keys is None:
            yield Mistake(
                "`self_service` of {owner} allows nothing",
                "no key",
                "`access_keys: {because: …}`, or no `self_service`",
            )


class Group(Strict):
    """A group of people."""

    grants: Grants = ()
    """What every member can do."""
    policies: ManagedPolicies = ()
    """Managed policies for every member, each with its reason."""
    self_service: SelfService | None = None
    """What members can manage themselves besides password and MFA devices, each with a reason."""
    existing: bool = False
    """Whether the group is only referenced, and never created, changed or deleted."""
    adopted: Adopted | None = None
    """What it keeps, if it existed before it was declared."""

    def mistakes(self) -> Iterable[Mistake]:
        """Report fields that an existing group can't have."""
        return only_existing(self) if self.existing else ()
