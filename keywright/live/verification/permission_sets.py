"""Compare the roles that IAM Identity Center created with the permission sets that are assigned in the account.

A stack that is no longer synthesized stays deployed with all its assignments. The name of a role shows its permission set. A
role without one of our boundaries may belong to somebody else's permission set: it is only used to find missing roles.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from keywright.live.verification.account import IDENTITY_CENTER_PATH
from keywright.model.identity_center import twin_name
from keywright.model.stacks.shards import CENTER_STACK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from keywright.live.verification.account import LiveIdentity
    from keywright.model.declarations import Declarations

_ROLE = re.compile(r"AWSReservedSSO_(?P<name>.+)_[0-9a-f]{16}")


class Difference(NamedTuple):
    """A difference; `at` is the declaration of the permission set, if there is one.

    Not `is_certain`: another account's declarations may assign it here; `of_many` then says the same of several.
    """

    name: str
    message: str
    found: str
    accepted: str
    at: tuple[str, str] | None = None
    is_certain: bool = True
    of_many: str = ""


def differences(
    declarations: Declarations, boundaries: Collection[str], live: Mapping[str, LiveIdentity]
) -> Iterator[Difference]:
    """Yield the roles with Keywright's boundaries that no declaration assigns, and the permission sets without a role."""
    assigned = _assigned(declarations)
    made: dict[str, LiveIdentity] = {}
    for role in live.values():
        found = _ROLE.fullmatch(role.name)
        if found and role.path.startswith(IDENTITY_CENTER_PATH):
            made[found["name"]] = role
    for name in sorted(made.keys() - assigned.keys()):
        role = made[name]
        # Without one of our boundaries the role may belong to another team's permission set.
        if role.boundary in boundaries:
            yield _undeclared(name, role.name, is_certain=declarations.identity_center is not None)
    for name in sorted(assigned.keys() - made.keys()):
        yield Difference(
            name,
            f"permission set `{name}` is assigned in this account but has no role in it",
            f"no role `AWSReservedSSO_{name}_…`",
            "`keywright deploy`",
            ("permission_sets", assigned[name]),
        )


def _undeclared(name: str, role: str, *, is_certain: bool) -> Difference:
    """Report a role that is still assigned; without Identity Center here, another account may assign it."""
    elsewhere = "a declaration in another account; or deletion of stack `{}`, which nothing here declares"
    return Difference(
        name,
        f"permission set `{name}` is assigned in this account, but nothing here declares the assignment",
        f"role `{role}`",
        "`keywright deploy`" if is_certain else elsewhere.format(CENTER_STACK),
        is_certain=is_certain,
        of_many="permission sets are assigned in this account, but nothing here declares the assignments",
    )


def _assigned(declarations: Declarations) -> dict[str, str]:
    """Give the assigned permission sets by their names in AWS, time-bound copies included, with the declared names."""
    here = declarations.account.id
    found: dict[str, str] = {}
    for each in declarations.assignments:
        declared = declarations.permission_sets[each.permission_set]
        if declared.existing is None and here in (each.accounts or (here,)):
            name = twin_name(each.permission_set, each.until) if each.until else each.permission_set
            found[name] = each.permission_set
    return found
