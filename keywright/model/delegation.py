"""`delegations:` - who may make roles of its own, under which path, and the most that these may do."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.grant import Grant, Grants, ManagedPolicies, S3Grant, ServiceGrant
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

Delegate = Annotated[
    str,
    Shape(
        "a delegate",
        "`group/` or `role/` and its name",
        pattern=r"^(group|role)/[A-Za-z0-9+=,.@_-]{1,64}$",
    ),
]
Service = Annotated[
    str,
    Shape(
        "a service that takes roles",
        "the first part of its principal, such as `ec2` or `lambda`",
        pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$",
        longest=100,
    ),
]


class Delegation(Strict):
    """Roles, instance profiles and policies that a team makes for itself, all under one path and one boundary."""

    to: Annotated[tuple[Delegate, ...], Field(min_length=1, max_length=20)]
    """Who makes them: groups and roles."""
    grants: Annotated[Grants, Field(min_length=1)]
    """The most that a role made so may do, whatever its policies say."""
    policies: ManagedPolicies = ()
    """Managed policies that may be attached beside those the team makes, each with its reason."""
    pass_to: Annotated[tuple[Service, ...], Field(max_length=20)] = ()
    """The services that may be given such a role, such as `ec2`."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say who is named twice, and which grant no role made so could use."""
        for key in ("to", "pass_to"):
            names = getattr(self, key)
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield Mistake(
                        f"`{key}` of {{owner}} names one twice", f"`{name}`", "each once", (key, index)
                    )
        for index, grant in enumerate(self.grants):
            if _decides_by_tag(grant):
                yield Mistake(
                    "a grant of {owner} decides by a tag, which no role made so may carry",
                    "a tag",
                    "a prefix, or resources by name",
                    ("grants", index),
                )


def _decides_by_tag(grant: Grant) -> bool:
    if isinstance(grant, S3Grant):
        return grant.prefix_by is not None
    return (
        isinstance(grant, ServiceGrant) and grant.allow.where is not None and bool(grant.allow.where.equals)
    )
