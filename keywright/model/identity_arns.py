"""The paths and ARNs of declared identities: those of adopted ones are their own, all others are under the account's path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.trusts.trust import GroupTrust, RoleTrust, WorkloadTrust
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.adoption import Adopted
    from keywright.model.declarations import Declarations

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


def other_user_paths(declarations: Declarations) -> tuple[str, ...]:
    """Give the paths of adopted users that differ from the account's."""
    paths = {user.adopted.path for user in declarations.users.values() if user.adopted is not None}
    return tuple(sorted(paths - {declarations.account.path}))


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


def roles_elsewhere(declarations: Declarations) -> tuple[str, ...]:
    """Give the ARNs of adopted roles outside the account's path that declared identities can assume."""
    return tuple(
        identity_arn(declarations, f"role/{name}")
        for name, role in sorted(declarations.roles.items())
        if role.adopted is not None
        and not role.adopted.path.startswith(declarations.account.path)
        and any(isinstance(trust, GroupTrust | RoleTrust | WorkloadTrust) for trust in role.trusts)
    )


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
