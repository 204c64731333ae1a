"""`trusts: [{role: …}]` - another role of this account, whose sessions assume this one: role chaining."""

from keywright.model.name import IdentityName
from keywright.model.strict import Strict


class RoleTrust(Strict):
    """Sessions of another role of ours; both sides are written: the trust and that role's right to assume."""

    role: IdentityName
    """The role whose sessions may assume this one, for an hour at most each time."""
