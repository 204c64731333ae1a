"""An exact IAM statement where access levels don't fit: `statement: {effect: allow, actions: […], resources: […]}`."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import LITERAL, Reason, Shape

WILDCARDS = frozenset("*?")
_TEXT = rf"[*?${LITERAL}]"

ActionPattern = Annotated[
    str,
    Shape(
        "an action",
        "a service's prefix and a name, such as `s3:GetObject`",
        pattern=r"^(\*|[A-Za-z0-9-]{1,64}:[A-Za-z0-9*?]{1,128})$",
    ),
]
ResourcePattern = Annotated[
    str,
    Shape(
        "a resource as a policy names it",
        "a whole ARN, such as `arn:aws:s3:::reports/*`",
        pattern=rf"^(\*|arn:[a-z-]+:[a-z0-9-]+:[A-Za-z0-9*?-]*:([0-9]{{12}}|\*|aws|):{_TEXT}+)$",
        longest=2000,
    ),
]
ConditionKey = Annotated[
    str,
    Shape(
        "a condition key",
        "a service's prefix or `aws`, and a name, such as `aws:SourceVpc`",
        pattern=r"^[A-Za-z0-9-]{1,64}:[A-Za-z0-9 +=,.@_:/${}-]{1,256}$",
    ),
]
ConditionValue = Annotated[
    str,
    Shape("a condition's value", "text as a policy takes it", pattern=rf"^{_TEXT}*$", longest=2000),
]


def _texts(value: Any) -> Any:
    """Write one value as a list of one, and truth and numbers as a policy does."""
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(map(_text, values))


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


class _OrOne:
    """Tells the JSON Schema that one value alone, truth or a number will do."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        several = handler(schema)
        one = {"anyOf": [several["items"], {"type": "boolean"}, {"type": "integer"}]}
        return {"anyOf": [one, {**several, "items": one}]}


Values = Annotated[
    tuple[ConditionValue, ...], Field(min_length=1, max_length=200), BeforeValidator(_texts), _OrOne()
]
Tests = Annotated[dict[ConditionKey, Values], Field(min_length=1, max_length=50)]
Some = Field(default=(), max_length=200)


class RawStatement(Strict):
    """A statement as IAM reads it."""

    effect: Literal["allow", "deny"]
    """Whether it allows or denies."""
    actions: Annotated[tuple[ActionPattern, ...], Some]
    """The actions, each with its service's prefix."""
    not_actions: Annotated[tuple[ActionPattern, ...], Some]
    """All actions but these; in a denial alone."""
    resources: Annotated[tuple[ResourcePattern, ...], Some]
    """The resources, as whole ARNs, or `*`."""
    not_resources: Annotated[tuple[ResourcePattern, ...], Some]
    """All resources but these; in a denial alone."""
    conditions: Annotated[dict[str, Tests], Field(default_factory=dict, max_length=50)]
    """What must hold too: operator, then key, then one value or a list of alternatives."""

    def __hash__(self) -> int:
        """Hash by all but the conditions, which are a mapping; equal statements have equal hashes."""
        return hash((self.effect, self.actions, self.not_actions, self.resources, self.not_resources))

    @property
    def allows(self) -> bool:
        """Whether the statement allows."""
        return self.effect == "allow"

    def wildcards(self) -> list[str]:
        """List the actions and resources with a wildcard in them, where it is allowed what they match."""
        written = (*self.actions, *self.resources) if self.allows else ()
        return [each for each in written if WILDCARDS & set(each)]

    def mistakes(self) -> Iterator[Mistake]:
        """Say what is left open, said in two ways, or allowed by what it is not."""
        for key, accepted in (
            ("actions", "`s3:GetObject`"),
            ("resources", "`arn:aws:s3:::reports/*`, or `*`"),
        ):
            yield from self._one_of(key, accepted)
        if self.allows:
            for index, action in enumerate(self.actions):
                if action == "*":
                    yield Mistake(
                        "a statement of {owner} allows actions of any service",
                        f"`{action}`",
                        "`s3:*` and its like for each service; a managed policy where all is meant",
                        ("actions", index),
                    )

    def _one_of(self, key: str, accepted: str) -> Iterator[Mistake]:
        negated = f"not_{key}"
        if self.allows and getattr(self, negated):
            yield Mistake(
                f"a statement of {{owner}} allows all but what `{negated}` names",
                f"`{negated}`",
                f"`{key}`, such as {accepted}",
                negated,
            )
        elif bool(getattr(self, key)) == bool(getattr(self, negated)):
            both = f"`{key}` and `{negated}`" if getattr(self, key) else f"no `{key}`"
            yield Mistake(
                f"a statement of {{owner}} does not say which {key}",
                both,
                f"`{key}`, such as {accepted}",
                key,
            )


class StatementGrant(Strict):
    """An exact statement, where no access level says what is meant; so it needs a reason."""

    statement: RawStatement
    """The statement, as IAM reads it."""
    because: Reason
    """Why no access level will do; a sentence for the reviewer."""
    wildcards: Reason | None = None
    """Why what it allows can't be named exactly; where it has wildcards."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds; a denial has none."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say where a wildcard has no reason, a reason no wildcard, or a denial an end."""
        wild = self.statement.wildcards()
        if wild and self.wildcards is None:
            yield Mistake(
                "a statement of {owner} allows by wildcards without a reason",
                ", ".join(f"`{each}`" for each in wild[:3]),
                "`wildcards` with the reason, or exact names",
                "statement",
            )
        if self.wildcards is not None and not wild:
            yield Mistake(
                "`wildcards` of {owner} explains nothing", "no wildcard", "no `wildcards`", "wildcards"
            )
        if self.until is not None and not self.statement.allows:
            yield Mistake(
                "a denial of {owner} has an end, after which more would be allowed",
                f"`until: {self.until}`",
                "no `until`; an end by hand, when it is meant",
                "until",
            )
