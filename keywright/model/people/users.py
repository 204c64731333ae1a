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

from keywright.model.adoption import AdoptedUser
from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Reasoned, Strict, only_existing, repetitions
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import SHAPE, IdentityName, Reason, Shape
from keywright.model.grants.grant import Grants, ManagedPolicies
from keywright.model.people.access_keys import AccessKey, LongerAge, Reader
from keywright.model.retiring import Retiring
from keywright.model.trusts.issuers.registry import ISSUERS
from keywright.policy.quotas import KEYS_PER_USER

MOST_KEYS = KEYS_PER_USER.default


class CommandLine(Strict):
    """`aws login`, and optionally a long-term key that can only call `get-session-token`."""

    session_token: Reasoned | None = None
    """A personal access key, for machines without a browser: with an MFA code it opens a session."""


def _as_mapping(value: Any) -> Any:
    if value is True:
        return {}
    if value is None or value is False:
        return None
    if isinstance(value, dict | CommandLine):
        return value
    words = {"what": "a way to sign in", "accepted": "`true`, `false`, or `{session_token: {because: …}}`"}
    raise PydanticCustomError(SHAPE, "is not {what}; accepted: {accepted}", words)


def _written(value: CommandLine | None, handler: SerializerFunctionWrapHandler) -> Any:
    """Write `true` or `false` unless there are further settings."""
    return value is not None if value is None or value == CommandLine() else handler(value)


class _OrBoolean:
    """Adds `true` and `false` to the JSON Schema."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "boolean"}, handler(schema)]}


Cli = Annotated[CommandLine | None, BeforeValidator(_as_mapping), WrapSerializer(_written), _OrBoolean()]
"""`true` for `aws login`, or its further settings."""


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
"""Where an application can run: in AWS, on a registered CI, or elsewhere."""
if TYPE_CHECKING:
    RunsOn = str
else:
    RunsOn = Literal[PLACES]


class Person(Strict):
    """A person."""

    email: Email
    """The person's e-mail address, for the sign-in sheet; AWS sends nothing to it."""


class Application(Strict):
    """Software that needs a user with long-term keys, with the reason and a review date."""

    because: Reason
    """Why it can't assume a role; a sentence for the reviewer."""
    review: Day
    """The day by which this is reviewed."""
    maximum_age: LongerAge | None = None
    """The maximum age of its keys, if the account's is too short."""
    readers: Annotated[tuple[Reader, ...], Field(min_length=1, max_length=50)] | None = None
    """Who can read its keys instead of the handover group: groups, roles, or ARNs of this account."""
    runs_on: RunsOn | None = None
    """Where it runs: `ec2`, `ecs`, `eks`, `lambda`, a CI such as `github`, or `outside`; used for advice."""
    considered: bool = False
    """Whether a role was considered, and `because` explains why it is not possible: no advice until two weeks before the review."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report readers listed twice."""
        yield from repetitions("readers", self.readers or ())


def _as_named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class NamedMembership(Strict):
    """Membership in a group, optionally until a last day."""

    name: IdentityName
    """The group."""
    until: Day | None = None
    """The last day of the membership, in UTC."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""


class _OrName:
    """Adds a plain name to the JSON Schema."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


Membership = Annotated[NamedMembership, BeforeValidator(_as_named), _OrName()]
"""A group's name, or its name and a last day."""


class User(Strict):
    """An IAM user: exactly one of `person` and `application`, unless it is `existing`."""

    person: Person | None = None
    """A person, who signs in."""
    application: Application | None = None
    """Software that can't assume a role."""
    groups: Annotated[tuple[Membership, ...], Field(max_length=50)] = ()
    """The groups it is a member of, each a name, or `{name: …, until: …}`."""
    grants: Grants = ()
    """Grants of the user itself, besides its groups; a person's need `because`."""
    policies: ManagedPolicies = ()
    """Managed policies of the user itself; a person's need `because`."""
    because: Reason | None = None
    """Why a person has grants or policies besides groups; a sentence for the reviewer."""
    console: bool = False
    """Whether a person can sign in to the console; the first password is generated and must be changed at first sign-in."""
    cli: Cli = None
    """Whether a person can use `aws login`: temporary credentials by the console sign-in, without a key."""
    access_keys: Annotated[tuple[AccessKey, ...], Field(max_length=MOST_KEYS)] = ()
    """An application's long-term keys, at most two."""
    tags: Tags
    """Tags of the user, at most 50; grants can depend on them."""
    until: Day | None = None
    """The last day, in UTC, on which the user exists."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""
    retiring: Retiring | None = None
    """Denies everything that the user can do, as the last step before its removal; without this key all of it comes back."""
    existing: bool = False
    """Whether the user is only referenced, and never created, changed or deleted."""
    adopted: AdoptedUser | None = None
    """What it keeps, if it existed before it was declared."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report fields that contradict the kind of user."""
        if self.existing:
            yield from only_existing(self)
            return
        if (self.person is None) == (self.application is None):
            yield Mistake(
                "{owner} must be exactly one of `person` and `application`",
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
                "`because` of {owner} has nothing to explain",
                "no `grants`, no `policies`",
                "no `because`",
                "because",
            )
        if self.cli and not self.console:
            yield Mistake(
                "{owner} has `cli` without `console`",
                "`cli`",
                "`console: true` too: `aws login` uses the console sign-in",
                "cli",
            )

    def _mistakes_of_an_application(self) -> Iterator[Mistake]:
        for key, accepted in (
            ("console", "no `console`: only people sign in"),
            ("cli", "`access_keys`, or a role instead of the user"),
            ("because", "`because` inside `application`"),
        ):
            if getattr(self, key):
                yield Mistake(f"{{owner}} is an application with `{key}`", f"`{key}`", accepted, key)
        yield from self._mistakes_of_keys()

    def _mistakes_of_keys(self) -> Iterator[Mistake]:
        # The order in the file has no meaning; the serial numbers have.
        keys = sorted(enumerate(self.access_keys), key=lambda pair: pair[1].serial)
        for (_, older), (index, newer) in pairwise(keys):
            if older.serial == newer.serial:
                yield Mistake(
                    "{owner} has two keys with the same serial",
                    f"`{newer.serial}`",
                    f"`{newer.serial + 1}`",
                    ("access_keys", index, "serial"),
                )
            # Rotation takes the key with the higher serial for the newer one.
            elif newer.issued < older.issued:
                yield Mistake(
                    f"key {newer.serial} of {{owner}} is older than key {older.serial}",
                    f"`{newer.issued}`",
                    f"`{older.issued}` or later",
                    ("access_keys", index, "issued"),
                )

    def _mistakes_of_any(self) -> Iterator[Mistake]:
        yield from repetitions("groups", [membership.name for membership in self.groups], "name")
        if self.adopted is not None and len(self.access_keys) + self.adopted.access_keys > MOST_KEYS:
            yield Mistake(
                "{owner} would have more access keys than IAM allows",
                f"{self.adopted.access_keys} from before and {len(self.access_keys)} declared",
                f"at most {MOST_KEYS}: delete one of the former keys first",
                ("adopted", "access_keys"),
            )
        if self.application is not None and self.adopted is not None and self.adopted.mfa == "later":
            yield Mistake(
                "{owner} is an application, which has no MFA",
                "`mfa: later`",
                "no `mfa`",
                ("adopted", "mfa"),
            )
        yield from mistakes_of_tags(self.tags)
