"""`never:` and `always:` - invariants over principals, actions, resources and conditions."""

from collections.abc import Collection, Iterator
from typing import Annotated, TypeVar

from pydantic import Field

from keywright.model.fields.strict import Mistake, OneOrMore, Strict, several
from keywright.model.fields.text import Shape, UnlistedName

EVERYONE = "everyone"
WITH, WITHOUT, MFA = "with", "without", "mfa"
NAMED = r"[A-Za-z0-9+=,.@_-]{1,128}"
ARN = r"arn:[^\s$\x00-\x1f]+"
"""An ARN or a pattern of ARNs, without policy variables."""

Who = Annotated[
    str,
    Shape(
        "a principal",
        "`everyone`, `user/`, `group/`, `role/`, `workload/` or `permissionset/` and its name, or an ARN",
        pattern=rf"^({EVERYONE}|(user|group|role|workload|permissionset)/{NAMED}|{ARN})$",
        longest=2048,
        kinds=("user", "group", "role", "workload", "permissionset"),
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
        kinds=("bucket", "user", "group", "role", "workload"),
    ),
]
Circumstance = Annotated[
    str,
    Shape(
        "a condition of an invariant",
        "`with`, `without`, or a condition key such as `aws:RequestedRegion`",
        pattern=r"^(with|without|[A-Za-z0-9.-]+:[A-Za-z0-9._:/+=@ -]+)$",
        longest=256,
    ),
]
Value = Annotated[str, Shape("a value", "text of 1 to 2048 characters", shortest=1, longest=2048)]
When = Annotated[dict[Circumstance, OneOrMore[Value]], Field(min_length=1, max_length=20)]


class Invariant(Strict):
    """A statement about access that is proved for every template."""

    who: OneOrMore[Who]
    """The principals: `everyone`, declared ones, or ARNs; a group stands for its members."""
    can: OneOrMore[ActionPattern]
    """The actions, or patterns of them."""
    on: OneOrMore[Target]
    """The resources: declared names, ARNs or patterns of them, or `*`; a bucket includes its objects."""
    when: When | None = None
    """The requests: `with: mfa`, `without: mfa` or a condition key that is absent, or a condition key and its values."""
    unlisted: Annotated[tuple[UnlistedName, ...], Field(max_length=50)] = ()
    """Actions and condition keys of this entry that AWS has added since the reference of this Keywright."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report conditions that no request meets."""
        when = self.when or {}
        for each in several(when.get(WITH, ())):
            if each != MFA:
                accepted = "`with: mfa`, or a condition key and its values"
                yield Mistake("`with` of {owner} can only be `mfa`", f"`{each}`", accepted, ("when", WITH))
        for each in several(when.get(WITHOUT, ())):
            if each != MFA and ":" not in each:
                accepted = "`without: mfa`, or a condition key such as `aws:SourceVpc`"
                yield Mistake(
                    "`without` of {owner} is not a condition key", f"`{each}`", accepted, ("when", WITHOUT)
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
        kinds=("user", "group", "role", "workload", "permissionset"),
    ),
]


class Never(Invariant):
    """An invariant: none of the principals can do it, directly or by roles that they can assume."""

    excepting: Annotated[OneOrMore[Excepted], Field(alias="except")] = ()
    """The principals that it does not apply to."""


class Always(Invariant):
    """An invariant: each of the principals can do all of it, directly or by one role that it can assume."""


class InvariantLists(Strict):
    """Invariants for given templates, in a file of their own."""

    never: Annotated[tuple[Never, ...], Field(max_length=1000)] = ()
    """What no principal can do."""
    always: Annotated[tuple[Always, ...], Field(max_length=1000)] = ()
    """What given principals can do."""


Bound = TypeVar("Bound", bound=Invariant)
_KEYS_WITH_NAMES = ("who", "on", "excepting")
_REQUIRED = ("who", "on")


def without_expired(invariants: tuple[Bound, ...], expired: Collection[str]) -> Iterator[Bound]:
    """Remove expired things, such as `role/vendor`, from invariants, and invariants that name nothing else."""
    for invariant in invariants:
        listed_names = {key: getattr(invariant, key, ()) for key in _KEYS_WITH_NAMES}
        kept = {
            key: tuple(each for each in several(value) if each not in expired)
            for key, value in listed_names.items()
        }
        changed = {key: kept[key] for key, value in listed_names.items() if kept[key] != several(value)}
        # What remains of an invariant about expired things alone would be about nothing.
        if all(kept[key] for key in _REQUIRED):
            yield invariant.model_copy(update=changed) if changed else invariant
