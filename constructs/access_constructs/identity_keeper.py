"""The identity keeper: a Lambda function for what CloudFormation has no resource for, or handles unsafely.

One function (`keeper/index.py`, inline, without an asset) handles four kinds of custom resource. What it does for each event
("Custom resource request types", "Update behaviors of stack resources", AWS CloudFormation User Guide):

| event | `Custom::FirstSignIn` | `Custom::Leaving` |
|---|---|---|
| create | without a login: writes a password to the secret, then creates the login, to be reset; with a login: nothing | stores the unique id |
| the same create again | recognizes its own login by the secret's value; if there is none yet: a new password | the same |
| create failed, then delete | physical id says `made`: deletes the login; `nothing`: nothing | nothing |
| create without response, then delete | physical id is not its own: nothing, and the deletion of the user fails visibly | nothing |
| update, and its rollback | nothing, whatever changed | nothing |
| delete in a rollback | deletes the login if this create made it, keeps one that existed | nothing: no one decided to remove the user |
| delete in clean-up, or of the stack | deletes the login | denies all; removes credentials, memberships, policies; then the deny |
| delete, user deleted or recreated | nothing: the unique id differs | nothing: the unique id differs |
| delete again, or late | nothing left to do | nothing left to do |
| error or timeout | fails; the secret may be written again | fails, names what is left, and the deny stays |

| event | `Custom::PasswordPolicy`, `Custom::AccountAlias` |
|---|---|
| create | sets it; the previous value is stored in the physical id, which never changes |
| update, and its rollback | sets the new value, or the old one again |
| delete, also in a rollback | restores the previous value, or none, if the current value is the one it set; otherwise nothing |
| create without response, then delete | physical id is not its own: the value stays |

Physical ids are `first-sign-in/<unique id>/<made or found>`, `leaving/<unique id>`, `password-policy/<former>`,
`account-alias/<former>` and `nothing`. `Custom::Leaving` depends on all other resources of its user, so it is deleted first.

Leaving removes the template's own keys, memberships and policies too, not only others: when the deny is removed just before
CloudFormation deletes the user, a session that is still valid has no policy that allows anything. CloudFormation treats a
missing part as deleted. The deny is a managed policy of the keeper, `keywright-deny-all`: permission to attach exactly that
policy can deny and never grant, while permission to put inline policies on users would make the keeper's role a privilege
escalation path; an inline policy could also exceed the user's inline quota. Groups outside the path can have our users as
members, so the keeper can remove users from any group.

Deleting a `Custom::Leaving` means that its user leaves: removing it from a template while keeping the user removes the user's
access all the same. Its logical id, like the user's, never changes.

Lambda delivers an event at least once and, when an invocation fails, again ("How Lambda handles errors and retries with
asynchronous invocation"): an event older than CloudFormation's own timeout is dropped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs, wildcard_findings
from access_constructs.synthesis.resources import IncludedResources
from keywright.policy.statement import policy_document
from keywright.statements.handover import KEEPER_FUNCTION, KEEPER_LOG, SECRET_PREFIX
from keywright.statements.identity_keeper import (
    DENY_ALL_POLICY,
    KEEPER_POLICY,
    KEEPER_ROLE,
    deny_all_statements,
    keeper_function,
    keeper_statements,
    keeper_trust,
)
from keywright.statements.logical_id import logical_id, reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.synthesis.resources import Properties
    from keywright.policy.statement import Statement

SERVICE_TIMEOUT = 300
"""Seconds that CloudFormation waits for a response; the default is an hour.

Four stacks of people at once cause about 800 events and 2,000 calls of IAM besides CloudFormation's own. If IAM accepts ten a
second, or a new account runs ten functions at a time, the last ones take minutes.
"""
_EVERY_USER = "the keeper handles every user under its path; actions are exact and have no narrower resource"
_FIRST_LOGINS = (
    "creating first logins is its purpose; its code is inline, and only a deployment can invoke or change it"
)
_ACCEPTED = {
    "ESC001[iam:CreateLoginProfile]": _FIRST_LOGINS,
    **in_strict_packs(
        {
            "CloudWatchLogGroupEncrypted": "the log names users and outcomes, no secret",
            "LambdaConcurrency": "only CloudFormation invokes it; a reservation would reduce the account's concurrency",
            "LambdaDLQ": "CloudFormation waits for each response and reports a missing one",
            "LambdaInsideVPC": "it calls public AWS endpoints only",
        }
    ),
}
"""Findings about the log group, the role and the function, and why they are accepted."""
_SOURCE = Path(__file__).parent / "keeper" / "index.py"


class IdentityKeeper(Construct):
    """The function, its log group, its role, and one policy that is both the role's permissions and its boundary.

    They are made in one call; each finding accepted there concerns only one of them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        path: str,
        secret_prefix: str = SECRET_PREFIX,
        other_users: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self._path = path
        stack = cdk.Stack.of(self)
        statements = keeper_statements(
            partition=stack.partition,
            region=stack.region,
            account=stack.account,
            path=path,
            deny_all=cdk.Fn.ref(logical_id("ManagedPolicy", DENY_ALL_POLICY)),
            log=cdk.Token.as_string(cdk.Fn.get_att(KEEPER_LOG, "Arn")),
            secret_prefix=secret_prefix,
            other_users=other_users,
        )
        resources = {
            logical_id("ManagedPolicy", DENY_ALL_POLICY): self._managed_policy(
                DENY_ALL_POLICY, "Denies everything to a user who leaves", deny_all_statements()
            ),
            KEEPER_LOG: _log_group(),
            logical_id("ManagedPolicy", KEEPER_POLICY): self._managed_policy(
                KEEPER_POLICY, "What the identity keeper may do, and its boundary", statements
            ),
            logical_id("Role", KEEPER_ROLE): self._role(),
            logical_id("Function", KEEPER_FUNCTION): {
                "Type": "AWS::Lambda::Function",
                "Properties": keeper_function(_SOURCE.read_text(encoding="utf-8")),
            },
        }
        made = IncludedResources(self, "Keeper", resources)
        wild = wildcard_findings(made, statements)
        accept_all(made, {**{f"AwsSolutions-IAM5[{each}]": _EVERY_USER for each in wild}, **_ACCEPTED})
        self._limit_retries()

    @staticmethod
    def service_token(partition: str, region: str, account: str) -> str:
        """Give the function's ARN, the service token of custom resources in any stack."""
        return f"arn:{partition}:lambda:{region}:{account}:function:{KEEPER_FUNCTION}"

    def _managed_policy(self, name: str, description: str, statements: tuple[Statement, ...]) -> Properties:
        properties = {
            "ManagedPolicyName": name,
            "Path": self._path,
            "Description": description,
            "PolicyDocument": policy_document(*statements),
        }
        return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}

    def _role(self) -> Properties:
        policy = reference("ManagedPolicy", KEEPER_POLICY)
        properties = {
            "RoleName": KEEPER_ROLE,
            "Path": self._path,
            "Description": "Acts for the identity keeper",
            "AssumeRolePolicyDocument": policy_document(keeper_trust()),
            "ManagedPolicyArns": [policy],
            # With the same policy as boundary, no policy that is attached later gives the keeper more.
            "PermissionsBoundary": policy,
        }
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    def _limit_retries(self) -> None:
        cdk.CfnResource(
            self,
            "Retries",
            type="AWS::Lambda::EventInvokeConfig",
            properties={
                "FunctionName": reference("Function", KEEPER_FUNCTION),
                "Qualifier": "$LATEST",
                "MaximumEventAgeInSeconds": SERVICE_TIMEOUT,
                "MaximumRetryAttempts": 2,
            },
        )


def _log_group() -> Properties:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"RetentionInDays": 400},
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
    }


def keeper_resource(
    scope: Construct, resource_type: str, *, keeper_token: str, properties: Mapping[str, Any]
) -> cdk.CfnResource:
    """Make a custom resource that the keeper handles; the caller sets its logical id."""
    return cdk.CfnResource(
        scope,
        resource_type.rpartition(":")[2],
        type=resource_type,
        properties=keeper_properties(keeper_token, properties),
    )


def keeper_properties(keeper_token: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give the properties of a custom resource that the keeper handles."""
    return {"ServiceToken": keeper_token, "ServiceTimeout": SERVICE_TIMEOUT, **properties}
