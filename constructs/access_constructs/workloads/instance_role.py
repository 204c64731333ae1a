"""The role of an EC2 workload and its instance profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Unpack

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.identity import INLINE_ACCEPTED, IdentityDefinition, IdentityPolicies
from access_constructs.synthesis.resources import tag_properties, typed_arguments
from keywright.policy.quotas import INLINE
from keywright.policy.statement import Statement
from keywright.statements.logical_id import logical_id
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from access_constructs.roles.role import BaseRoleArguments
    from access_constructs.synthesis.resources import Properties


@dataclass(frozen=True, kw_only=True)
class InstanceRoleDefinition(IdentityDefinition):
    """The arguments of an `InstanceRole` as data."""

    kind: ClassVar[str] = "InstanceRole"
    resource_type: ClassVar[str] = "AWS::IAM::Role"
    inline_quota: ClassVar[int] = INLINE["role"].default

    boundary_arn: str | None
    tags: Mapping[str, str] | None = None
    physical_name: str | None = None
    description: str | None = None

    def accepted_by_kind(self, *, inline: bool) -> Mapping[str, str]:
        """Give the findings that every role causes, with or without inline policies, and the reasons."""
        return in_strict_packs(INLINE_ACCEPTED) if inline else {}

    def properties(self, policies: IdentityPolicies) -> Properties:
        """Give the properties of the `AWS::IAM::Role`."""
        # EC2's guide shows no confused-deputy condition; `iam:PassRole` controls who can give the role to an
        # instance.
        ec2 = Statement(actions=("sts:AssumeRole",), principals={"Service": ("ec2.amazonaws.com",)})
        boundary = {} if self.boundary_arn is None else {"PermissionsBoundary": self.boundary_arn}
        kept = {"RoleName": self.physical_name, "Description": self.description}
        return {
            **{name: value for name, value in kept.items() if value is not None},
            "Path": self.path,
            **boundary,
            "AssumeRolePolicyDocument": trust_document(self.name, (ec2,)),
            **policies.properties,
            **tag_properties(self.tags),
        }


@dataclass(frozen=True, kw_only=True)
class KeptNames:
    """The physical names of a role and an instance profile that existed before they were declared."""

    role: str
    profile: str
    profile_path: str
    description: str | None = None


class InstanceRole(Construct):
    """A role that only EC2 can assume, with its inline policies, and its instance profile.

    The physical names are generated, because only our instances refer to them, unless they are `kept`; the logical ids
    derive from the declared name. The role exists, with all its policies, before anything that uses `profile_name` or `profile_arn` ("Use instance
    profiles", IAM User Guide); elsewhere, depend on `policies`.

    Raises:
        ValueError: More statements or managed policies than IAM allows for a role.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kept: KeptNames | None = None,
        **role: Unpack[BaseRoleArguments],
    ) -> None:
        super().__init__(scope, construct_id)
        definition = InstanceRoleDefinition(
            **role,
            physical_name=None if kept is None else kept.role,
            description=None if kept is None else kept.description,
        )
        self.declared_name = definition.name
        policies = definition.policies(self)
        self.role = iam.CfnRole(self, "Role", **typed_arguments(definition.properties(policies)))
        self.role.override_logical_id(definition.logical_id)
        self.profile = iam.CfnInstanceProfile(
            self,
            "Profile",
            path=definition.path if kept is None else kept.profile_path,
            roles=[self.role.ref],
            instance_profile_name=None if kept is None else kept.profile,
        )
        self.profile.override_logical_id(logical_id("InstanceProfile", definition.name))
        accept_all(self, definition.accepted_findings(self, inline=bool(policies.policies)))

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
        """The resources that an instance must depend on, so that it never boots without its access.

        Inline policies are part of the role; its own managed policies are created before the role that refers to them.
        """
        return (self.role, self.profile)
