"""What an adopted identity has that declarations would change, and that it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.account.entities import Group, User
from keywright.adopt.world import GUARD_GROUP
from keywright.reporting.text import quoted
from keywright.statements.boundary import BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY, boundary_arn

if TYPE_CHECKING:
    from keywright.account.entities import Identity
    from keywright.adopt.world import World


def kept(world: World, identity: Identity, path: str, *, is_person: bool) -> tuple[dict[str, Any], list[str]]:
    """Give the keys by which a declaration keeps what an identity has, and what no key can keep."""
    reasons: list[str] = []
    if identity.path != path:
        reasons.append(
            f"its path is {quoted(identity.path)}, and a declared identity has {quoted(path)}: it would be replaced"
        )
    if isinstance(identity, Group):
        return {}, reasons
    boundary = getattr(identity, "boundary", "")
    ours = {
        boundary_arn(world.snapshot.partition, world.snapshot.account, path, each)
        for each in (BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY)
    }
    if boundary not in ours:
        what = (
            f"its permissions boundary is {quoted(boundary)}"
            if boundary
            else "it has no permissions boundary"
        )
        reasons.append(f"{what}, and a declared identity has Keywright's")
    if isinstance(identity, User) and is_person and GUARD_GROUP not in identity.groups:
        reasons.append("it is not in the MFA guard's group, without which a declared person can do nothing")
    return {}, reasons
