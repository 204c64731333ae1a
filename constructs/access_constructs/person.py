"""A human being: a user that signs in to the console, with a second factor, and never holds a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import aws_cdk.aws_secretsmanager as secretsmanager
from constructs import Construct

from access_constructs.accepted_finding import accept_all, in_strict_packs
from access_constructs.access_user import access_user, secret_name
from access_constructs.identity_keeper import FIRST_PASSWORD, keeper_resource
from access_constructs.logical_id import logical_id, reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.statement import Statement

_USED_ONCE = "a first password must be changed at the first sign-in, and is never set again"
_ACCEPTED = {
    "AwsSolutions-SMG4": _USED_ONCE,
    **in_strict_packs(
        {
            "SecretsManagerRotationEnabled": _USED_ONCE,
            "SecretsManagerUsingKMSKey": "a key of its own would outlive a secret of a few days; AWS's key encrypts it",
        }
    ),
}


class Person(Construct):
    """An IAM user for a person; `groups` are references, the guard's group first.

    With `console` the identity keeper makes the login once, with a random password written to the secret
    `keywright/first-password/<name>`, to be changed at the first sign-in. There is never a `LoginProfile` on the user:
    a later update would set the first password again.

    Raises:
        ValueError: More groups, policies or statements than a user holds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str,
        keeper_token: str,
        groups: Sequence[str],
        console: bool,
        tags: Mapping[str, str],
        statements: Sequence[Statement] = (),
        managed_policy_arns: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = name
        self._keeper_token = keeper_token
        self.user = access_user(
            self,
            kind="User",
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            groups=groups,
            tags=tags,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
        )
        self.first_password = self._first_password() if console else None
        self.leaving = keeper_resource(
            self,
            "Custom::Leaving",
            keeper_token=keeper_token,
            properties={"UserName": reference("User", name)},
        )
        self.leaving.override_logical_id(logical_id("Leaving", name))
        if self.first_password is not None:
            self.leaving.add_resource_dependency(self._first_sign_in())

    def _first_password(self) -> secretsmanager.CfnSecret:
        secret = secretsmanager.CfnSecret(
            self,
            "FirstPassword",
            name=secret_name(FIRST_PASSWORD, self._name),
            description="First password; of no use after the first sign-in",
        )
        secret.override_logical_id(logical_id("FirstPassword", self._name))
        accept_all(secret, _ACCEPTED)
        return secret

    def _first_sign_in(self) -> cdk.CfnResource:
        first_sign_in = keeper_resource(
            self,
            "Custom::FirstSignIn",
            keeper_token=self._keeper_token,
            properties={
                "UserName": reference("User", self._name),
                "SecretId": reference("FirstPassword", self._name),
            },
        )
        first_sign_in.override_logical_id(logical_id("FirstSignIn", self._name))
        return first_sign_in
