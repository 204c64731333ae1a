"""Exact IAM statements, for what access levels can't express: `statement: {effect: allow, actions: […], resources: […]}`."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import LITERAL, Reason, Shape, UnlistedName
from keywright.reporting.text import listed

WILDCARDS = frozenset("*?")
_IAM_RESOURCE = re.compile(r"arn:[^:]*:iam:[^:]*:[^:]*:(?P<path>.*)")
_IAM_PATHS = (
    *(
        "access-report/",
        "federated-user/",
        "group/",
        "instance-profile/",
        "mfa/",
        "oidc-provider/",
        "policy/",
    ),
    *("report/", "role/", "saml-provider/", "server-certificate/", "sms-mfa/", "user/"),
)
"""How resources of IAM begin, beside `*` and `root`: `CreatePolicy` refuses others and lists these in its message."""
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
        "a resource of a policy",
        "a complete ARN, such as `arn:aws:s3:::reports/*`",
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
    """Turn one value into a list, and booleans and numbers into text as in policies."""
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(map(_text, values))


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


class _OrOne:
    """Adds single values, booleans and numbers to the JSON Schema."""

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
    """An IAM statement."""

    effect: Literal["allow", "deny"]
    """Whether it allows or denies."""
    actions: Annotated[tuple[ActionPattern, ...], Some]
    """The actions, each with its service's prefix."""
    not_actions: Annotated[tuple[ActionPattern, ...], Some]
    """All actions but these; only in denials."""
    resources: Annotated[tuple[ResourcePattern, ...], Some]
    """The resources, as complete ARNs or `*`."""
    not_resources: Annotated[tuple[ResourcePattern, ...], Some]
    """All resources but these; only in denials."""
    conditions: Annotated[dict[str, Tests], Field(default_factory=dict, max_length=50)]
    """Conditions: operator, then key, then one value or a list of alternatives."""

    def __hash__(self) -> int:
        """Hash by all but the conditions, which are an unhashable mapping."""
        return hash((self.effect, self.actions, self.not_actions, self.resources, self.not_resources))

    @property
    def allows(self) -> bool:
        """Whether the statement allows."""
        return self.effect == "allow"

    def wildcards(self) -> list[str]:
        """List the actions and resources with a wildcard, if the statement allows them."""
        written = (*self.actions, *self.resources) if self.allows else ()
        return [each for each in written if WILDCARDS & set(each)]

    def mistakes(self) -> Iterator[Mistake]:
        """Report missing and contradicting actions and resources, and an Allow with `not_…`."""
        for key, accepted in (
            ("actions", "`s3:GetObject`"),
            ("resources", "`arn:aws:s3:::reports/*`, or `*`"),
        ):
            yield from self._one_of(key, accepted)
        if self.allows:
            for index, action in enumerate(self.actions):
                # Only a Deny can name all actions, so the form of an action permits `*`.
                if action == "*":
                    yield Mistake(
                        "a statement of {owner} allows all actions of all services",
                        f"`{action}`",
                        "patterns of single services, such as `s3:*`; or a managed policy",
                        ("actions", index),
                    )
        for key in ("resources", "not_resources"):
            for index, resource in enumerate(getattr(self, key)):
                if not _iam_accepts(resource):
                    yield Mistake(
                        "a statement of {owner} names a resource that IAM refuses",
                        f"`{resource}`",
                        "`*` for actions on the whole account, or an ARN of IAM with a type, such as `arn:aws:iam::111111111111:role/*`",
                        (key, index),
                    )

    def _one_of(self, key: str, accepted: str) -> Iterator[Mistake]:
        negated = f"not_{key}"
        if self.allows and getattr(self, negated):
            yield Mistake(
                f"a statement of {{owner}} allows everything except `{negated}`",
                f"`{negated}`",
                f"`{key}`, such as {accepted}",
                negated,
            )
        elif bool(getattr(self, key)) == bool(getattr(self, negated)):
            both = "both" if getattr(self, key) else "neither"
            yield Mistake(
                f"a statement of {{owner}} must have exactly one of `{key}` and `{negated}`",
                both,
                f"`{key}`, such as {accepted}",
                key,
            )


def _iam_accepts(resource: str) -> bool:
    found = _IAM_RESOURCE.fullmatch(resource)
    return found is None or found["path"] in {"*", "root"} or found["path"].startswith(_IAM_PATHS)


class StatementGrant(Strict):
    """An exact statement, with the reason why no access level fits."""

    statement: RawStatement
    """The statement."""
    because: Reason
    """Why no access level fits; a sentence for the reviewer."""
    wildcards: Reason | None = None
    """Why it needs wildcards, if it allows by wildcards; a sentence for the reviewer."""
    unlisted: Annotated[tuple[UnlistedName, ...], Field(max_length=50)] = ()
    """Actions and condition keys of the statement that AWS has added since the reference of this Keywright."""
    until: Day | None = None
    """The last day of the grant, in UTC; not for denials."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report wildcards without a reason, a reason without wildcards, and a denial with an end."""
        wild = self.statement.wildcards()
        if wild and self.wildcards is None:
            yield Mistake(
                "a statement of {owner} allows by wildcards without a reason",
                listed(wild[:3]),
                "`wildcards` with the reason, or exact names",
                "statement",
            )
        if self.wildcards is not None and not wild:
            yield Mistake(
                "`wildcards` of {owner} has nothing to explain", "no wildcard", "no `wildcards`", "wildcards"
            )
        if self.until is not None and not self.statement.allows:
            yield Mistake(
                "a denial of {owner} has an end, after which more access is allowed",
                f"`until: {self.until}`",
                "no `until`, and its removal when intended",
                "until",
            )
