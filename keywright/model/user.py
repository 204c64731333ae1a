"""`users:` — a person, or an application that can't assume a role."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from keywright.model.grant import Grant, ManagedPolicyGrant
from keywright.model.strict import Day, IdentityName, Reason, Strict


class Person(Strict):
    """A human being."""

    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class Application(Strict):
    """Software with long-term keys: why no role will do, and when that is looked at again."""

    because: Reason
    review: Day


class AccessKey(Strict):
    """One long-term key; its serial names it for ever, so rotating adds the next serial."""

    serial: Annotated[int, Field(ge=1, le=9999)]
    issued: Day
    status: Literal["active", "inactive"] = "active"


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class NamedMembership(Strict):
    """Membership in a group, perhaps until a last day."""

    name: IdentityName
    until: Day | None = None


Membership = Annotated[NamedMembership, BeforeValidator(_named)]


class User(Strict):
    """An IAM user: exactly one of `person` and `application`, unless it is `existing`."""

    person: Person | None = None
    application: Application | None = None
    groups: tuple[Membership, ...] = ()
    grants: tuple[Grant, ...] = ()
    policies: tuple[ManagedPolicyGrant, ...] = ()
    because: Reason | None = None
    console: bool = False
    cli: bool = False
    access_keys: Annotated[tuple[AccessKey, ...], Field(max_length=2)] = ()
    tags: dict[str, str] = Field(default_factory=dict)
    until: Day | None = None
    existing: bool = False
