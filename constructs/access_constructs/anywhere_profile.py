"""What a machine outside of AWS asks IAM Roles Anywhere by, to be given a role's credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs import Construct

from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from access_constructs.access_role import AccessRole

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 43_200
_MOST = 10
"""Managed session policies of one session ("AssumeRole", AWS STS API Reference)."""


class AnywhereProfile(Construct):
    """An `AWS::RolesAnywhere::Profile` for one role that trusts IAM Roles Anywhere; it grants nothing by itself.

    A session is as long as the role's may be. It may do what the role may and one of the policies of `at_most` too, which
    are its session policies ("Session policies", IAM User Guide); without any, what the role may. The machine says by
    which profile it comes: where a role has several, the widest is what counts. The profile goes when the role goes, and
    with it what the machine asks by.

    Raises:
        ValueError: More session policies than STS takes.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        role: AccessRole,
        session_seconds: int,
        at_most: Sequence[str] = (),
    ) -> None:
        if len(at_most) > _MOST:
            raise refusal(
                f"the sessions of profile `{name}` are held to too many policies",
                found=str(len(at_most)),
                accepted=f"at most {_MOST}",
            )
        from aws_cdk.aws_rolesanywhere import CfnProfile  # noqa: PLC0415 - for whom machines come to alone

        super().__init__(scope, construct_id)
        self.profile = CfnProfile(
            self,
            "Profile",
            name=_UNFIT.sub("-", name),
            role_arns=[role.arn],
            enabled=True,
            duration_seconds=min(session_seconds, _LONGEST),
            managed_policy_arns=list(at_most) or None,
        )
        self.profile.override_logical_id(logical_id("AnywhereProfile", name))

    @property
    def arn(self) -> str:
        """The profile's ARN, which the machine's credential helper is given."""
        return self.profile.attr_profile_arn
