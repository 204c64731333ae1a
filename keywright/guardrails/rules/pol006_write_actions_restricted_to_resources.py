"""POL006: write actions are restricted to certain resources.

What it checks
    An Allow of an identity-based policy on any resource (`*`, or an ARN that ends in nothing but wildcards) covers no
    action of the access levels write and permissions management that supports resource-level permissions, unless a
    condition restricts the resources: by a tag, an account, or a key of the service. What AWS's own basic policies
    for functions and instances write on all resources (logs, network interfaces, Systems Manager channels, task
    definitions) is a warning, and so are the roles of CDK's own functions, by their names.

Why it matters
    One such statement turns a defect into an outage, and a stolen credential into a stolen account.

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
    Patterns that name a resource type and leave the rest open (`table/*`), actions that the reference does not list,
    write actions that a pattern such as `Get*` or `List*` covers, and whether the condition key applies to the
    action. POL005 reports whole services. A text message has no topic: sending one needs `sns:Publish` on `*`, which
    is reported as well.

See
    Service Authorization Reference; IAM User Guide, "Understanding access level summaries".
"""

import re
from collections.abc import Iterator

from keywright.assembly.templates.value import Text
from keywright.guardrails.place import listed
from keywright.guardrails.reference.tables import table
from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import covers_any_resource, restricts_resources, service_wildcard
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.policy.matching.context import Truth, negation
from keywright.policy.reference.catalogue import Action, matching_actions
from keywright.reporting.finding import Finding, Severity

CODE = "POL006"
SEVERITY = Severity.ERROR

MANAGEMENT = "permissions management"
_COMMON = frozenset(table("write_actions_of_basic_policies"))
"""Write actions that AWSLambdaVPCAccessExecutionRole, AmazonSSMManagedInstanceCore, AWS's guides and CDK's own functions have on `*`."""


_CDK_FUNCTIONS = (
    "CustomAWSCDK",
    "BucketNotificationsHandler050a0587b754",
    "LogRetentionaae0aa3c5b4d4f87b02d",
)

_HARMLESS = frozenset({"cloudwatch:PutMetricData", "sts:TagSession", "sts:SetSourceIdentity"})
"""Writes that change no resource: metrics of any name, and tags of a session."""


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Report write actions on any resource, one finding for each access level."""
    written = statement.statement
    applies = min(
        allows(written), covers_any_resource(written.resources), negation(restricts_resources(written))
    )
    # Looking up the actions is slow, and most statements name their resources.
    if applies is Truth.NO:
        return
    changing = {pattern: _write_actions(pattern) for pattern in written.actions if _is_checked_here(pattern)}
    is_of_cdk = statement.policy.holder.logical_id.startswith(_CDK_FUNCTIONS)
    for level in (MANAGEMENT, "write"):
        found = {pattern: actions for pattern, actions in changing.items() if _access_level(actions) == level}
        actions = [action for several in found.values() for action in several]
        yield from statement.place.answer(
            applies if found else Truth.NO,
            CODE,
            f"policy {statement.label} allows actions of the access level {level} on any resource",
            found=f"Action {listed(found)}",
            accepted="the ARNs of the resources, or a condition that restricts them",
            severity=Severity.WARNING if is_of_cdk or all(map(_is_common, actions)) else SEVERITY,
        )


_READ_PATTERN = re.compile(
    r"[a-z0-9-]+:(batch)?(get|list|describe|search|lookup|view|read)[^:]*[*?]", re.IGNORECASE
)


def _is_checked_here(pattern: Text) -> bool:
    """Return whether this rule should look at a pattern: not a whole service, and not a pattern of read actions."""
    literal = pattern.literal or ""
    return bool(literal.strip("*:")) and not service_wildcard(pattern) and not _READ_PATTERN.match(literal)


def _write_actions(pattern: Text) -> list[Action]:
    """Return the write actions of a pattern that support resource-level permissions."""
    return [
        action
        for action in matching_actions(pattern.literal or "")
        if action.resource_types and action.levels & {"write", MANAGEMENT} and str(action) not in _HARMLESS
    ]


def _access_level(actions: list[Action]) -> str:
    if any(MANAGEMENT in action.levels for action in actions):
        return MANAGEMENT
    return "write" if actions else ""


def _is_common(action: Action) -> bool:
    return str(action).lower() in _COMMON
