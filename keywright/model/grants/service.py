"""Access to any service by AWS's own access levels: `allow: {service: athena, levels: [read]}`."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import LITERAL, Shape
from keywright.model.grants.access_levels import AccessLevel
from keywright.model.grants.tags import Where

Levels = Annotated[
    tuple[Annotated[AccessLevel, Field(strict=False)], ...], Field(min_length=1, max_length=len(AccessLevel))
]
ServicePrefix = Annotated[
    str, Shape("a service", "its prefix in actions, such as `athena`", pattern=r"^[a-z0-9-]{1,64}$")
]
ServiceResource = Annotated[
    str,
    Shape(
        "a resource of a service",
        "its type and name such as `workgroup/reports`, or an ARN",
        pattern=rf"^[*?{LITERAL}]+$",
        longest=1600,
    ),
]


class ServiceAccess(Strict):
    """A service's actions by access level on named resources."""

    service: ServicePrefix
    """The service's prefix in actions, such as `athena`."""
    levels: Levels
    """AWS's own access levels; each gives the actions that `actions.lock` pins for it."""
    resources: Annotated[tuple[ServiceResource, ...], Field(max_length=200)] = ()
    """Type and name such as `workgroup/reports`, or ARNs; without any, what can't be narrowed to a resource."""
    where: Where | None = None
    """Which of the resources, by a tag of theirs."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which level is given twice, and whether there is nothing that could have a tag."""
        if self.where is not None and not self.resources:
            yield Mistake(
                "`where` of {owner} asks for a tag of no resource",
                "no `resources`",
                "`resources`, such as `instance/*` of `ec2`",
                "where",
            )
        for index, level in enumerate(self.levels):
            if level in self.levels[:index]:
                yield Mistake(
                    "`levels` of {owner} names a level twice", f"`{level}`", "each once", ("levels", index)
                )


class ServiceGrant(Strict):
    """Access to any service by its access levels."""

    allow: ServiceAccess
    """The service, the levels and the resources."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""
