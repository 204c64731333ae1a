"""`access-account`: what must exist before any identity: keeper, boundary, MFA guard, and the account's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account.analyzers import ExternalAccessAnalyzer, UnusedAccessAnalyzer
from access_constructs.account.settings import AccountAlias, PasswordPolicySetting
from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.people.mfa_guard import MfaGuard
from access_constructs.policies.boundary import Boundary
from access_stacks.analyzer_stack import EXTERNAL_ANALYZER
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.identity_arns import users_elsewhere
from keywright.statements.declared.boundaries import declared_boundaries

if TYPE_CHECKING:
    from constructs import Construct

    from access_stacks.inputs import StackInputs
    from keywright.model.account.settings import AccessAnalyzer


class AccountStack(PinnedStack):
    """The identity keeper, the permissions boundary, the MFA guard, password policy, alias and access analyzers."""

    def __init__(self, scope: Construct, construct_id: str, *, inputs: StackInputs) -> None:
        super().__init__(
            scope, construct_id, inputs=inputs, description="Keeper, boundary, guard, account settings"
        )
        account = inputs.account
        keeper = IdentityKeeper(
            self,
            "IdentityKeeper",
            path=account.path,
            other_users=users_elsewhere(inputs.declarations),
        )
        with declared_at("account"):
            self._boundaries(inputs)
        MfaGuard(self, "MfaGuard", path=account.path)
        if account.password_policy is not None:
            policy = PasswordPolicySetting(
                self,
                "PasswordPolicy",
                keeper_token=inputs.keeper_token,
                **account.password_policy.model_dump(exclude={"because"}),
            )
            # The service token is a literal ARN, in which CloudFormation sees no dependency on the keeper.
            policy.node.add_dependency(keeper)
        if account.alias is not None:
            alias = AccountAlias(self, "AccountAlias", keeper_token=inputs.keeper_token, alias=account.alias)
            alias.node.add_dependency(keeper)
        if account.access_analyzer is not None:
            self._analyzers(account.access_analyzer)
        self.declared["account"] = self

    def _analyzers(self, declared: AccessAnalyzer) -> None:
        if not declared.existing:
            ExternalAccessAnalyzer(
                self,
                "ExternalAccess",
                name=EXTERNAL_ANALYZER,
                trusted_accounts=declared.trusted_accounts,
            )
        if declared.unused_days is not None:
            UnusedAccessAnalyzer(
                self, "UnusedAccess", name="keywright-unused-access", days=declared.unused_days
            )

    def _boundaries(self, inputs: StackInputs) -> None:
        for each in declared_boundaries(inputs.declarations, sandbox=inputs.sandbox):
            Boundary(
                self,
                each.policy_name,
                path=inputs.account.path,
                services=each.services,
                policy_name=each.policy_name,
                denials=each.denials,
                **each.restrictions,
            )
