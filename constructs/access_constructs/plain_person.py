"""What a person is in CloudFormation, written down once for the single construct and for many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from access_constructs.accepted_finding import in_strict_packs
from access_constructs.access_user import secret_name, user_properties
from access_constructs.identity_keeper import keeper_properties
from keywright.statements.handover import FIRST_PASSWORD
from keywright.statements.logical_id import logical_id, reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.plain_resource import Properties

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
class PlainPerson:
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
