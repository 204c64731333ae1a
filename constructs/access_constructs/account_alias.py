"""The account's alias, which makes its sign-in address, set by the identity keeper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from access_constructs.identity_keeper import keeper_resource
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    import aws_cdk as cdk


class AccountAlias(Construct):
    """Sets the account's one alias; unique among all accounts of the partition ("CreateAccountAlias", IAM API Reference).

    An alias that stood before it is replaced, and comes back when this one goes, if it is still free.
    """

    def __init__(self, scope: Construct, construct_id: str, *, keeper_token: str, alias: str) -> None:
        super().__init__(scope, construct_id)
        self.resource: cdk.CfnResource = keeper_resource(
            self, "Custom::AccountAlias", keeper_token=keeper_token, properties={"AccountAlias": alias}
        )
        self.resource.override_logical_id(logical_id("AccountAlias", "account"))
