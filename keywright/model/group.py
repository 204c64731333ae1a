"""`groups:` - to join is to get, to leave is to lose."""

from collections.abc import Iterable

from keywright.model.existing import says_only_existing
from keywright.model.grant import Grants, ManagedPolicies
from keywright.model.self_service import SelfService
from keywright.model.strict import Mistake, Strict


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
