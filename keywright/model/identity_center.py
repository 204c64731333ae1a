"""`identity_center:`, `permission_sets:` and `assignments:` - access by IAM Identity Center."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from keywright.model.fields.dates import Day, Duration, seconds
from keywright.model.fields.strict import (
    Mistake,
    Reasoned,
    Strict,
    kind_tag,
    only_existing,
    repetitions,
    tag_of,
)
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
"""Never used again: a user who is deleted and created again under the same name has another id."""
DisplayName = Annotated[
    str,
    Shape(
        "the name of a group in the identity store",
        "1 to 128 characters without control characters",
        pattern=r"^[^\x00-\x1f\x7f]+$",
        longest=128,
        strip=True,
    ),
]


class CenterGroup(Strict):
    """A group of the identity store: an existing one by its id, or one that is created here."""

    id: PrincipalId | None = None
    """The id of an existing group, such as a directory synchronizes; never created, changed or deleted."""
    display_name: DisplayName | None = None
    """The name of a group that is created here, without a directory."""
    members: Annotated[dict[IdentityName, PrincipalId], Field(default_factory=dict, max_length=MOST_GROUPS)]
    """The members of a group that is created here: ids in the identity store, by user name."""
    because: Reason | None = None
    """Why the group is created here and not in a directory; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a group that is both existing and created here, or neither, and repeated members."""
        if (self.id is None) == (self.display_name is None):
            found = "both" if self.id else "neither"
            accepted = "`id` of an existing group, or `display_name` and `because` of a new one"
            yield Mistake(
                "a group of {owner} has not exactly one of `id` and `display_name`", found, accepted
            )
        # Groups mostly come from a directory, so one that is created here is an exception with a reason.
        elif self.id is None and self.because is None:
            yield Mistake(
                "a group of {owner} is created outside a directory without a reason",
                "no `because`",
                "`because`, or the `id` of an existing group",
                "display_name",
            )
        elif self.id is not None:
            for key in ("members", "because"):
                if getattr(self, key):
                    accepted = f"`id` without `{key}`"
                    yield Mistake(
                        "a group of {owner} exists already and is never changed", f"`{key}`", accepted, key
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
    """An existing instance of IAM Identity Center: CloudFormation can't create one for an organization."""

    instance: InstanceArn
    """The ARN of the instance ("ListInstances")."""
    identity_store: IdentityStoreId
    """The id of the instance's identity store, which has its users and groups."""
    region: Region | None = None
    """The region of the instance; by default the account's."""
    groups: Annotated[dict[IdentityName, CenterGroup], Field(default_factory=dict, max_length=MOST_GROUPS)]
    """The groups that permission sets are assigned to, by the name that assignments use."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report groups declared twice."""
        seen: dict[str, str] = {}
        for name, group in self.groups.items():
            identity = group.id or f"{group.display_name}".casefold()
            if seen.setdefault(identity, name) != name:
                yield Mistake(
                    "{owner} has a group twice",
                    f"`{group.id or group.display_name}`, as `{seen[identity]}` and `{name}`",
                    "each once",
                    ("groups", name),
                )


LONGEST_NAME = 32
KIND = "permissionset"
"""The kind in references such as `permissionset/Analyst`."""

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
    """Keywright's permissions boundary, which all accounts of the assignments have."""

    ours: Literal[True]
    """Whether each account of its assignments is managed with Keywright, under the same path."""


class NoBoundary(Strict):
    """No permissions boundary."""

    none: Reasoned
    """Why the boundary must not apply; a reason under `because`."""


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
    """A permission set, of which AWS creates a role `AWSReservedSSO_…` in each account."""

    description: Description | None = None
    """The description that people see when they choose it."""
    session: Duration = "1h"
    """How long a session lasts, from `1h` to `12h`."""
    relay_state: RelayState | None = None
    """The console page that it opens."""
    grants: Grants = ()
    """What its sessions can do."""
    policies: ManagedPolicies = ()
    """AWS managed policies, or the account's by name, each with its reason."""
    boundary: Boundary | None = None
    """Its permissions boundary; by default Keywright's, if it is assigned in this account only."""
    tags: Tags
    """Tags of the permission set itself, at most 50; its sessions have none of them."""
    until: Day | None = None
    """The last day, in UTC, on which it can be used; then it is deleted."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""
    existing: SetArn | None = None
    """The ARN of an existing one: it is assigned, and never created, changed or deleted."""

    @property
    def is_within_ours(self) -> bool:
        """Whether Keywright's boundary limits it, which is the default."""
        return self.existing is None and (self.boundary is None or isinstance(self.boundary, OurBoundary))

    def mistakes(self) -> Iterator[Mistake]:
        """Report what IAM Identity Center would refuse, and a permission set without access."""
        if self.existing is not None:
            yield from only_existing(self)
            return
        if not self.grants and not self.policies:
            yield Mistake(
                "{owner} grants nothing", "neither `grants` nor `policies`", "one of them, or `existing`"
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
    """Tell whether a permission set can have a tag ("AWS::SSO::PermissionSet Tag", CloudFormation Template Reference)."""
    return bool(value) and all(each.isalnum() or each in _TAG for each in f"{key}{value}")


class AssignedPerson(Strict):
    """A single user of the identity store."""

    user: IdentityName
    """The user name, for readers."""
    id: PrincipalId
    """The user's id in the identity store."""
    because: Reason
    """Why it is not a group; a sentence for the reviewer."""


class Assignment(Strict):
    """Assigns a permission set to groups and users in accounts."""

    permission_set: SetName
    """The name of the permission set."""
    groups: Annotated[tuple[IdentityName, ...], Field(max_length=200)] = ()
    """Groups under `identity_center`; access lasts as long as membership."""
    people: Annotated[tuple[AssignedPerson, ...], Field(max_length=50)] = ()
    """Single users, each with its reason."""
    accounts: Annotated[tuple[AccountId, ...], Field(max_length=400)] = ()
    """The accounts; by default this account."""
    until: Day | None = None
    """The last day, in UTC, of the access; then the assignment is deleted."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an assignment to nobody, and repeated items."""
        if not self.groups and not self.people:
            yield Mistake("{owner} has no groups and no users", "no `groups`", "at least one group", "groups")
        for key in ("groups", "accounts"):
            yield from repetitions(key, getattr(self, key))
        yield from repetitions("people", [each.id for each in self.people], "id")


def twin_name(permission_set: str, until: date) -> str:
    """Name the copy of a permission set whose access ends on a day, since an assignment itself can't have an end."""
    return f"{permission_set}.{until.isoformat()}"
