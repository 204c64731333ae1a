"""`groups:` — to join is to get, to leave is to lose."""

from __future__ import annotations

from keywright.model.grant import Grant, ManagedPolicyGrant
from keywright.model.strict import Strict


class Group(Strict):
    """A group of people; what it grants, each member may."""

    grants: tuple[Grant, ...] = ()
    policies: tuple[ManagedPolicyGrant, ...] = ()
    existing: bool = False
