"""POL006: whoever may change things may change certain things.

What it checks
    An Allow of an identity-based policy on any resource (`*`, or an ARN that ends in nothing but wildcards) covers no
    action of the access levels write and permissions management that could be limited to resources, unless a condition
    says which ones: a tag, an account, a key of the service. What AWS's own basic policies for functions and instances
    write everywhere (logs, network interfaces, Systems Manager's channels, task definitions) is a warning, and so are the
    roles of CDK's own functions, by their names.

Why it matters
    One such statement is the difference between a defect and an outage, a stolen credential and a stolen account.

Refused
    {Effect: Allow, Action: "s3:PutObject", Resource: "*"}
    ---
    {Effect: Allow, Action: ["kms:DescribeKey", "kms:Put*"], Resource: "arn:aws:kms:*:111111111111:*"}
    ---
    {Effect: Allow, Action: "logs:PutLogEvents", Resource: "*"}

Accepted
    {Effect: Allow, Action: ["s3:ListAllMyBuckets", "ec2:DescribeInstances"], Resource: "*"}
    ---
    {Effect: Allow, Action: ["cloudwatch:PutMetricData", "xray:PutTraceSegments"], Resource: "*"}
    ---
    Effect: Allow
    Action: "ec2:StartInstances"
    Resource: "*"
    Condition: {StringEquals: {"aws:ResourceTag/team": reports}}

Blind to
    Patterns that name a type and leave the rest open (`table/*`), actions that the reference does not know, what of a
    pattern such as `Get*` or `List*` writes all the same, and whether the condition's key means anything for the action.
    Whole services are POL005's. A text message has no topic: publishing one asks for `sns:Publish` on `*`, which is
    refused all the same.

See
    Service Authorization Reference; IAM User Guide, "Understanding access level summaries".
"""

import re
from collections.abc import Iterator

from keywright.assembly.templates.value import Text
from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import any_resource, narrowing_tests, whole_service
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.guardrails.value_list import listed
from keywright.policy.matching.context import Truth, negation
from keywright.policy.reference.catalogue import Action, matching_actions
from keywright.reporting.finding import Finding, Severity

CODE = "POL006"
TITLE = "whoever may change things may change certain things"
SEVERITY = Severity.ERROR

MANAGEMENT = "permissions management"
_CUSTOMARY = frozenset(
    {
        "logs:createloggroup",
        "logs:createlogstream",
        "logs:putlogevents",
        "logs:putretentionpolicy",
        "logs:deleteretentionpolicy",
        "ec2:createnetworkinterface",
        "ec2:deletenetworkinterface",
        "ec2:assignprivateipaddresses",
        "ec2:unassignprivateipaddresses",
        "ecs:registertaskdefinition",
        "ssm:updateinstanceinformation",
        "ssm:putinventory",
        "ssm:putcomplianceitems",
        "ssm:updateassociationstatus",
        "ssm:updateinstanceassociationstatus",
    }
)
"""What AWSLambdaVPCAccessExecutionRole, AmazonSSMManagedInstanceCore and AWS's guides and CDK's own functions write on `*`."""


_OF_CDK = ("CustomAWSCDK", "BucketNotificationsHandler050a0587b754", "LogRetentionaae0aa3c5b4d4f87b02d")

_HARMLESS = frozenset({"cloudwatch:PutMetricData", "sts:TagSession", "sts:SetSourceIdentity"})
"""Writes that reach nothing: metrics of any name, and what only decorates a session."""


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Refuse changes on any resource, one finding a level."""
    written = statement.statement
    reach = min(allows(written), any_resource(written.resources), negation(narrowing_tests(written)))
    if reach is Truth.NO:
        return
    changing = {pattern: _changes(pattern) for pattern in written.actions if _is_partial(pattern)}
    is_of_cdk = statement.policy.holder.logical_id.startswith(_OF_CDK)
    for level in (MANAGEMENT, "write"):
        found = {pattern: actions for pattern, actions in changing.items() if _level(actions) == level}
        actions = [action for several in found.values() for action in several]
        yield from statement.place.answer(
            reach if found else Truth.NO,
            CODE,
            f"policy {statement.label} allows actions of the access level {level} on any resource",
            found=f"Action {listed(found)}",
            accepted="the resources' ARNs, or a condition that says which ones",
            severity=Severity.WARNING if is_of_cdk or all(map(_is_customary, actions)) else SEVERITY,
        )


_READING = re.compile(
    r"[a-z0-9-]+:(batch)?(get|list|describe|search|lookup|view|read)[^:]*[*?]", re.IGNORECASE
)


def _is_partial(pattern: Text) -> bool:
    """Tell whether a pattern is neither another rule's nor plainly meant for reading."""
    literal = pattern.literal or ""
    return bool(literal.strip("*:")) and not whole_service(pattern) and not _READING.match(literal)


def _changes(pattern: Text) -> list[Action]:
    """Give the actions of a pattern that change things and can be limited to resources."""
    return [
        action
        for action in matching_actions(pattern.literal or "")
        if action.resource_types and action.levels & {"write", MANAGEMENT} and str(action) not in _HARMLESS
    ]


def _level(actions: list[Action]) -> str:
    if any(MANAGEMENT in action.levels for action in actions):
        return MANAGEMENT
    return "write" if actions else ""


def _is_customary(action: Action) -> bool:
    return str(action).lower() in _CUSTOMARY
