"""The sections of declarations, merged from the files of a folder."""

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
    """Who and what has access to an AWS account; all sections but `account` are optional."""

    account: Account
    """The AWS account; in exactly one of the files."""
    shards: Shards = Shards()
    """How many stacks each kind of thing is spread over; by default one."""
    groups: dict[IdentityName, Group] = Field(default_factory=dict)
    """Groups of people, by name. Access lasts as long as membership."""
    users: dict[IdentityName, User] = Field(default_factory=dict)
    """IAM users, by name: people, and applications that can't assume a role."""
    policies: dict[IdentityName, OwnPolicy] = Field(default_factory=dict)
    """Customer managed policies, by name, for grants that several identities share."""
    buckets: dict[DeclaredName, Bucket] = Field(default_factory=dict)
    """S3 buckets, by the name that grants use."""
    workloads: dict[DeclaredName, Workload] = Field(default_factory=dict)
    """Applications on EC2, by name."""
    identity_providers: dict[DeclaredName, IdentityProvider] = Field(default_factory=dict)
    """SAML and OIDC identity providers, by name."""
    trust_anchors: dict[DeclaredName, TrustAnchor] = Field(default_factory=dict)
    """Trust anchors of IAM Roles Anywhere, for machines outside of AWS, by name."""
    roles: dict[IdentityName, Role] = Field(default_factory=dict)
    """Roles that people, services, partners and federated identities assume, by name."""
    delegations: dict[DeclaredName, Delegation] = Field(default_factory=dict)
    """Teams that create roles themselves, under a path and a permissions boundary, by name."""
    identity_center: IdentityCenter | None = None
    """The instance of IAM Identity Center, and its groups that get access."""
    permission_sets: dict[SetName, PermissionSet] = Field(default_factory=dict)
    """Permission sets of IAM Identity Center, by name."""
    assignments: Annotated[tuple[Assignment, ...], Field(max_length=1000)] = ()
    """The groups and users that get a permission set, and in which accounts."""
    organization: Organization | None = None
    """The control policies of the organization that limit the account; read for analysis, never deployed."""
    never: Annotated[tuple[Never, ...], Field(max_length=1000)] = ()
    """What no principal can do, whatever policies allow."""
    always: Annotated[tuple[Always, ...], Field(max_length=1000)] = ()
    """What given principals can do, whatever policies deny."""
    exceptions: Annotated[tuple[FindingException, ...], Field(max_length=1000)] = ()
    """Accepted findings, each with a reason and a last day."""
