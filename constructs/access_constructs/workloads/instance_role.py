"""The role of an EC2 workload, and the instance profile that hands it to an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.roles.role import ROLE_INLINE_QUOTA
from access_constructs.shared.accepted_findings import accept_necessary_wildcards, in_strict_packs
from access_constructs.shared.identity_policies import INLINE_ACCEPTED, identity_policies
from access_constructs.shared.resources import tag_list, typed_arguments
from keywright.policy.statement import Statement
from keywright.statements.logical_id import logical_id
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class InstanceRole(Construct):
    """A role that only EC2 assumes, with its grants inside it, and its instance profile.

    Names are generated, for nobody but an instance of ours refers to them; the logical ids come from the declared name.
    The role exists, with all it may do, before anything that uses `profile_name` or `profile_arn` ("Use instance
    profiles", IAM User Guide); `policies` are what to depend on where those are not used.

    Raises:
        ValueError: More grants or managed policies than a role holds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str | None,
        statements: Sequence[Statement],
        managed_policy_arns: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.declared_name = name
        owned = identity_policies(
            self,
            kind="InstanceRole",
            name=name,
            path=path,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            inline_quota=ROLE_INLINE_QUOTA,
        )
        ec2 = Statement(actions=("sts:AssumeRole",), principals={"Service": ("ec2.amazonaws.com",)})
        self.role = iam.CfnRole(
            self,
            "Role",
            path=path,
            permissions_boundary=boundary_arn,
            assume_role_policy_document=trust_document(name, (ec2,)),
            **typed_arguments(owned.properties),
            tags=tag_list(tags),
        )
        self.role.override_logical_id(logical_id("InstanceRole", name))
        self.profile = iam.CfnInstanceProfile(self, "Profile", path=path, roles=[self.role.ref])
        self.profile.override_logical_id(logical_id("InstanceProfile", name))
        known = INLINE_ACCEPTED if owned.policies else {}
        accept_necessary_wildcards(self, statements, beside=in_strict_packs(known))

    @property
    def role_arn(self) -> str:
        """The role's ARN as a reference inside its stack."""
        return self.role.attr_arn

    @property
    def profile_name(self) -> str:
        """The instance profile's name as a reference inside its stack."""
        return self.profile.ref

    @property
    def profile_arn(self) -> str:
        """The instance profile's ARN as a reference inside its stack."""
        return self.profile.attr_arn

    @property
    def policies(self) -> tuple[cdk.CfnResource, ...]:
        """What an instance depends on, so that it never boots without its access.

        Inline policies are part of the role; managed ones of its own are created before the role that refers to them.
        """
        return (self.role, self.profile)
