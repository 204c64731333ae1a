"""A person: an IAM user who signs in to the console with MFA and has no access keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NotRequired, Unpack

import aws_cdk as cdk
from constructs import Construct

from access_constructs.identity_keeper import keeper_properties
from access_constructs.people.user import UserArguments, UserDefinition, make_user, secret_name
from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.resources import typed_arguments
from keywright.statements.handover import FIRST_PASSWORD
from keywright.statements.logical_id import logical_id, reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk.aws_secretsmanager as secretsmanager
    from constructs import IConstruct

    from access_constructs.synthesis.resources import Properties
    from keywright.policy.statement import Statement

_USED_ONCE = "a first password must be changed at the first sign-in, and is never set again"
FIRST_PASSWORD_ACCEPTED = {
    "AwsSolutions-SMG4": _USED_ONCE,
    **in_strict_packs(
        {
            "SecretsManagerRotationEnabled": _USED_ONCE,
            "SecretsManagerUsingKMSKey": "a customer managed key would outlive a secret of a few days; AWS's key encrypts it",
        }
    ),
}
"""Findings about the secret of a first password, and why they are accepted."""


class PersonArguments(UserArguments):
    """The arguments of `Person`."""

    keeper_token: str
    groups: Sequence[str]
    console: bool
    statements: NotRequired[Sequence[Statement]]


@dataclass(frozen=True, kw_only=True)
class PersonDefinition(UserDefinition):
    """The arguments of a `Person` as data."""

    keeper_token: str
    console: bool

    def first_password(self) -> Properties:
        """Give the properties of the secret into which the keeper writes the first password.

        Raises:
            ValueError: A comma in the name; see `secret_name`.
        """
        return {
            "Name": secret_name(FIRST_PASSWORD, self.name),
            "Description": "First password; of no use after the first sign-in",
        }

    def first_sign_in(self) -> Properties:
        """Give the properties of the custom resource that creates the login."""
        references = {
            "UserName": reference("User", self.name),
            "SecretId": reference("FirstPassword", self.name),
        }
        return keeper_properties(self.keeper_token, references)

    def leaving(self) -> Properties:
        """Give the properties of the custom resource that removes the user's credentials and access on deletion."""
        return keeper_properties(self.keeper_token, {"UserName": reference("User", self.name)})

    def accepted_in_bulk(self, construct: IConstruct) -> dict[str, str]:
        """Give the findings to accept where its resources are made in bulk."""
        return super().accepted_in_bulk(construct) | (FIRST_PASSWORD_ACCEPTED if self.console else {})

    @cached_property
    def resources(self) -> Mapping[str, Properties] | None:
        """Its resources by logical id; None where its statements need managed policies beside it.

        Raises:
            ValueError: What IAM or Secrets Manager would refuse.
        """
        user = super().resources
        if user is None:
            return None
        leaving: dict[str, Any] = {"Type": "Custom::Leaving", "Properties": self.leaving()}
        made = {**user, logical_id("Leaving", self.name): leaving}
        if self.console:
            first_sign_in = logical_id("FirstSignIn", self.name)
            # CloudFormation deletes in reverse order: Leaving first, while the login still exists.
            leaving["DependsOn"] = [first_sign_in]
            made |= {
                logical_id("FirstPassword", self.name): {
                    "Type": "AWS::SecretsManager::Secret",
                    "Properties": self.first_password(),
                },
                first_sign_in: {"Type": "Custom::FirstSignIn", "Properties": self.first_sign_in()},
            }
        return made


class Person(Construct):
    """An IAM user for a person; `groups` are names or references, first the group of the MFA guard.

    With `console` the identity keeper creates the login once, with a random password in the secret
    `keywright/first-password/<name>` that must be changed at the first sign-in. The user never has a `LoginProfile`
    property: a later update would reset the password to the first one.

    Raises:
        ValueError: More groups, policies or statements than IAM allows for a user.
    """

    def __init__(self, scope: Construct, construct_id: str, **person: Unpack[PersonArguments]) -> None:
        super().__init__(scope, construct_id)
        definition = PersonDefinition(**person)
        self.user = make_user(self, "User", definition)
        self.first_password = self._first_password(definition) if definition.console else None
        self.leaving = self._custom("Leaving", definition.name, definition.leaving())
        if definition.console:
            self.leaving.add_resource_dependency(
                self._custom("FirstSignIn", definition.name, definition.first_sign_in())
            )

    def _first_password(self, definition: PersonDefinition) -> secretsmanager.CfnSecret:
        from aws_cdk.aws_secretsmanager import CfnSecret  # noqa: PLC0415 - takes a fifth of a second

        secret = CfnSecret(self, "FirstPassword", **typed_arguments(definition.first_password()))
        secret.override_logical_id(logical_id("FirstPassword", definition.name))
        accept_all(secret, FIRST_PASSWORD_ACCEPTED)
        return secret

    def _custom(self, kind: str, name: str, properties: Properties) -> cdk.CfnResource:
        """Make a custom resource that the identity keeper handles."""
        resource = cdk.CfnResource(self, kind, type=f"Custom::{kind}", properties=properties)
        resource.override_logical_id(logical_id(kind, name))
        return resource
