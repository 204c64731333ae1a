"""`users:` - a person, or an application that can't assume a role."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    WrapSerializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Argued, Mistake, Strict, says_only_existing
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import SHAPE, IdentityName, Reason, Shape
from keywright.model.grants.grant import Grants, ManagedPolicies
from keywright.model.people.access_keys import AccessKey, LongerAge, Reader
from keywright.model.trusts.issuers.registry import ISSUERS


class CommandLine(Strict):
    """`aws login`; and, for a reason, a long-term key beside it that is good for `get-session-token` alone."""

    session_token: Argued | None = None
    """A key of one's own, for where no browser can sign in: it opens a session with an authenticator's code."""


def _spelled(value: Any) -> Any:
    if value is True:
        return {}
    if value is None or value is False:
        return None
    if isinstance(value, dict | CommandLine):
        return value
    words = {"what": "a way to sign in", "accepted": "`true`, `false`, or `{session_token: {because: …}}`"}
    raise PydanticCustomError(SHAPE, "is not {what}; accepted: {accepted}", words)


def _written(value: CommandLine | None, handler: SerializerFunctionWrapHandler) -> Any:
    """Write it as it is read: `true` and `false` where there is nothing beside."""
    return value is not None if value is None or value == CommandLine() else handler(value)


class _OrTruth:
    """Tells the JSON Schema that `true` or `false` will do."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "boolean"}, handler(schema)]}


Cli = Annotated[CommandLine | None, BeforeValidator(_spelled), WrapSerializer(_written), _OrTruth()]
"""`true` for `aws login`, or what comes beside it."""


Email = Annotated[
    str,
    Shape(
        "an e-mail address", "such as `alice@example.com`", pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", longest=254
    ),
]


PLACES = (
    "ec2",
    "ecs",
    "eks",
    "lambda",
    "codebuild",
    *(each.key for each in ISSUERS if each.better),
    "outside",
)
"""Where software runs that may need access: in AWS, on a registered issuer, or elsewhere."""
if TYPE_CHECKING:
    RunsOn = str
else:
    RunsOn = Literal[PLACES]


class Person(Strict):
    """A human being."""

    email: Email
    """Where the person is reached; goes onto the sign-in sheet, not to AWS's mail."""


class Application(Strict):
    """Software with long-term keys: why no role will do, and when that is looked at again."""

    because: Reason
    """Why it can't assume a role; a sentence for the reviewer."""
    review: Day
    """The day by which that is looked at again."""
    maximum_age: LongerAge | None = None
    """How old its keys may become where the account's limit is too short."""
    readers: Annotated[tuple[Reader, ...], Field(min_length=1, max_length=50)] | None = None
    """Who may read its keys, instead of the handover group: groups, roles, or ARNs of this account."""
    runs_on: RunsOn | None = None
    """Where it runs: `ec2`, `ecs`, `eks`, `lambda`, a CI such as `github`, or `outside` of them all; advice goes by it."""
    considered: bool = False
    """That a role was considered, and `because` says why it won't do: no advice until two weeks before the review."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which reader is named twice."""
        readers = self.readers or ()
        for index, reader in enumerate(readers):
            if reader in readers[:index]:
                yield Mistake(
                    "`readers` of {owner} names one twice", f"`{reader}`", "each once", ("readers", index)
                )


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class NamedMembership(Strict):
    """Membership in a group, perhaps until a last day."""

    name: IdentityName
    """The group."""
    until: Day | None = None
    """The last day, in UTC, of the membership."""


class _OrName:
    """Tells the JSON Schema that a name alone will do."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


Membership = Annotated[NamedMembership, BeforeValidator(_named), _OrName()]
"""A group's name, or its name and a last day."""


class User(Strict):
    """An IAM user: exactly one of `person` and `application`, unless it is `existing`."""

    person: Person | None = None
    """A human being, who signs in."""
    application: Application | None = None
    """Software that can't assume a role."""
    groups: Annotated[tuple[Membership, ...], Field(max_length=50)] = ()
    """The groups it is a member of, each a name, or `{name: …, until: …}`."""
    grants: Grants = ()
    """What the user may do by itself, beside its groups; a person's need `because`."""
    policies: ManagedPolicies = ()
    """Managed policies of the user itself; a person's need `because`."""
    because: Reason | None = None
    """Why a person holds access by itself and not by a group."""
    console: bool = False
    """Whether a person signs in to the console; the first password is generated and reset at first sign-in."""
    cli: Cli = None
    """Whether a person may use `aws login`: temporary credentials from the console sign-in, no key; `session_token` beside."""
    access_keys: Annotated[tuple[AccessKey, ...], Field(max_length=2)] = ()
    """An application's long-term keys, at most two."""
    tags: Tags
    """Tags of the user, at most 50; by them grants may decide."""
    until: Day | None = None
    """The last day, in UTC, on which the user exists."""
    existing: bool = False
    """Whether the user is only referenced, and never created, changed or deleted."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what does not go together for this kind of user."""
        if self.existing:
            yield from says_only_existing(self)
            return
        if (self.person is None) == (self.application is None):
            yield Mistake(
                "{owner} is not exactly one of `person` and `application`",
                "neither" if self.person is None else "both",
                "`person: {email: …}`, or `application: {because: …, review: …}`",
            )
        elif self.person is not None:
            yield from self._mistakes_of_a_person()
        else:
            yield from self._mistakes_of_an_application()
        yield from self._mistakes_of_any()

    def _mistakes_of_a_person(self) -> Iterator[Mistake]:
        if self.access_keys:
            yield Mistake(
                "{owner} is a person with access keys",
                "`access_keys`",
                "`cli: true` for `aws login`, which needs no key",
                "access_keys",
            )
        for key in ("grants", "policies"):
            if getattr(self, key) and self.because is None:
                yield Mistake(
                    f"{{owner}} is a person with {key} of its own",
                    f"`{key}` without `because`",
                    "a group that grants it, or `because` with the reason",
                    key,
                )
        if self.because is not None and not (self.grants or self.policies):
            yield Mistake(
                "`because` of {owner} explains nothing",
                "no `grants`, no `policies`",
                "no `because`",
                "because",
            )
        if self.cli and not self.console:
            yield Mistake(
                "{owner} has `cli` without `console`",
                "`cli`",
                "`console: true` beside it: `aws login` goes through the console's sign-in",
                "cli",
            )

    def _mistakes_of_an_application(self) -> Iterator[Mistake]:
        for key, way_on in (
            ("console", "no `console`: only a person signs in"),
            ("cli", "`access_keys`, or a role in place of the user"),
            ("because", "`because` inside `application`"),
        ):
            if getattr(self, key):
                yield Mistake(f"{{owner}} is an application with `{key}`", f"`{key}`", way_on, key)
        yield from self._mistakes_of_keys()

    def _mistakes_of_keys(self) -> Iterator[Mistake]:
        keys = sorted(enumerate(self.access_keys), key=lambda pair: pair[1].serial)
        for (_, older), (index, newer) in pairwise(keys):
            if older.serial == newer.serial:
                yield Mistake(
                    "{owner} has two keys of one serial",
                    f"`{newer.serial}`",
                    f"`{newer.serial + 1}`",
                    ("access_keys", index, "serial"),
                )
            elif newer.issued < older.issued:
                yield Mistake(
                    f"key {newer.serial} of {{owner}} was issued before key {older.serial}",
                    f"`{newer.issued}`",
                    f"`{older.issued}` or later",
                    ("access_keys", index, "issued"),
                )

    def _mistakes_of_any(self) -> Iterator[Mistake]:
        seen: set[str] = set()
        for index, membership in enumerate(self.groups):
            if membership.name in seen:
                yield Mistake(
                    "{owner} is in a group twice",
                    f"`{membership.name}`",
                    "each group once",
                    ("groups", index, "name"),
                )
            seen.add(membership.name)
        yield from mistakes_of_tags(self.tags)
