"""`roles:` - what is assumed: by our own people, partners, SAML users, workflows."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.fields.dates import Day, Duration, MfaAge, seconds
from keywright.model.fields.strict import Mistake, Strict, says_only_existing
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import Shape
from keywright.model.grants.grant import Grant, Grants, ManagedPolicies, S3Grant, ServiceGrant
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
    """A role that people, partners or federated identities assume."""

    trusts: Annotated[tuple[Trust, ...], Field(max_length=50)] = ()
    """Who may assume it; at least one."""
    session: Duration = "1h"
    """How long a session lasts, from `1h` to `12h`."""
    grants: Grants = ()
    """What its sessions may do."""
    policies: ManagedPolicies = ()
    """Managed policies of the role, each with its reason."""
    tags: Tags
    """Tags of the role, at most 50; by them grants may decide."""
    until: Day | None = None
    """The last day, in UTC, on which anybody may assume it or act as it; afterwards it is not there."""
    existing: bool = False
    """Whether the role is only referenced, and never created, changed or deleted."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether nobody can assume it, or a session is of a length that STS refuses."""
        if self.existing:
            yield from says_only_existing(self)
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
