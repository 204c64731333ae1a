"""The caller's policy: a person or a pipeline that calls CloudFormation, without permissions on the resources themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.deployer.requirements.arns import arn_prefix, partition_of_stack, stack_pattern
from keywright.policy.quotas import INLINE_BYTES
from keywright.policy.statement import Conditions, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Assembly, Template

_WITH_A_ROLE = (
    *("ContinueUpdateRollback", "CreateChangeSet", "CreateStack", "DeleteStack", "RollbackStack"),
    "UpdateStack",
)
_WITHOUT = (
    *("CancelUpdateStack", "DeleteChangeSet", "DescribeChangeSet", "DescribeEvents", "DescribeStackEvents"),
    *("DescribeStackResource", "DescribeStackResources", "DescribeStacks", "ExecuteChangeSet", "GetTemplate"),
    *("GetTemplateSummary", "ListChangeSets", "ListStackResources", "TagResource"),
    "UpdateTerminationProtection",
)
_NOWHERE = (
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStacks",
    "cloudformation:ValidateTemplate",
)
VERIFY_ACTIONS = (
    *("iam:GetAccountAuthorizationDetails", "iam:GetAccountPasswordPolicy", "iam:GetAccountSummary"),
    *("iam:GetLoginProfile", "iam:GetRole", "iam:GetUser"),
    *("iam:ListAccessKeys", "iam:ListAccountAliases", "iam:ListMFADevices", "iam:ListSSHPublicKeys"),
    *("iam:ListServiceSpecificCredentials", "iam:ListSigningCertificates"),
)
"""What `keywright verify` reads after a deployment."""


def caller_statements(assembly: Assembly, role_arn: str) -> tuple[Statement, ...]:
    """Allow to deploy the assembly's stacks with this execution role only, and to read the result."""
    stacks = tuple(sorted({_stack(each) for each in assembly.templates if each.parent is None}))
    # CloudFormation acts with the caller's own permissions if a call names no role ("AWS CloudFormation
    # service role").
    with_role: Conditions = {"StringEquals": {"cloudformation:RoleArn": (role_arn,)}}
    passing: Conditions = {"StringEquals": {"iam:PassedToService": ("cloudformation.amazonaws.com",)}}
    return (
        Statement(sid="Deploy", actions=_actions(_WITH_A_ROLE), resources=stacks, conditions=with_role),
        Statement(sid="Follow", actions=_actions(_WITHOUT), resources=stacks),
        Statement(sid="Look", actions=_NOWHERE, resources=("*",)),
        Statement(sid="PassTheRole", actions=("iam:PassRole",), resources=(role_arn,), conditions=passing),
        Statement(sid="Verify", actions=VERIFY_ACTIONS, resources=("*",)),
        *_bootstrap_bucket(assembly),
    )


def _actions(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(f"cloudformation:{name}" for name in names))


def _stack(template: Template) -> str:
    return f"{arn_prefix('cloudformation', template)}:stack/{stack_pattern(template)}/*"


def _bootstrap_bucket(assembly: Assembly) -> Iterator[Statement]:
    """Allow to upload templates that are too large for the call to the bucket of `cdk bootstrap`."""
    for template in assembly.templates:
        if template.source.size > INLINE_BYTES or template.parent is not None:
            name = f"cdk-*-assets-{template.account or '*'}-{template.region or '*'}"
            bucket = f"arn:{partition_of_stack(template)}:s3:::{name}"
            actions = ("s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject")
            yield Statement(sid="LargeTemplates", actions=actions, resources=(bucket, f"{bucket}/*"))
            return
