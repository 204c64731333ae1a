"""What a person is granted, by groups too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.grant import Grant
    from keywright.model.user import User


def granted_to(user: User, declarations: Declarations) -> Iterator[Grant]:
    """Give a user's grants, by groups and its own: what sheets tell of, no shared policy may give."""
    for each in user.groups:
        yield from declarations.groups[each.name].grants
    yield from user.grants
