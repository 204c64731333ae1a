"""A managed policy that several identities share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_necessary_wildcards
from keywright.policy.compaction import MANAGED_QUOTA, document_size, fit_statements
from keywright.policy.statement import policy_document
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.policy.statement import Statement

_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,128}")


DESCRIPTION = "Grants that several identities share"


class AccessPolicy(Construct):
    """An `AWS::IAM::ManagedPolicy` with its declared name; identities attach it by ARN in their own resource.

    Name, path and description are create-only, so the description is constant, or that of an adopted policy ("AWS::IAM::ManagedPolicy", CloudFormation
    Template Reference). It cannot be deleted while it is attached.

    Raises:
        ValueError: A name that IAM would refuse, no statement, or more characters than a managed policy can have.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        statements: Sequence[Statement],
        description: str | None = DESCRIPTION,
    ) -> None:
        super().__init__(scope, construct_id)
        if not _NAME.fullmatch(name):
            raise refusal(
                "a managed policy's name is malformed",
                found=f"`{name}`",
                accepted="1 to 128 letters, digits and `+=,.@_-`",
            )
        document = policy_document(*fit_statements(statements, MANAGED_QUOTA))
        if not statements or document_size(document) > MANAGED_QUOTA:
            raise refusal(
                f"the grants of policy `{name}` are too long"
                if statements
                else f"policy `{name}` grants nothing",
                found=f"{document_size(document)} characters" if statements else "no statement",
                accepted=f"at most {MANAGED_QUOTA} characters: use two policies, or grant to the identities directly",
            )
        self.policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            managed_policy_name=name,
            path=path,
            # Create-only, and CloudFormation cannot replace a resource that has a custom name; so it does not
            # depend on the grants.
            description=description,
            policy_document=document,
        )
        self.policy.override_logical_id(logical_id("SharedPolicy", name))
        accept_necessary_wildcards(self, statements)

    @staticmethod
    def arn_in(*, partition: str, account: str, path: str, name: str) -> str:
        """Give its ARN as a literal, for identities in other stacks."""
        return f"arn:{partition}:iam::{account}:policy{path}{name}"
