"""`trusts: [{workload: …}]` - a workload on EC2 that needs a role besides its own: role chaining from the instance."""

from keywright.model.name import DeclaredName
from keywright.model.strict import Strict


class WorkloadTrust(Strict):
    """The instances of a workload of ours; both sides are written: the trust and the right of the workload's role to assume."""

    workload: DeclaredName
    """The workload whose instances may assume the role, for an hour at most each time."""
