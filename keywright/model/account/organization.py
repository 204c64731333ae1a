"""`organization:` - the control policies that limit this account, level by level, as its organization attaches them.

The administrators of the organization deploy them; here they are only read, for evaluation and review.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.fields.strict import Mistake, Strict, repetitions
from keywright.model.fields.text import Shape

ControlPolicy = Annotated[
    str,
    Shape(
        "a control policy",
        "its JSON file next to the declarations, such as `organization/regions.json`, or `FullAWSAccess`",
        pattern=r"^(FullAWSAccess|([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.json)$",
        longest=255,
    ),
]
ControlPolicies = Annotated[tuple[ControlPolicy, ...], Field(max_length=20)]
LevelName = Annotated[
    str, Shape("the name of a level", "1 to 128 characters", shortest=1, longest=128, strip=True)
]


class Level(Strict):
    """The root, an organizational unit, or the account itself."""

    level: LevelName
    """Its name, such as `root`, `workloads`, `account`."""
    service_control: ControlPolicies = ()
    """The service control policies attached to it; they limit what policies in the account can allow."""
    resource_control: ControlPolicies = ()
    """The resource control policies attached to it; `RCPFullAWSAccess`, which AWS always attaches, need not be listed."""


class Organization(Strict):
    """The levels from the organization's root down to the account."""

    management: bool = False
    """Whether this is the organization's management account, which no control policy limits."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=7)]
    """The root first, then each organizational unit, and the account last."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report levels without a service control policy, and names and policies listed twice."""
        names = [each.level for each in self.levels]
        limited = any(each.service_control for each in self.levels)
        for index, each in enumerate(self.levels):
            at = ("levels", index)
            if each.level in names[:index]:
                yield Mistake(
                    "two levels of {owner} have the same name", f"`{each.level}`", "each once", (*at, "level")
                )
            # Where service control policies are enabled, each root, unit and account has at least one
            # attached.
            if limited and not each.service_control:
                yield Mistake(
                    f"level `{each.level}` of {{owner}} has no service control policy, though others have",
                    "no `service_control`",
                    "`[FullAWSAccess]`, which AWS attaches by default, or the policies attached instead",
                    at,
                )
            for key in ("service_control", "resource_control"):
                yield from repetitions(key, getattr(each, key), at=(*at, key))
