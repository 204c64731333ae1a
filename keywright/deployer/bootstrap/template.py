"""The bootstrap template: two execution roles, their managed policies, the permissions boundary and the caller's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.deployer.bootstrap.boundary import PATH, service_wildcards
from keywright.deployer.bootstrap.caller import caller_statements
from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE, Plan, statements_of
from keywright.deployer.requirements.arns import iam_arn_prefix
from keywright.policy.compaction import MANAGED_QUOTA, document_size, split_statement
from keywright.policy.statement import Statement, policy_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MOST_POLICIES = 10
_PIECE = 2_000
"""Statements with longer action or resource lists are split, so that the pieces fill documents evenly."""


class TooLongError(ValueError):
    """There are more policies than a role can have, or a policy is too long."""


def too_many(policies: int) -> TooLongError:
    """Report that a role would have too many policies."""
    return TooLongError(f"found {policies} managed policies; accepted: at most {MOST_POLICIES} per role")


def too_long(size: int) -> TooLongError:
    """Report that the boundary would be too long; it cannot be split."""
    return TooLongError(
        f"found a permissions boundary of {size} characters; accepted: at most {MANAGED_QUOTA}"
    )


def pack_statements(statements: Iterable[Statement]) -> tuple[dict[str, Any], ...]:
    """Pack Allow statements into documents, each into the first with space left.

    Raises:
        TooLongError: There are too many for a role.
    """
    boxes: list[list[Statement]] = []
    # First fit keeps the result stable: a new statement moves no earlier one to another policy.
    for statement in statements:
        for piece in split_statement(statement, _PIECE):
            _put(piece, boxes)
    if len(boxes) > MOST_POLICIES:
        raise too_many(len(boxes))
    return tuple(policy_document(*box) for box in boxes)


def _put(piece: Statement, boxes: list[list[Statement]]) -> None:
    for box in boxes:
        if document_size(policy_document(*box, piece)) <= MANAGED_QUOTA:
            box.append(piece)
            return
    boxes.append([piece])


BOUNDARY, CALLER, PIPELINE = "keywright-deployer-boundary", "keywright-deploy", "keywright-pipeline"
ISSUER = "token.actions.githubusercontent.com"
EXECUTION_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def documents_of(plan: Plan) -> dict[str, dict[str, Any]]:
    """Give every policy document by the name of its managed policy.

    Raises:
        TooLongError: A role would have more policies than IAM allows, or the boundary is too long.
    """
    update_permissions = frozenset(plan.update_permissions)
    protected = tuple(each for each in plan.required.permissions if each not in update_permissions)
    found = {
        f"{role}-{number}": document
        for role, required in ((UPDATE_ROLE, plan.update_permissions), (BOOTSTRAP_ROLE, protected))
        for number, document in enumerate(pack_statements(statements_of(required)), start=1)
    }
    # The bootstrap role has the policies of both roles, so the quota is checked again for their sum.
    if len(found) > MOST_POLICIES:
        raise too_many(len(found))
    at_most = service_wildcards(plan.update_permissions)
    boundary = policy_document(
        Statement(sid="AtMost", actions=at_most, resources=("*",)), *plan.boundary_denials
    )
    # A role has exactly one permissions boundary, so this document cannot be split like the others.
    if document_size(boundary) > MANAGED_QUOTA:
        raise too_long(document_size(boundary))
    caller = policy_document(*caller_statements(plan.assembly, role_arn(plan, UPDATE_ROLE)))
    return {**found, BOUNDARY: boundary, CALLER: caller}


def policies_of(role: str, names: Iterable[str]) -> tuple[str, ...]:
    """Name the policies of a role; the bootstrap role also has those of the update role."""
    roles = {UPDATE_ROLE} if role == UPDATE_ROLE else {UPDATE_ROLE, BOOTSTRAP_ROLE}
    return tuple(each for each in names if each.rpartition("-")[0] in roles and each[-1].isdigit())


def template_of(plan: Plan, github: str = "") -> dict[str, Any]:
    """Give the template; it depends only on the set of resources, not on their order.

    `github`: the token subject of a workflow that can deploy, such as `repo:acme/shop:environment:production`.

    Raises:
        TooLongError: See `documents_of`.
    """
    documents = documents_of(plan)
    resources = {_logical_id(name): _policy(name, document) for name, document in documents.items()}
    for role, words in ((UPDATE_ROLE, "Every day"), (BOOTSTRAP_ROLE, "What is sealed")):
        resources[_logical_id(role)] = _role(role, words, policies_of(role, documents))
    if github:
        resources[_logical_id(PIPELINE)] = _pipeline(plan, github)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Keywright: the execution roles that CloudFormation deploys access with",
        "Resources": resources,
        "Outputs": dict(_outputs()),
    }


def _policy(name: str, document: dict[str, Any]) -> dict[str, Any]:
    words = {BOUNDARY: "What the everyday deployer may at most do", CALLER: "For whoever deploys access"}
    resource: dict[str, Any] = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": words.get(name, "What CloudFormation needs to deploy access"),
            "ManagedPolicyName": name,
            "Path": PATH,
            "PolicyDocument": document,
        },
    }
    return (
        {**resource, "Metadata": {"keywright:serves": "permissions boundary"}}
        if name == BOUNDARY
        else resource
    )


def _role(name: str, words: str, policies: tuple[str, ...]) -> dict[str, Any]:
    bounded = {"PermissionsBoundary": {"Ref": _logical_id(BOUNDARY)}} if name == UPDATE_ROLE else {}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": EXECUTION_TRUST,
            "Description": f"{words} that CloudFormation deploys of access",
            "ManagedPolicyArns": [{"Ref": _logical_id(each)} for each in policies],
            "Path": PATH,
            **bounded,
            "RoleName": name,
        },
    }


def pipeline_trust(plan: Plan, subject: str) -> dict[str, Any]:
    """Give the trust policy of the workflow's role: tokens with this subject only."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"{iam_arn_prefix(plan.assembly)}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _pipeline(plan: Plan, subject: str) -> dict[str, Any]:
    """Give the workflow's role, with the caller's policy only."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": pipeline_trust(plan, subject),
            "Description": "The workflow that deploys access",
            "ManagedPolicyArns": [{"Ref": _logical_id(CALLER)}],
            "Path": PATH,
            # The policy is its own boundary: a policy that is attached to the workflow's role later adds
            # nothing.
            "PermissionsBoundary": {"Ref": _logical_id(CALLER)},
            "RoleName": PIPELINE,
        },
    }


def _outputs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in (UPDATE_ROLE, BOOTSTRAP_ROLE):
        logical_id = _logical_id(name)
        yield f"{logical_id}Arn", {"Value": {"Fn::GetAtt": [logical_id, "Arn"]}}
    yield "CallerPolicy", {"Value": {"Ref": _logical_id(CALLER)}}


def _logical_id(name: str) -> str:
    return "".join(each.capitalize() for each in name.split("-"))


def role_arn(plan: Plan, name: str) -> str:
    """Give the ARN of an execution role in the account of the assembly."""
    return f"{iam_arn_prefix(plan.assembly)}:role{PATH}{name}"
