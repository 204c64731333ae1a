"""Everything that a folder declares, merged from its files."""

from __future__ import annotations

from pydantic import Field

from keywright.model.account import Account
from keywright.model.bucket import Bucket
from keywright.model.exception import FindingException
from keywright.model.group import Group
from keywright.model.identity_provider import IdentityProvider
from keywright.model.name import DeclaredName, IdentityName
from keywright.model.never import Never
from keywright.model.role import Role
from keywright.model.strict import Strict
from keywright.model.user import User
from keywright.model.workload import Workload


class Declarations(Strict):
    """Who and what may reach the account; each section is optional but the account."""

    account: Account
    groups: dict[IdentityName, Group] = Field(default_factory=dict)
    users: dict[IdentityName, User] = Field(default_factory=dict)
    buckets: dict[DeclaredName, Bucket] = Field(default_factory=dict)
    workloads: dict[DeclaredName, Workload] = Field(default_factory=dict)
    identity_providers: dict[DeclaredName, IdentityProvider] = Field(default_factory=dict)
    roles: dict[IdentityName, Role] = Field(default_factory=dict)
    never: tuple[Never, ...] = ()
    exceptions: tuple[FindingException, ...] = ()
