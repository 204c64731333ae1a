"""POL008: every statement is about something.

What it checks
    Each action of a statement goes with one of its resources: object actions with objects, bucket actions with buckets.
    An Allow's condition tests a key that one of its actions has, and can hold at all. A statement of actions that take
    no resources does not name certain ones alone. Where the reference may know too little, of services other than Amazon
    S3 and of EC2's resources, it is a warning.

Why it matters
    What grants nothing is found missing in production and mended by a wildcard; what denies nothing is not found at all.

Refused
    {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports"}
    ---
    {Effect: Deny, Action: ["s3:ListBucket", "s3:DeleteObject"], Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Allow, Action: "ec2:DescribeInstances", Resource: "arn:aws:ec2:*:*:instance/*"}
    ---
    Effect: Allow
    Action: "s3:GetObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {StringLike: {"s3:prefix": "monthly/*"}}
    ---
    Effect: Allow
    Action: "s3:GetObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {StringEquals: {"aws:PrincipalTag/team": a}, StringNotEquals: {"aws:PrincipalTag/team": a}}

Accepted
    {Effect: Allow, Action: ["s3:GetObject", "s3:ListBucket"], Resource: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]}
    ---
    {Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "arn:aws:s3:::*"}

Blind to
    Actions, resource types and keys that the reference does not know, and which of several resources an action needs at
    once. An action without resource types beside others that fit is not named. The reference has gaps: AWS's own policies
    use `ssm:resourceTag/…`, and elastic IPs for `ec2:DescribeAddressesAttribute`, which are reported wrongly.

See
    Service Authorization Reference; IAM User Guide, "Actions, resources, and condition keys for AWS services".
"""

from collections.abc import Iterator

from keywright.guardrails.reference.applicability import (
    actions_of,
    fits_some,
    lacks_key,
    patterns,
    takes_only_everything,
)
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.guardrails.subjects.redundancy import grants_nothing
from keywright.guardrails.value_list import listed
from keywright.policy.reference.catalogue import Action, resource_types
from keywright.policy.statement import Effect, Kind
from keywright.reporting.finding import Finding, Severity

CODE = "POL008"
TITLE = "every statement is about something"
SEVERITY = Severity.ERROR


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Refuse actions without a resource, keys without an action, and conditions that nothing meets."""
    if statement.within.kind is Kind.TRUST or not statement.within.is_document:
        return
    yield from _unfit_resources(statement)
    if statement.statement.effect is Effect.ALLOW:
        yield from _unfit_keys(statement)
        if grants_nothing(statement):
            yield statement.place.below("Condition").fault(
                CODE,
                f"{statement.label} has a statement whose conditions nothing meets",
                found=listed(condition_tests(statement.statement)),
                accepted="conditions that can hold together",
            )


def _unfit_resources(statement: AnyStatement) -> Iterator[Finding]:
    written = statement.statement
    if not written.resources or "Resource" in written.unknown or "Action" in written.unknown:
        return
    resources = patterns(written.resources)
    if any(not each.strip("*") or each.startswith("execute-api:/") for each in resources):
        return
    meant = {pattern: actions_of(pattern) for pattern in written.actions}
    unfit = {
        pattern: actions
        for pattern, actions in meant.items()
        if actions and not any(fits_some(action, resources) for action in actions)
    }
    rest = [actions for pattern, actions in meant.items() if pattern not in unfit]
    is_in_vain = bool(rest) and all(
        actions and all(takes_only_everything(each, resources) for each in actions) for actions in rest
    )
    if is_in_vain:
        unfit = meant
    if unfit:
        effect = "denies" if written.effect is Effect.DENY else "grants"
        yield statement.place.below("Resource").fault(
            CODE,
            f"{statement.label} {effect} nothing by {'actions' if len(unfit) > 1 else 'an action'} that "
            "the resources don't fit",
            found=f"{listed(unfit)} on {listed(written.resources)}",
            accepted=_fitting(next(iter(unfit.values()))),
            severity=SEVERITY
            if is_in_vain or any(_is_sure(each, resources) for each in unfit.values())
            else Severity.WARNING,
        )


def _is_sure(actions: tuple[Action, ...], resources: list[str]) -> bool:
    """Tell whether the reference knows all resources of some actions, or all these are another service's."""
    if all(each.service == "s3" for each in actions):
        return True
    services = {each.split(":")[2] for each in resources if each.count(":") >= 5}  # noqa: PLR2004 - fields of an ARN
    own = {kind.service for each in actions for kind in resource_types(each)} | {
        each.service for each in actions
    }
    return bool(services) and not any("*" in each or each in own for each in services)


def _fitting(actions: tuple[Action, ...]) -> str:
    formats = {each.arn_format for action in actions[:1] for each in resource_types(action)}
    return " or ".join(f"`{each}`" for each in sorted(formats, key=len)[:2]) or "`*`"


def _unfit_keys(statement: AnyStatement) -> Iterator[Finding]:
    written = statement.statement
    if not written.conditions or any(each.prefix.startswith("*") for each in written.actions):
        return
    known = [actions_of(pattern) for pattern in written.actions]
    actions = [action for several in known for action in several]
    if not all(known):
        return
    for test in condition_tests(written):
        if test.is_positive and lacks_key(test.key, actions):
            yield statement.place.below("Condition").fault(
                CODE,
                f"{statement.label} tests a key that none of its actions has, and grants nothing",
                found=f"`{test.key_name}`",
                accepted="a key of the actions, or the actions that have it",
                severity=SEVERITY if _is_sure(tuple(actions), []) else Severity.WARNING,
            )
