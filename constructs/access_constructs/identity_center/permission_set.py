"""A permission set of IAM Identity Center: AWS makes a role of it in each account that it is assigned in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_sso as sso
from constructs import Construct

from access_constructs.shared.resources import tag_list
from keywright.policy.compaction import document_size, fit_statements
from keywright.policy.quotas import INLINE, MANAGED, SESSION_SECONDS
from keywright.policy.statement import policy_document
from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.statement import Statement

INLINE_QUOTA = INLINE["role"].default
"""Characters that are no white space, of the one inline policy ("AWS IAM Identity Center quotas", User Guide)."""
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,32}")
_POLICY = re.compile(
    r"arn:aws[a-z-]*:iam::(?P<owner>aws|[0-9]{12}):policy(?P<path>(/[A-Za-z0-9.,+@=_-]+)*/)(?P<name>[A-Za-z0-9+=,.@_-]{1,128})"
)


class PermissionSet(Construct):
    """An `AWS::SSO::PermissionSet` under its declared name, with its grants inside it.

    The name is create-only. Managed policies and the boundary are given by ARN: those of AWS's are attached so, those of
    an account by path and name, and each account of an assignment must have one of these already ("Working with
    customer managed policies in permission sets", User Guide). The stack must be in the region of the instance, and in
    the account that administers it. Tags are the permission set's own; the role's sessions have none of them.

    Raises:
        ValueError: A name, a length, a policy or a document that IAM Identity Center would refuse, or nothing granted.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        instance_arn: str,
        boundary_arn: str | None,
        session_seconds: int,
        statements: Sequence[Statement],
        managed_policy_arns: Sequence[str] = (),
        description: str | None = None,
        relay_state: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _refuse_bad(name, session_seconds)
        _refuse_nothing(name, statements, managed_policy_arns)
        of_aws = [arn for arn in managed_policy_arns if _of(arn)["owner"] == "aws"]
        of_account = [_by_name(arn) for arn in managed_policy_arns if arn not in of_aws]
        self.name = name
        self.permission_set = sso.CfnPermissionSet(
            self,
            "PermissionSet",
            name=name,
            instance_arn=instance_arn,
            description=description,
            session_duration=_lasting(session_seconds),
            relay_state_type=relay_state,
            inline_policy=_inline(name, statements),
            managed_policies=of_aws or None,
            customer_managed_policy_references=of_account or None,
            permissions_boundary=_boundary(boundary_arn),
            tags=tag_list(tags),
        )
        self.permission_set.override_logical_id(logical_id("PermissionSet", name))

    @property
    def arn(self) -> str:
        """Its ARN, a reference inside its stack: AWS makes it up."""
        return self.permission_set.attr_permission_set_arn


def _refuse_bad(name: str, session_seconds: int) -> None:
    if not _NAME.fullmatch(name):
        raise refusal(
            "a permission set's name is malformed",
            found=f"`{name}`",
            accepted="1 to 32 letters, digits and `+=,.@_-`",
        )
    if session_seconds not in SESSION_SECONDS:
        raise refusal(
            f"the session duration of permission set `{name}` is too short or too long",
            found=f"`{session_seconds}` seconds",
            accepted=f"{SESSION_SECONDS.start} to {SESSION_SECONDS.stop - 1}",
        )


def _refuse_nothing(name: str, statements: Sequence[Statement], policies: Sequence[str]) -> None:
    if not statements and not policies:
        raise refusal(
            f"permission set `{name}` gives nothing", found="no statement", accepted="statements, or a policy"
        )
    if len(policies) > MANAGED["role"].default:
        raise refusal(
            f"permission set `{name}` has too many managed policies",
            found=f"{len(policies)}",
            accepted=f"at most {MANAGED['role'].default}, as a role takes",
        )


def _inline(name: str, statements: Sequence[Statement]) -> dict[str, Any] | None:
    if not statements:
        return None
    document = policy_document(*fit_statements(statements, INLINE_QUOTA))
    size = document_size(document)
    if size > INLINE_QUOTA:
        raise refusal(
            f"the grants of permission set `{name}` are too long",
            found=f"{size} characters",
            accepted=f"at most {INLINE_QUOTA}; the others in managed policies of the account, or in another permission set",
        )
    return document


def _of(arn: str) -> re.Match[str]:
    found = _POLICY.fullmatch(arn)
    if found is None:
        raise refusal(
            "a managed policy is named by its ARN",
            found=f"`{arn}`",
            accepted="`arn:aws:iam::aws:policy/…`, or an account's number in place of `aws`",
        )
    return found


def _by_name(arn: str) -> dict[str, str]:
    found = _of(arn)
    return {"name": found["name"], "path": found["path"]}


def _boundary(arn: str | None) -> dict[str, Any] | None:
    if arn is None:
        return None
    if _of(arn)["owner"] == "aws":
        return {"managedPolicyArn": arn}
    return {"customerManagedPolicyReference": _by_name(arn)}


def _lasting(seconds: int) -> str:
    """Write a length of time as ISO 8601 does."""
    for unit, letter in ((3600, "H"), (60, "M")):
        if seconds % unit == 0:
            return f"PT{seconds // unit}{letter}"
    return f"PT{seconds}S"
