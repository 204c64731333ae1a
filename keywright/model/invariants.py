"""What `never:` and `always:` have in common: who, what, on what, in which circumstances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

from keywright.model.fields.strict import Mistake, OneOrMore, Strict, several
from keywright.model.fields.text import Shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


EVERYONE = "everyone"
WITH, WITHOUT, MFA = "with", "without", "mfa"
NAMED = r"[A-Za-z0-9+=,.@_-]{1,128}"
ARN = r"arn:[^\s$\x00-\x1f]+"
"""An ARN or a pattern of ARNs; whom a variable would mean is for policies to say."""

Who = Annotated[
    str,
    Shape(
        "a principal",
        "`everyone`, `user/`, `group/`, `role/`, `workload/` or `permissionset/` and its name, or an ARN",
        pattern=rf"^({EVERYONE}|(user|group|role|workload|permissionset)/{NAMED}|{ARN})$",
        longest=2048,
    ),
]
ActionPattern = Annotated[
    str,
    Shape(
        "an action",
        "such as `s3:DeleteObject` or `iam:*`",
        pattern=r"^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$",
        longest=128,
    ),
]
Target = Annotated[
    str,
    Shape(
        "a resource",
        "`bucket/`, `role/` or another kind and its name, an ARN, or `*`",
        pattern=rf"^(\*|[a-z]+/{NAMED}|{ARN})$",
        longest=2048,
    ),
]
Circumstance = Annotated[
    str,
    Shape(
        "a circumstance",
        "`with`, `without`, or a condition key such as `aws:RequestedRegion`",
        pattern=r"^(with|without|[A-Za-z0-9.-]+:[A-Za-z0-9._:/+=@ -]+)$",
        longest=256,
    ),
]
Value = Annotated[str, Shape("a value", "text of 1 to 2048 characters", shortest=1, longest=2048)]
When = Annotated[dict[Circumstance, OneOrMore[Value]], Field(min_length=1, max_length=20)]


class Invariant(Strict):
    """Something that is to hold whatever else is declared, proved whenever templates are judged."""

    who: OneOrMore[Who]
    """Whom it binds: `everyone`, declared principals, or ARNs; a group stands for its members."""
    can: OneOrMore[ActionPattern]
    """The actions it is about, or patterns of them."""
    on: OneOrMore[Target]
    """What the actions act on: declared names, ARNs or patterns of them, or `*`; a bucket stands for its objects too."""
    when: When | None = None
    """Only such requests count: `with: mfa`, `without: mfa` or a key that is absent, a condition key and its values."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what no request can meet."""
        when = self.when or {}
        for each in several(when.get(WITH, ())):
            if each != MFA:
                accepted = "`with: mfa`, or a condition key and its values"
                yield Mistake("`with` of {owner} takes `mfa` alone", f"`{each}`", accepted, ("when", WITH))
        for each in several(when.get(WITHOUT, ())):
            if each != MFA and ":" not in each:
                accepted = "`without: mfa`, or a condition key such as `aws:SourceVpc`"
                yield Mistake(
                    "`without` of {owner} is no condition key", f"`{each}`", accepted, ("when", WITHOUT)
                )
        if MFA in several(when.get(WITH, ())) and MFA in several(when.get(WITHOUT, ())):
            yield Mistake(
                "`when` of {owner} contradicts itself",
                "`with: mfa`, `without: mfa`",
                "one of the two",
                "when",
            )


Excepted = Annotated[
    str,
    Shape(
        "a principal",
        "`user/`, `group/`, `role/`, `workload/` or `permissionset/` and its name, an ARN, an account number in "
        "quotes, or a service such as `logging.s3.amazonaws.com`",
        pattern=rf"^((user|group|role|workload|permissionset)/{NAMED}|{ARN}|[0-9]{{12}}|[a-z0-9.-]+\.amazonaws\.com)$",
        longest=2048,
    ),
]


class Never(Invariant):
    """An invariant over all principals: none of them can do it, as itself or as a role that it can assume."""

    excepting: Annotated[OneOrMore[Excepted], Field(alias="except")] = ()
    """Who is not bound; in YAML the key is `except`."""


class Always(Invariant):
    """An invariant: each of those it names can do all of it, as itself or as one role that it can assume."""


class InvariantLists(Strict):
    """What is to hold of some templates."""

    never: Annotated[tuple[Never, ...], Field(max_length=1000)] = ()
    """What no principal may do."""
    always: Annotated[tuple[Always, ...], Field(max_length=1000)] = ()
    """What somebody must be able to do."""


Bound = TypeVar("Bound", bound=Invariant)
_NAMING = ("who", "on", "excepting")
_NEEDED = ("who", "on")


def without_ended(invariants: tuple[Bound, ...], ended: Collection[str]) -> Iterator[Bound]:
    """Give the invariants without the names of `ended` things, such as `role/vendor`; those about nothing else go."""
    for invariant in invariants:
        said = {key: getattr(invariant, key, ()) for key in _NAMING}
        kept = {
            key: tuple(each for each in several(value) if each not in ended) for key, value in said.items()
        }
        changed = {key: kept[key] for key, value in said.items() if kept[key] != several(value)}
        if all(kept[key] for key in _NEEDED):
            yield invariant.model_copy(update=changed) if changed else invariant
