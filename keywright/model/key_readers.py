"""Who is said to read the keys of applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keywright.model.declarations import Declarations


def applications_with_keys(declarations: Declarations) -> tuple[str, ...]:
    """Name the applications of ours that have keys."""
    users = declarations.users.items()
    return tuple(sorted(name for name, user in users if user.application and user.access_keys))


def readers_said(declarations: Declarations, application: str) -> tuple[str, ...]:
    """Give who is named under an application's `readers`."""
    said = declarations.users[application].application
    return (said.readers if said else None) or ()


def key_reading_roles(declarations: Declarations) -> tuple[str, ...] | None:
    """Name our roles that read keys; none where no application says who reads its."""
    names = applications_with_keys(declarations)
    said = [each for name in names for each in readers_said(declarations, name)]
    roles = {each.removeprefix("role/") for each in said if each.startswith("role/")}
    return tuple(sorted(roles)) if said else None
