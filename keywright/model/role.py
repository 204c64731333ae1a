"""`roles:` - what is assumed: by our own people, partners, SAML users, workflows."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.account_trust import AccountTrust, Colleagues
from keywright.model.anywhere_trust import AnywhereTrust
from keywright.model.bitbucket_trust import BitbucketTrust
from keywright.model.buildkite_trust import BuildkiteTrust
from keywright.model.circleci_trust import CircleCiTrust
from keywright.model.day import Day
from keywright.model.duration import Duration, seconds
from keywright.model.eks_trust import EksTrust
from keywright.model.existing import says_only_existing
from keywright.model.gitlab_trust import GitLabTrust
from keywright.model.google_trust import GoogleTrust
from keywright.model.grant import Grants, ManagedPolicies
from keywright.model.mfa_age import MfaAge
from keywright.model.role_trust import RoleTrust
from keywright.model.service_trust import ServiceTrust
from keywright.model.strict import Mistake, Strict
from keywright.model.tags import Tags, mistakes_of_tags
from keywright.model.terraform_trust import TerraformTrust
from keywright.model.trust import CiTrust, GitHubIds, GitHubTrust, GroupTrust, OidcTrust, SamlTrust, Trust
from keywright.model.workload_trust import WorkloadTrust

__all__ = [
    "AccountTrust",
    "AnywhereTrust",
    "BitbucketTrust",
    "BuildkiteTrust",
    "CiTrust",
    "CircleCiTrust",
    "Colleagues",
    "EksTrust",
    "GitHubIds",
    "GitHubTrust",
    "GitLabTrust",
    "GoogleTrust",
    "GroupTrust",
    "MfaAge",
    "OidcTrust",
    "Role",
    "RoleTrust",
    "SamlTrust",
    "ServiceTrust",
    "TerraformTrust",
    "Trust",
    "WorkloadTrust",
]

_SESSION = range(3600, 43_201)


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
        if seconds(self.session) not in _SESSION:
            yield Mistake(
                "`session` of {owner} is out of range", f"`{self.session}`", "`1h` to `12h`", "session"
            )
        yield from mistakes_of_tags(self.tags)
