"""`trusts: [{role: …}]` - another role of this account, whose sessions assume this one: role chaining."""

from keywright.model.fields.strict import Strict
from keywright.model.fields.text import DeclaredName, IdentityName


class RoleTrust(Strict):
    """Sessions of another role of ours; both sides are written: the trust and that role's right to assume."""

    role: IdentityName
    """The role whose sessions may assume this one, for an hour at most each time."""


class WorkloadTrust(Strict):
    """The instances of a workload of ours; both sides are written: the trust and the right of the workload's role to assume."""

    workload: DeclaredName
    """The workload whose instances may assume the role, for an hour at most each time."""
