"""The account's password policy and alias, set by the identity keeper because CloudFormation has no resource for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from access_constructs.identity_keeper import keeper_resource
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    import aws_cdk as cdk


LENGTHS, REMEMBERED, AGES = range(6, 129), range(1, 25), range(1, 1096)
"""The values that IAM accepts ("UpdateAccountPasswordPolicy", IAM API Reference)."""


class PasswordPolicySetting(Construct):
    """Sets all fields of the password policy ("UpdateAccountPasswordPolicy", IAM API Reference: omitted fields reset).

    `minimum_length` is 6 to 128 characters, `remember` 1 to 24 former passwords, `maximum_age_days` 1 to 1,095 days
    or never; with `hard_expiry` a user with an expired password needs an administrator to set a new one.
    `change_own` lets every user of the account change their own password without another policy.
    Deleting the setting restores the previous policy, unless the policy has been changed since.

    Raises:
        ValueError: A number that IAM refuses.
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
        hard_expiry: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        for name, value, accepted in (
            ("minimum_length", minimum_length, LENGTHS),
            ("remember", remember, REMEMBERED),
            # None means that passwords never expire; 1 only passes the check.
            ("maximum_age_days", 1 if maximum_age_days is None else maximum_age_days, AGES),
        ):
            if value not in accepted:
                raise refusal(
                    f"`{name}` of the password policy is out of range",
                    found=f"`{value}`",
                    accepted=f"{accepted.start} to {accepted.stop - 1}",
                )
        fields = {
            "MinimumPasswordLength": minimum_length,
            "PasswordReusePrevention": remember,
            "RequireSymbols": symbols,
            "RequireNumbers": numbers,
            "RequireUppercaseCharacters": uppercase,
            "RequireLowercaseCharacters": lowercase,
            "AllowUsersToChangePassword": change_own,
            **({} if maximum_age_days is None else {"MaxPasswordAge": maximum_age_days}),
            **({"HardExpiry": True} if hard_expiry else {}),
        }
        self.resource: cdk.CfnResource = keeper_resource(
            self, "Custom::PasswordPolicy", keeper_token=keeper_token, properties=fields
        )
        self.resource.override_logical_id(logical_id("PasswordPolicy", "account"))


class AccountAlias(Construct):
    """Sets the account's one alias; unique among all accounts of the partition ("CreateAccountAlias", IAM API Reference).

    It replaces an existing alias; deleting it restores that one, if it is still available.
    """

    def __init__(self, scope: Construct, construct_id: str, *, keeper_token: str, alias: str) -> None:
        super().__init__(scope, construct_id)
        self.resource: cdk.CfnResource = keeper_resource(
            self, "Custom::AccountAlias", keeper_token=keeper_token, properties={"AccountAlias": alias}
        )
        self.resource.override_logical_id(logical_id("AccountAlias", "account"))
