"""A human being: a user that signs in to the console, with a second factor, and never holds a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from access_constructs.accepted_finding import accept_all
from access_constructs.access_user import access_user
from access_constructs.plain_person import FIRST_PASSWORD_ACCEPTED, PlainPerson
from access_constructs.plain_resource import arguments
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk.aws_secretsmanager as secretsmanager

    from access_constructs.plain_resource import Properties
    from keywright.policy.statement import Statement


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
        plain = PlainPerson(
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            keeper_token=keeper_token,
            groups=groups,
            console=console,
            tags=tags,
        )
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
        self.first_password = self._first_password(plain) if console else None
        self.leaving = self._custom("Leaving", plain.name, plain.leaving())
        if console:
            self.leaving.add_resource_dependency(
                self._custom("FirstSignIn", plain.name, plain.first_sign_in())
            )

    def _first_password(self, plain: PlainPerson) -> secretsmanager.CfnSecret:
        from aws_cdk.aws_secretsmanager import CfnSecret  # noqa: PLC0415 - takes a fifth of a second

        secret = CfnSecret(self, "FirstPassword", **arguments(plain.first_password()))
        secret.override_logical_id(logical_id("FirstPassword", plain.name))
        accept_all(secret, FIRST_PASSWORD_ACCEPTED)
        return secret

    def _custom(self, kind: str, name: str, properties: Properties) -> cdk.CfnResource:
        """Make a custom resource of the keeper's."""
        made = cdk.CfnResource(self, kind, type=f"Custom::{kind}", properties=properties)
        made.override_logical_id(logical_id(kind, name))
        return made
