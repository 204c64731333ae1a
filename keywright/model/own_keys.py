"""Who may make access keys of their own, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.model.group import Group
    from keywright.model.user import User


def makes_own_keys(user: User, groups: Mapping[str, Group]) -> bool:
    """Tell whether a person may: by itself, or by a group; a group that is not well formed gives nothing."""
    return user.person is not None and reason_of_own_keys(user, groups) is not None


def reason_of_own_keys(user: User, groups: Mapping[str, Group]) -> str | None:
    """Give the reason that is declared for it."""
    if user.cli is not None and user.cli.session_token is not None:
        return user.cli.session_token.because
    joined = (groups[each.name] for each in user.groups if each.name in groups)
    allowed = (each.self_service.access_keys for each in joined if each.self_service)
    return next((each.because for each in allowed if each is not None), None)
