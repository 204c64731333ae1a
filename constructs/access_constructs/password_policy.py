"""The account's password policy, set by the identity keeper because CloudFormation has no resource for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from access_constructs.identity_keeper import keeper_resource
from access_constructs.logical_id import logical_id

if TYPE_CHECKING:
    import aws_cdk as cdk


class PasswordPolicySetting(Construct):
    """Sets all fields of the password policy ("UpdateAccountPasswordPolicy", IAM API Reference: what is left out resets).

    `minimum_length` is 6 to 128 characters, `remember` 1 to 24 former passwords, `maximum_age_days` 1 to 1,095 days
    or never. `change_own` lets every user of the account change their own password, without a grant of its own.
    When the setting goes, the policy that stood before it comes back, unless somebody has changed it meanwhile.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        keeper_token: str,
        minimum_length: int = 14,
        remember: int = 24,
        maximum_age_days: int | None = None,
        symbols: bool = True,
        numbers: bool = True,
        uppercase: bool = True,
        lowercase: bool = True,
        change_own: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        fields = {
            "MinimumPasswordLength": minimum_length,
            "PasswordReusePrevention": remember,
            "RequireSymbols": symbols,
            "RequireNumbers": numbers,
            "RequireUppercaseCharacters": uppercase,
            "RequireLowercaseCharacters": lowercase,
            "AllowUsersToChangePassword": change_own,
            **({} if maximum_age_days is None else {"MaxPasswordAge": maximum_age_days}),
        }
        self.resource: cdk.CfnResource = keeper_resource(
            self, "Custom::PasswordPolicy", keeper_token=keeper_token, properties=fields
        )
        self.resource.override_logical_id(logical_id("PasswordPolicy", "account"))
