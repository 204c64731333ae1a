"""Shells on instances through Session Manager: the permissions of the instance, and of the person who starts one.

Session Manager needs no open port and no key pair; IAM alone controls access ("AWS Systems Manager Session Manager", AWS
Systems Manager User Guide).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.statement import Conditions, Statement
from keywright.statements.conditions import merge_conditions, resource_tag_condition, until_condition

if TYPE_CHECKING:
    from datetime import date

CHANNEL_ACTIONS = tuple(
    f"ssmmessages:{verb}{kind}Channel" for verb in ("Create", "Open") for kind in ("Control", "Data")
)
REGISTER_ACTION = "ssm:UpdateInstanceInformation"
OPEN_CHANNEL_ACTION = "ssmmessages:OpenDataChannel"
OWN_SESSION_ACTIONS = ("ssm:ResumeSession", "ssm:TerminateSession")
DESCRIBE_ACTIONS = (
    "ssm:DescribeInstanceInformation",
    "ssm:DescribeInstanceProperties",
    "ssm:DescribeSessions",
)
SHELL = "SSM-SessionManagerRunShell"
"""The document of a plain shell, with the account's preferences for it: logs, the operating system user."""
_OWN = "ssm:resourceTag/aws:ssmmessages:session-id"


def session_manager_statements(partition: str, region: str, account: str) -> tuple[Statement, ...]:
    """Let an instance accept sessions: register itself, and open channels, which support no resource-level permissions.

    AmazonSSMManagedInstanceCore allows more that sessions do not need: reading every parameter of the account, and
    receiving commands by `ec2messages` ("Verify or add instance permissions for Session Manager").
    """
    instances = f"arn:{partition}:ec2:{region}:{account}:instance/*"
    return (
        Statement(actions=(REGISTER_ACTION,), resources=(instances,)),
        Statement(actions=CHANNEL_ACTIONS, resources=("*",)),
    )


@dataclass(frozen=True, kw_only=True)
class SessionGrant:
    """A shell on the instances of one workload, which have the tag `keywright-workload`; a value, not a construct.

    The grant is for the document of a plain shell only: no port forwarding, no documents with commands. It includes only
    one's own sessions: AWS tags each with the unique ID of the user or role session that started it. A data channel is
    allowed on any session, because it also needs the session's token, which only starting or resuming returns.
    """

    workload: str
    partition: str
    region: str
    account: str
    until: date | None = None

    def statements(self) -> tuple[Statement, ...]:
        """Give the statements on instances, on the document, on one's own sessions, and for listing instances.

        Raises:
            ValueError: A tag cannot have the workload's name as value.
        """
        tagged = resource_tag_condition(WORKLOAD_TAG, self.workload)
        sessions = (self._arn("ssm", "session/*"),)
        own: Conditions = {"StringEquals": {_OWN: ("${aws:userid}",)}}
        return (
            self._allow(
                ("ssm:GetConnectionStatus", "ssm:StartSession"), (self._arn("ec2", "instance/*"),), tagged
            ),
            self._allow(("ssm:StartSession",), (self._arn("ssm", f"document/{SHELL}"),)),
            self._allow(OWN_SESSION_ACTIONS, sessions, own),
            self._allow((OPEN_CHANNEL_ACTION,), sessions),
            self._allow(DESCRIBE_ACTIONS, ("*",)),
        )

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def _allow(
        self, actions: tuple[str, ...], resources: tuple[str, ...], conditions: Conditions | None = None
    ) -> Statement:
        bound = merge_conditions(conditions or {}, until_condition(self.until))
        return Statement(actions=actions, resources=resources, conditions=bound)


_SESSIONS = re.compile(r"arn:[^:*?]+:ssm:[^:*?]+:[^:*?]+:session/\*")
_INSTANCES = re.compile(r"arn:[^:*?]+:ec2:[^:*?]+:[^:*?]+:instance/\*")


def session_wildcard_reason(statement: Statement, resource: str) -> str:
    """Give the reason why a statement of a session grant needs a wildcard; empty for other statements."""
    actions = frozenset(statement.actions)
    if _SESSIONS.fullmatch(resource):
        is_own = statement.conditions.get("StringEquals", {}).get(_OWN) == ("${aws:userid}",)
        # Only these exact statements are accepted: another statement on the same ARN needs a reason of its
        # own.
        if actions == {OPEN_CHANNEL_ACTION} or (
            is_own and actions <= {*OWN_SESSION_ACTIONS, OPEN_CHANNEL_ACTION}
        ):
            return "sessions are numbered as they begin; one's own, or by a token that only one's own gives"
    if _INSTANCES.fullmatch(resource) and actions == {REGISTER_ACTION}:
        return (
            "an instance is numbered as it starts; it registers itself, and nothing else can be done by that"
        )
    if resource == "*" and actions and actions <= set(CHANNEL_ACTIONS):
        return "channels of Session Manager are authorized on no resource"
    return ""
