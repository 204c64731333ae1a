"""`roles:` and `delegations:` - roles, and teams that create roles themselves."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.adoption import AdoptedRole
from keywright.model.fields.dates import Day, Duration, MfaAge, seconds
from keywright.model.fields.strict import Mistake, Strict, only_existing, repetitions
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import Reason, Shape
from keywright.model.grants.grant import Grant, Grants, ManagedPolicies, S3Grant, ServiceGrant
from keywright.model.retiring import Retiring
from keywright.model.trusts.account import AccountTrust, Colleagues
from keywright.model.trusts.anywhere import AnywhereTrust
from keywright.model.trusts.pod_identity import EksTrust
from keywright.model.trusts.service import ServiceTrust
from keywright.model.trusts.tokens import TokenTrust
from keywright.model.trusts.trust import GroupTrust, OidcTrust, RoleTrust, SamlTrust, Trust, WorkloadTrust
from keywright.policy.quotas import SESSION_SECONDS

__all__ = [
    "AccountTrust",
    "AnywhereTrust",
    "Colleagues",
    "EksTrust",
    "GroupTrust",
    "MfaAge",
    "OidcTrust",
    "Role",
    "RoleTrust",
    "SamlTrust",
    "ServiceTrust",
    "TokenTrust",
    "Trust",
    "WorkloadTrust",
]


class Role(Strict):
    """A role that people, services, partners or federated identities assume."""

    trusts: Annotated[tuple[Trust, ...], Field(max_length=50)] = ()
    """Who can assume it; at least one."""
    session: Duration = "1h"
    """How long a session lasts, from `1h` to `12h`."""
    grants: Grants = ()
    """What its sessions can do."""
    policies: ManagedPolicies = ()
    """Managed policies of the role, each with its reason."""
    tags: Tags
    """Tags of the role, at most 50; grants can depend on them."""
    until: Day | None = None
    """The last day, in UTC, on which it can be assumed and used; then it is deleted."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""
    retiring: Retiring | None = None
    """Denies everything that its sessions can do, as the last step before its removal; without this key all of it comes back."""
    existing: bool = False
    """Whether the role is only referenced, and never created, changed or deleted."""
    adopted: AdoptedRole | None = None
    """What it keeps, if it existed before it was declared."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a role that nobody can assume, and an invalid session duration."""
        if self.existing:
            yield from only_existing(self)
            return
        if not self.trusts:
            yield Mistake("{owner} trusts nobody", "no `trusts`", "at least one trust", "trusts")
        if seconds(self.session) not in SESSION_SECONDS:
            yield Mistake(
                "`session` of {owner} is out of range", f"`{self.session}`", "`1h` to `12h`", "session"
            )
        yield from mistakes_of_tags(self.tags)


Delegate = Annotated[
    str,
    Shape(
        "a delegate",
        "`group/` or `role/` and its name",
        pattern=r"^(group|role)/[A-Za-z0-9+=,.@_-]{1,64}$",
        kinds=("group", "role"),
    ),
]
Service = Annotated[
    str,
    Shape(
        "a service that roles can be passed to",
        "the first part of its principal, such as `ec2` or `lambda`",
        pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$",
        longest=100,
    ),
]


class Delegation(Strict):
    """Lets a team create roles with inline policies, and instance profiles, all under one path and permissions boundary."""

    to: Annotated[tuple[Delegate, ...], Field(min_length=1, max_length=20)]
    """Who can create them: groups and roles."""
    grants: Annotated[Grants, Field(min_length=1)]
    """The most that such a role can do, whatever its policies allow."""
    policies: ManagedPolicies = ()
    """Managed policies that can be attached to such a role, each with its reason."""
    pass_to: Annotated[tuple[Service, ...], Field(max_length=20)] = ()
    """The services that such a role can be passed to, such as `ec2`."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report repeated items, and grants by a principal tag, which such a role can't have."""
        for key in ("to", "pass_to"):
            yield from repetitions(key, getattr(self, key))
        for index, grant in enumerate(self.grants):
            # The boundary denies tagging roles, so a role that is created by delegation has no tags.
            if _needs_principal_tag(grant):
                yield Mistake(
                    "a grant of {owner} depends on a principal tag, which its roles can't have",
                    "a tag",
                    "a prefix, or resources by name",
                    ("grants", index),
                )


def _needs_principal_tag(grant: Grant) -> bool:
    if isinstance(grant, S3Grant):
        return grant.prefix_by is not None
    return (
        isinstance(grant, ServiceGrant) and grant.allow.where is not None and bool(grant.allow.where.equals)
    )
