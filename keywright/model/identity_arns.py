"""The paths and ARNs of declared identities: those of adopted ones are their own, all others are under the account's path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.trusts.trust import GroupTrust, RoleTrust, WorkloadTrust
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.adoption import Adopted
    from keywright.model.declarations import Declarations
    from keywright.model.people.users import User
    from keywright.model.roles import Role
    from keywright.model.trusts.trust import Trust
    from keywright.model.workloads import Workload

SECTIONS = {
    "user": "users",
    "group": "groups",
    "role": "roles",
    "workload": "workloads",
    "policy": "policies",
}
"""The sections in which something can be adopted, by the kind that begins a reference."""


NAMED_USERS = 20
"""How many adopted users the identity keeper's policy names, so that it fits the size of a managed policy."""


ANY_PATH = ("/", "/*/")
"""The root path, and every other one. A boundary has room for no more of them."""


def adopted_of(declarations: Declarations, kind: str, name: str) -> Adopted | None:
    """Give what something declared keeps, by its kind and name."""
    thing = getattr(declarations, SECTIONS[kind]).get(name) if kind in SECTIONS else None
    return thing.adopted if thing is not None else None


def path_of(declarations: Declarations, kind: str, name: str) -> str:
    """Give the IAM path of something declared: its own if it is adopted, otherwise the account's."""
    found = adopted_of(declarations, kind, name)
    return declarations.account.path if found is None else found.path


def identity_arn(declarations: Declarations, reference: str) -> str:
    """Give the ARN of a declared user, group, role or policy by its reference, such as `role/operate`."""
    kind, _, name = reference.partition("/")
    return f"{_iam(declarations)}:{kind}{path_of(declarations, kind, name)}{name}"


def other_user_paths(declarations: Declarations, *, bounded: bool = False) -> tuple[str, ...]:
    """Give the paths of adopted users that differ from the account's; all paths, as two patterns, if they are several.

    Names of users are unique in their account, so a user's name under any path is that user. With `bounded`, only users
    with the account's permissions boundary count.
    """
    users = (each for each in declarations.users.values() if not bounded or has_own_boundary(each))
    paths = {user.adopted.path for user in users if user.adopted is not None}
    others = paths - {declarations.account.path}
    return tuple(sorted(others)) if len(others) <= len(ANY_PATH) else ANY_PATH


def users_elsewhere(declarations: Declarations) -> tuple[str, ...]:
    """Give the adopted users outside the account's path, each by path and name; by path alone if they are many."""
    found = tuple(
        sorted(
            f"{user.adopted.path}{name}"
            for name, user in declarations.users.items()
            if user.adopted is not None and not user.adopted.path.startswith(declarations.account.path)
        )
    )
    if len(found) <= NAMED_USERS:
        return found
    return tuple(sorted({f"{each.rpartition('/')[0]}/*" for each in found}))


def has_own_boundary(identity: User | Role | Workload) -> bool:
    """Tell whether an identity has the account's permissions boundary: an adopted one can have another, or none."""
    return identity.adopted is None or identity.adopted.boundary is None


def roles_elsewhere(declarations: Declarations) -> tuple[str, ...]:
    """Give the ARNs of adopted roles outside the account's path that identities with its boundary can assume."""
    return tuple(
        identity_arn(declarations, f"role/{name}")
        for name, role in sorted(declarations.roles.items())
        if role.adopted is not None
        and not role.adopted.path.startswith(declarations.account.path)
        and any(_is_for_bounded(trust, declarations) for trust in role.trusts)
    )


def _is_for_bounded(trust: Trust, declarations: Declarations) -> bool:
    match trust:
        case GroupTrust():
            return any(
                has_own_boundary(user) and any(each.name == trust.group for each in user.groups)
                for user in declarations.users.values()
            )
        case RoleTrust():
            role = declarations.roles.get(trust.role)
            return role is not None and has_own_boundary(role)
        case WorkloadTrust():
            workload = declarations.workloads.get(trust.workload)
            return workload is not None and has_own_boundary(workload)
        case _:
            return False


def adopted_arns(declarations: Declarations) -> Iterator[str]:
    """Give the ARNs of adopted users, groups and roles, the roles of workloads too."""
    for kind in ("user", "group", "role"):
        for name, thing in getattr(declarations, SECTIONS[kind]).items():
            if thing.adopted is not None:
                yield identity_arn(declarations, f"{kind}/{name}")
    for workload in declarations.workloads.values():
        if workload.adopted is not None:
            yield f"{_iam(declarations)}:role{workload.adopted.path}{workload.adopted.role}"


def _iam(declarations: Declarations) -> str:
    account = declarations.account
    return f"arn:{partition_of(account.region)}:iam::{account.id}"
