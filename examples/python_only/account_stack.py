"""What must exist before any identity: the identity keeper, the permissions boundary, the MFA guard, account settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account.settings import AccountAlias, PasswordPolicySetting
from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.people.mfa_guard import MfaGuard
from access_constructs.policies.boundary import Boundary
from examples.python_only.acme_stack import KEEPER, PATH, AcmeStack

if TYPE_CHECKING:
    from constructs import Construct

STACKS = ("acme-account", "acme-data", "acme-people", "acme-roles", "acme-workloads")


class AccountStack(AcmeStack):
    """Keeper, boundary and guard; account settings depend on the keeper, because CloudFormation has no resource for them."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        keeper = IdentityKeeper(self, "Keeper", path=PATH)
        Boundary(self, "Boundary", path=PATH, services=("s3", "athena", "ec2"), stacks=STACKS)
        MfaGuard(self, "Guard", path=PATH)
        settings = (
            PasswordPolicySetting(self, "PasswordPolicy", keeper_token=KEEPER, minimum_length=16),
            AccountAlias(self, "Alias", keeper_token=KEEPER, alias="acme-reporting"),
        )
        for setting in settings:
            setting.node.add_dependency(keeper)
