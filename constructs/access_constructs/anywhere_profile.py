"""What a machine outside of AWS asks IAM Roles Anywhere by, to be given a role's credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs import Construct

from access_constructs.logical_id import logical_id

if TYPE_CHECKING:
    from access_constructs.access_role import AccessRole

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 43_200


class AnywhereProfile(Construct):
    """An `AWS::RolesAnywhere::Profile` for one role that trusts IAM Roles Anywhere; it grants nothing by itself.

    A session is as long as the role's may be. The profile goes when the role goes, and with it what the machine asks by.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, role: AccessRole, session_seconds: int
    ) -> None:
        from aws_cdk.aws_rolesanywhere import CfnProfile  # noqa: PLC0415 - for whom machines come to alone

        super().__init__(scope, construct_id)
        self.profile = CfnProfile(
            self,
            "Profile",
            name=_UNFIT.sub("-", name),
            role_arns=[role.arn],
            enabled=True,
            duration_seconds=min(session_seconds, _LONGEST),
        )
        self.profile.override_logical_id(logical_id("AnywhereProfile", name))

    @property
    def arn(self) -> str:
        """The profile's ARN, which the machine's credential helper is given."""
        return self.profile.attr_profile_arn
