"""`identity_center:` - the instance of IAM Identity Center that people come by, and the groups there that get access."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.name import IdentityName, Reason
from keywright.model.region import Region
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

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
