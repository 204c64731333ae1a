"""`identity_center:` - the instance of IAM Identity Center that people come by, and the groups there that get access."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from keywright.model.fields.dates import Day, Duration, seconds
from keywright.model.fields.strict import Argued, Mistake, Strict, kind_tag, says_only_existing, tag_of
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import AccountId, IdentityName, Reason, Region, Shape
from keywright.model.grants.grant import Grants, ManagedPolicies, ManagedPolicyGrant
from keywright.policy.quotas import SESSION_SECONDS

MOST_GROUPS = 500
InstanceArn = Annotated[
    str,
    Shape(
        "an instance of IAM Identity Center",
        "its ARN, such as `arn:aws:sso:::instance/ssoins-1234567890abcdef`",
        pattern=r"^arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[A-Za-z0-9.-]{16}$",
    ),
]
IdentityStoreId = Annotated[
    str,
    Shape(
        "an identity store",
        "its id, such as `d-1234567890`",
        pattern=r"^(d-[0-9a-f]{10}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$",
    ),
]
PrincipalId = Annotated[
    str,
    Shape(
        "a group's or user's id in the identity store",
        "such as `906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50`, in small letters",
        pattern=r"^([0-9a-f]{10}-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    ),
]
"""Given out once and never again: who leaves and comes back under the same name is somebody else."""
DisplayName = Annotated[
    str,
    Shape(
        "the name of a group in the identity store",
        "1 to 128 characters, none of them for control",
        pattern=r"^[^\x00-\x1f\x7f]+$",
        longest=128,
        strip=True,
    ),
]


class CenterGroup(Strict):
    """A group of the identity store: one that a directory keeps, by its id, or one that is made here."""

    id: PrincipalId | None = None
    """The id of a group that is there already, as a directory synchronizes it; never created, changed or deleted."""
    display_name: DisplayName | None = None
    """What a group is called that is made here, where no directory keeps it."""
    members: Annotated[dict[IdentityName, PrincipalId], Field(default_factory=dict, max_length=MOST_GROUPS)]
    """Who is in a group that is made here: the id in the identity store by the name that people know."""
    because: Reason | None = None
    """Why a group is made here and not in the directory; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it is both there already and made here, or neither, and who is a member twice."""
        if (self.id is None) == (self.display_name is None):
            found = "both `id` and `display_name`" if self.id else "neither `id` nor `display_name`"
            accepted = "`id` of a group that a directory keeps; or `display_name` and `because` of one that is made here"
            yield Mistake("a group of {owner} is of one kind", found, accepted)
        elif self.id is None and self.because is None:
            yield Mistake(
                "a group of {owner} is made here, beside any directory",
                "no `because`",
                "`because`, or the `id` of a group that a directory keeps",
                "display_name",
            )
        elif self.id is not None:
            for key in ("members", "because"):
                if getattr(self, key):
                    way_on = f"`id` without `{key}`"
                    yield Mistake(
                        "a group of {owner} is kept by a directory and never changed", f"`{key}`", way_on, key
                    )
        seen: dict[str, str] = {}
        for name, member in self.members.items():
            if seen.setdefault(member, name) != name:
                yield Mistake(
                    "a group of {owner} has a member twice",
                    f"`{member}`, as `{seen[member]}` and `{name}`",
                    "each once",
                    ("members", name),
                )


class IdentityCenter(Strict):
    """An instance of IAM Identity Center, which exists already: CloudFormation makes none for an organization."""

    instance: InstanceArn
    """The ARN of the instance ("ListInstances")."""
    identity_store: IdentityStoreId
    """The identity store of the instance, where its users and groups are."""
    region: Region | None = None
    """Where the instance lives; the account's region unless said."""
    groups: Annotated[dict[IdentityName, CenterGroup], Field(default_factory=dict, max_length=MOST_GROUPS)]
    """The groups that permission sets are assigned to, by the name that they have here."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which two groups are one."""
        seen: dict[str, str] = {}
        for name, group in self.groups.items():
            of_it = group.id or f"{group.display_name}".casefold()
            if seen.setdefault(of_it, name) != name:
                yield Mistake(
                    "two groups of {owner} are one",
                    f"`{group.id or group.display_name}`, as `{seen[of_it]}` and `{name}`",
                    "each once",
                    ("groups", name),
                )


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
        if seconds(self.session) not in SESSION_SECONDS:
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


class AssignedPerson(Strict):
    """One user of the identity store, beside all groups."""

    user: IdentityName
    """The name that people know."""
    id: PrincipalId
    """The user's id in the identity store."""
    because: Reason
    """Why no group will do; a sentence for the reviewer."""


class Assignment(Strict):
    """A permission set for groups, in accounts."""

    permission_set: SetName
    """The permission set, as it is declared."""
    groups: Annotated[tuple[IdentityName, ...], Field(max_length=200)] = ()
    """Groups under `identity_center`: to join one is to get it, to leave is to lose it."""
    people: Annotated[tuple[AssignedPerson, ...], Field(max_length=50)] = ()
    """Single users, each with its reason."""
    accounts: Annotated[tuple[AccountId, ...], Field(max_length=400)] = ()
    """The accounts; this account unless said."""
    until: Day | None = None
    """The last day, in UTC, on which they may act by it; afterwards it is not there."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say that nobody gets it, or who is named twice."""
        if not self.groups and not self.people:
            yield Mistake("{owner} is for nobody", "no `groups`", "at least one group", "groups")
        for key in ("groups", "accounts"):
            yield from _twice(key, getattr(self, key))
        yield from _twice("people", tuple(each.id for each in self.people), "id")


def _twice(key: str, names: tuple[str, ...], *below: str) -> Iterator[Mistake]:
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"`{key}` of {{owner}} names one twice"
            yield Mistake(message, f"`{name}`", "each once", (key, index, *below))


def twin_name(permission_set: str, until: date) -> str:
    """Name the copy of a permission set in which all ends on a day: an assignment itself can't carry an end."""
    return f"{permission_set}.{until.isoformat()}"
