"""Access to any service by AWS's access levels: `allow: {service: athena, levels: [read]}`."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict, repetitions
from keywright.model.fields.text import LITERAL, Reason, Shape
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
    """Actions of a service by access level, on given resources."""

    service: ServicePrefix
    """The service's prefix in actions, such as `athena`."""
    levels: Levels
    """AWS's access levels; each grants its actions in `actions.lock`."""
    resources: Annotated[tuple[ServiceResource, ...], Field(max_length=200)] = ()
    """Type and name such as `workgroup/reports`, or ARNs; without any, only actions that AWS authorizes without a resource."""
    where: Where | None = None
    """A condition on a tag of the resources."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report levels listed twice, and a tag condition without resources."""
        if self.where is not None and not self.resources:
            yield Mistake(
                "`where` of {owner} needs resources",
                "no `resources`",
                "`resources`, such as `instance/*` of `ec2`",
                "where",
            )
        yield from repetitions("levels", self.levels)


class ServiceGrant(Strict):
    """Access to a service by access levels."""

    allow: ServiceAccess
    """The service, the levels and the resources."""
    until: Day | None = None
    """The last day of the grant, in UTC."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""
