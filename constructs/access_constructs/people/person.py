"""What a person is in CloudFormation, written down once for the single construct and for many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from constructs import Construct

from access_constructs.identity_keeper import keeper_properties
from access_constructs.people.user import access_user, secret_name, user_properties
from access_constructs.shared.accepted_findings import accept_all, in_strict_packs
from access_constructs.shared.resources import IncludedResources, typed_arguments
from keywright.reporting.refusal import refusal
from keywright.statements.handover import FIRST_PASSWORD
from keywright.statements.logical_id import logical_id, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import aws_cdk.aws_secretsmanager as secretsmanager

    from access_constructs.shared.resources import Properties
    from keywright.policy.statement import Statement


_USED_ONCE = "a first password must be changed at the first sign-in, and is never set again"
FIRST_PASSWORD_ACCEPTED = {
    "AwsSolutions-SMG4": _USED_ONCE,
    **in_strict_packs(
        {
            "SecretsManagerRotationEnabled": _USED_ONCE,
            "SecretsManagerUsingKMSKey": "a key of its own would outlive a secret of a few days; AWS's key encrypts it",
        }
    ),
}
"""What rule packs find in the secret of a first password, and why it is no harm."""


@dataclass(frozen=True, kw_only=True)
class PersonDefinition:
    """A person whose access comes by groups alone; `groups` are names or references, the guard's group first."""

    name: str
    path: str
    boundary_arn: str
    keeper_token: str
    groups: Sequence[str]
    console: bool
    tags: Mapping[str, str]

    def user(self) -> Properties:
        """Write down the user.

        Raises:
            ValueError: More groups than a user may be in.
        """
        return user_properties(
            name=self.name,
            path=self.path,
            boundary_arn=self.boundary_arn,
            groups=self.groups,
            tags=self.tags,
        )

    def first_password(self) -> Properties:
        """Write down the secret into which the keeper writes the first password.

        Raises:
            ValueError: The name has a comma; see `secret_name`.
        """
        return {
            "Name": secret_name(FIRST_PASSWORD, self.name),
            "Description": "First password; of no use after the first sign-in",
        }

    def first_sign_in(self) -> Properties:
        """Write down how the keeper makes the login."""
        referred = {
            "UserName": reference("User", self.name),
            "SecretId": reference("FirstPassword", self.name),
        }
        return keeper_properties(self.keeper_token, referred)

    def leaving(self) -> Properties:
        """Write down how the keeper ends everything of the user before the user goes."""
        return keeper_properties(self.keeper_token, {"UserName": reference("User", self.name)})

    @cached_property
    def resources(self) -> dict[str, Any]:
        """All of them by logical id.

        Raises:
            ValueError: What IAM or Secrets Manager would refuse.
        """
        leaving: dict[str, Any] = {"Type": "Custom::Leaving", "Properties": self.leaving()}
        found = {
            logical_id("User", self.name): {"Type": "AWS::IAM::User", "Properties": self.user()},
            logical_id("Leaving", self.name): leaving,
        }
        if self.console:
            first_sign_in = logical_id("FirstSignIn", self.name)
            leaving["DependsOn"] = [first_sign_in]
            found |= {
                logical_id("FirstPassword", self.name): {
                    "Type": "AWS::SecretsManager::Secret",
                    "Properties": self.first_password(),
                },
                first_sign_in: {"Type": "Custom::FirstSignIn", "Properties": self.first_sign_in()},
            }
        return found


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
        plain = PersonDefinition(
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

    def _first_password(self, plain: PersonDefinition) -> secretsmanager.CfnSecret:
        from aws_cdk.aws_secretsmanager import CfnSecret  # noqa: PLC0415 - takes a fifth of a second

        secret = CfnSecret(self, "FirstPassword", **typed_arguments(plain.first_password()))
        secret.override_logical_id(logical_id("FirstPassword", plain.name))
        accept_all(secret, FIRST_PASSWORD_ACCEPTED)
        return secret

    def _custom(self, kind: str, name: str, properties: Properties) -> cdk.CfnResource:
        """Make a custom resource of the keeper's."""
        made = cdk.CfnResource(self, kind, type=f"Custom::{kind}", properties=properties)
        made.override_logical_id(logical_id(kind, name))
        return made


class BulkPeople(IncludedResources):
    """People whose access comes by groups alone, in three calls into the CDK however many they are.

    Every resource is a typed construct, which rule packs and aspects visit, under the same logical id and with the same
    properties as `Person` gives it. What is accepted here holds for first passwords and nothing else: nothing but
    people is below.

    Raises:
        ValueError: A name twice, or what `Person` refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, people: Iterable[PersonDefinition]) -> None:
        resources: dict[str, Any] = {}
        console = False
        for person in people:
            if not resources.keys().isdisjoint(person.resources):
                raise refusal(
                    "a person is declared twice", found=f"`{person.name}`", accepted="each name once"
                )
            resources |= person.resources
            console = console or person.console
        super().__init__(scope, construct_id, resources)
        if console:
            accept_all(self, FIRST_PASSWORD_ACCEPTED)
