"""What `never:` and `always:` have in common: who, what, on what, in which circumstances."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.one_or_more import OneOrMore, several
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

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
