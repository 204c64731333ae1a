"""`assignments:` - who of IAM Identity Center gets which permission set, in which accounts."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from keywright.model.day import Day
from keywright.model.identity_center import PrincipalId
from keywright.model.name import AccountId, IdentityName, Reason
from keywright.model.permission_set import SetName
from keywright.model.strict import Mistake, Strict


class AssignedPerson(Strict):
    """One user of the identity store, beside all groups."""

    user: IdentityName
    """The name that people know."""
    id: PrincipalId
    """The user's id in the identity store."""
    because: Reason
    """Why no group will do; a sentence for the reviewer."""


class Assignment(Strict):
    """A permission set for groups, in accounts."""

    permission_set: SetName
    """The permission set, as it is declared."""
    groups: Annotated[tuple[IdentityName, ...], Field(max_length=200)] = ()
    """Groups under `identity_center`: to join one is to get it, to leave is to lose it."""
    people: Annotated[tuple[AssignedPerson, ...], Field(max_length=50)] = ()
    """Single users, each with its reason."""
    accounts: Annotated[tuple[AccountId, ...], Field(max_length=400)] = ()
    """The accounts; this account unless said."""
    until: Day | None = None
    """The last day, in UTC, on which they may act by it; afterwards it is not there."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say that nobody gets it, or who is named twice."""
        if not self.groups and not self.people:
            yield Mistake("{owner} is for nobody", "no `groups`", "at least one group", "groups")
        for key in ("groups", "accounts"):
            yield from _twice(key, getattr(self, key))
        yield from _twice("people", tuple(each.id for each in self.people), "id")


def _twice(key: str, names: tuple[str, ...], *below: str) -> Iterator[Mistake]:
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"`{key}` of {{owner}} names one twice"
            yield Mistake(message, f"`{name}`", "each once", (key, index, *below))


def twin_name(permission_set: str, until: date) -> str:
    """Name the copy of a permission set in which all ends on a day: an assignment itself can't carry an end."""
    return f"{permission_set}.{until.isoformat()}"
