"""`permission_sets:` - what somebody who comes by IAM Identity Center may do, in each account that it is assigned in."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from keywright.model.argued import Argued
from keywright.model.day import Day
from keywright.model.duration import Duration, seconds
from keywright.model.existing import says_only_existing
from keywright.model.grant import Grants, ManagedPolicies, ManagedPolicyGrant
from keywright.model.kind import kind_tag, tag_of
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict
from keywright.model.tags import Tags, mistakes_of_tags

SESSION = range(3600, 43_201)
LONGEST_NAME = 32
KIND = "permissionset"
"""Begins how a permission set is named where kinds are mixed: `permissionset/Analyst`."""

SetName = Annotated[
    str,
    Shape(
        "the name of a permission set",
        f"1 to {LONGEST_NAME} letters, digits and `+=,.@_-`",
        pattern=rf"^[A-Za-z0-9+=,.@_-]{{1,{LONGEST_NAME}}}$",
    ),
]
SetArn = Annotated[
    str,
    Shape(
        "a permission set's ARN",
        "`arn:aws:sso:::permissionSet/ssoins-…/ps-…`",
        pattern=r"^arn:aws(-[a-z]{1,5}){0,3}:sso:::permissionSet/(sso)?ins-[A-Za-z0-9.-]{16}/ps-[A-Za-z0-9./-]{16}$",
    ),
]
RelayState = Annotated[
    str,
    Shape(
        "a page of the console",
        "an address with `https://`, at most 240 characters",
        pattern=r"^https://[A-Za-z0-9&$@#/%?=~_'|!:,.;*+()-]+$",
        longest=240,
    ),
]
Description = Annotated[
    str,
    Shape(
        "a description",
        "1 to 700 printable characters of Latin 1",
        pattern=r"^[\x20-\x7e\xa1-\xff]+$",
        longest=700,
        strip=True,
    ),
]


class OurBoundary(Strict):
    """The boundary of Keywright, in accounts all of which have it."""

    ours: Literal[True]
    """Whether each account of its assignments is declared with Keywright, under the same path."""


class NoBoundary(Strict):
    """No boundary at all."""

    none: Argued
    """Why the fence must not hold for it."""


_BOUNDARIES: Mapping[str, type[Strict]] = {
    "ours": OurBoundary,
    "managed": ManagedPolicyGrant,
    "none": NoBoundary,
}


def _boundary(value: Any) -> str | None:
    return tag_of(value, _BOUNDARIES)


Boundary = Annotated[
    Annotated[OurBoundary, Tag(kind_tag("ours"))]
    | Annotated[ManagedPolicyGrant, Tag(kind_tag("managed"))]
    | Annotated[NoBoundary, Tag(kind_tag("none"))],
    Discriminator(_boundary),
]
"""Exactly one of `ours`, `managed` and `none`."""


class PermissionSet(Strict):
    """What AWS makes a role of in each account: `AWSReservedSSO_` and its name."""

    description: Description | None = None
    """What people read beside its name when they choose it."""
    session: Duration = "1h"
    """How long a session lasts, from `1h` to `12h`."""
    relay_state: RelayState | None = None
    """The page of the console that it opens on."""
    grants: Grants = ()
    """What its sessions may do."""
    policies: ManagedPolicies = ()
    """Managed policies of AWS's, or of the account by name, each with its reason."""
    boundary: Boundary | None = None
    """What caps it; the boundary of Keywright where it is assigned in this account alone."""
    tags: Tags
    """Tags of the permission set itself, at most 50; its sessions have none of them."""
    until: Day | None = None
    """The last day, in UTC, on which anybody may act by it; afterwards it is not there."""
    existing: SetArn | None = None
    """The ARN of one that is there already: it is assigned, and never created, changed or deleted."""

    @property
    def is_within_ours(self) -> bool:
        """Whether the boundary of Keywright caps it: it does unless it says otherwise."""
        return self.existing is None and (self.boundary is None or isinstance(self.boundary, OurBoundary))

    def mistakes(self) -> Iterator[Mistake]:
        """Say what IAM Identity Center would refuse, and what gives nothing."""
        if self.existing is not None:
            yield from says_only_existing(self)
            return
        if not self.grants and not self.policies:
            yield Mistake(
                "{owner} gives nothing", "neither `grants` nor `policies`", "one of them, or `existing`"
            )
        if seconds(self.session) not in SESSION:
            yield Mistake(
                "`session` of {owner} is out of range", f"`{self.session}`", "`1h` to `12h`", "session"
            )
        yield from mistakes_of_tags(self.tags)
        for key, value in self.tags.items():
            if not fits_tag(key, value):
                yield Mistake(
                    "a tag of {owner} has characters that IAM Identity Center refuses",
                    f"`{key}: {value}`",
                    "letters, digits and `+=,.@_-` in both",
                    ("tags", key),
                )


_TAG = frozenset("+=,.@_-")


def fits_tag(key: str, value: str) -> bool:
    """Tell whether a permission set takes a tag ("AWS::SSO::PermissionSet Tag", CloudFormation Template Reference)."""
    return bool(value) and all(each.isalnum() or each in _TAG for each in f"{key}{value}")
