"""Everything that a folder declares, merged from its files."""

from typing import Annotated

from pydantic import Field

from keywright.model.account.organization import Organization
from keywright.model.account.settings import Account
from keywright.model.buckets import Bucket
from keywright.model.exceptions import FindingException
from keywright.model.fields.strict import Strict
from keywright.model.fields.text import DeclaredName, IdentityName
from keywright.model.grants.grant import OwnPolicy
from keywright.model.identity_center import Assignment, IdentityCenter, PermissionSet, SetName
from keywright.model.invariants import Always, Never
from keywright.model.people.groups import Group
from keywright.model.people.users import User
from keywright.model.roles import Delegation, Role
from keywright.model.stacks.shards import Shards
from keywright.model.trusts.anywhere import TrustAnchor
from keywright.model.trusts.identity_provider import IdentityProvider
from keywright.model.workloads import Workload


class Declarations(Strict):
    """Who and what may reach the account; each section is optional but the account."""

    account: Account
    """The account that all of this is about; in exactly one of the files."""
    shards: Shards = Shards()
    """Over how many stacks each kind of thing is spread; one each unless said."""
    groups: dict[IdentityName, Group] = Field(default_factory=dict)
    """Groups of people by name: to join is to get, to leave is to lose."""
    users: dict[IdentityName, User] = Field(default_factory=dict)
    """People, and applications that can't assume a role, by name."""
    policies: dict[IdentityName, OwnPolicy] = Field(default_factory=dict)
    """Managed policies of ours by name, for grants that several identities share."""
    buckets: dict[DeclaredName, Bucket] = Field(default_factory=dict)
    """The buckets that access is about, by the name used here."""
    workloads: dict[DeclaredName, Workload] = Field(default_factory=dict)
    """What runs on EC2, by name."""
    identity_providers: dict[DeclaredName, IdentityProvider] = Field(default_factory=dict)
    """Who vouches for federated identities, by name."""
    trust_anchors: dict[DeclaredName, TrustAnchor] = Field(default_factory=dict)
    """Whose signature on a certificate lets machines outside of AWS in, by name."""
    roles: dict[IdentityName, Role] = Field(default_factory=dict)
    """Roles that people, partners and federated identities assume, by name."""
    delegations: dict[DeclaredName, Delegation] = Field(default_factory=dict)
    """Who makes roles of its own, under a path and a boundary, by name."""
    identity_center: IdentityCenter | None = None
    """The instance of IAM Identity Center, and the groups there that get access."""
    permission_sets: dict[SetName, PermissionSet] = Field(default_factory=dict)
    """What somebody who comes by IAM Identity Center may do, by name."""
    assignments: Annotated[tuple[Assignment, ...], Field(max_length=1000)] = ()
    """Which groups get which permission set, in which accounts."""
    organization: Organization | None = None
    """The control policies that limit the account, level by level; read, never deployed."""
    never: Annotated[tuple[Never, ...], Field(max_length=1000)] = ()
    """What no principal may do, whoever grants it."""
    always: Annotated[tuple[Always, ...], Field(max_length=1000)] = ()
    """What somebody must be able to do, whatever denies it."""
    exceptions: Annotated[tuple[FindingException, ...], Field(max_length=1000)] = ()
    """Findings that are accepted, each for a reason and until a day."""
