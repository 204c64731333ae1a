"""What an adopted identity has that declarations would change, and that it keeps by the key `adopted`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keywright.adopt.world import GUARD_GROUP
from keywright.model.adoption import NONE
from keywright.statements.boundary import BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY, boundary_arn

if TYPE_CHECKING:
    from datetime import date

    from keywright.account.entities import Group, ManagedPolicy, Role, User
    from keywright.adopt.world import World

ACCEPTED = timedelta(days=90)
"""How long the guardrails accept a missing boundary or the wait for MFA; somebody decides by then."""
_NO_BOUNDARY, _NO_GUARD = "no permissions boundary", "no MFA guard"


@dataclass(frozen=True)
class Keeper:
    """Gives the key `adopted` of each thing, empty where nothing differs; `path` is that of what is declared later."""

    world: World
    path: str
    today: date

    def of_policy(self, policy: ManagedPolicy) -> dict[str, Any]:
        """Give what a managed policy keeps; description and path are create-only."""
        if policy.path == self.world.path:
            return {}
        return self._described({"path": policy.path}, policy)

    def of_group(self, group: Group) -> dict[str, Any]:
        """Give what a group keeps."""
        return {} if group.path == self.path else {"path": group.path}

    def of_user(self, user: User, *, is_person: bool) -> dict[str, Any]:
        """Give what a user keeps."""
        waits = is_person and not self.world.is_in(user, GUARD_GROUP)
        boundary = self._boundary(user.boundary)
        if user.path == self.path and not waits and not boundary:
            return {}
        later = {"mfa": "later"} if waits else {}
        number = len(self.world.snapshot.access_keys_of(user.name)) - len(self.world.deployed_keys(user))
        keys = {"access_keys": number} if number else {}
        return {"path": user.path, **boundary, **later, **keys, **self._accepted(boundary, waits=waits)}

    def of_role(self, role: Role, *, is_workload: bool) -> dict[str, Any]:
        """Give what a role keeps; a workload also keeps the names of its role and instance profile."""
        boundary = self._boundary(role.boundary)
        if (
            role.path == self.path
            and not boundary
            and (self.world.is_named_by_stack(role) or not is_workload)
        ):
            return self._described({"path": role.path}, role) if role.description else {}
        names: dict[str, Any] = {}
        if is_workload:
            (profile, *_) = role.instance_profiles
            names = {"role": role.name}
            names |= {"profile": profile.name} if profile.name != role.name else {}
            names |= {"profile_path": profile.path} if profile.path != role.path else {}
        adopted = {"path": role.path, **names, **boundary, **self._accepted(boundary, waits=False)}
        return self._described(adopted, role)

    def _boundary(self, arn: str) -> dict[str, Any]:
        """Give the permissions boundary, unless it is Keywright's."""
        snapshot = self.world.snapshot
        ours = {
            boundary_arn(snapshot.partition, snapshot.account, self.path, each)
            for each in (BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY)
        }
        return {} if arn in ours else {"boundary": arn or NONE}

    def _accepted(self, boundary: dict[str, Any], *, waits: bool) -> dict[str, Any]:
        lacks = [_NO_BOUNDARY] * (boundary.get("boundary") == NONE) + [_NO_GUARD] * waits
        if not lacks:
            return {}
        because = f"it had {' and '.join(lacks)} before it was declared"
        return {"because": because, "until": self.today + ACCEPTED}

    @staticmethod
    def _described(adopted: dict[str, Any], thing: Role | ManagedPolicy) -> dict[str, Any]:
        return {**adopted, **({"description": thing.description} if thing.description else {})}
