"""`session_on:` - a shell on the instances of a workload, through Session Manager and no open port."""

from keywright.model.day import Day
from keywright.model.name import DeclaredName, Reason
from keywright.model.strict import Strict


class SessionGrant(Strict):
    """A shell on a workload's instances; whoever has one may do there what the workload's role may."""

    session_on: DeclaredName
    """The workload, which must take `sessions`."""
    because: Reason
    """Why people go there, and act as its role."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""
