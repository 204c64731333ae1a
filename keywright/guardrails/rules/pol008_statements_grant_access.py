"""POL008: every statement can take effect.

What it checks
    Each action of a statement applies to one of its resources: object actions to objects, bucket actions to buckets.
    The condition of an Allow tests a key that one of its actions supports, and can be true. A statement whose actions
    support no resources does not name specific ones only. Where the reference may be incomplete, for services other
    than Amazon S3 and for resources other than EC2's, it is a warning.

Why it matters
    A statement that grants nothing is noticed in production and fixed with a wildcard; one that denies nothing is not
    noticed at all.

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
    Actions, resource types and keys that the reference does not list, and actions that need several resources at
    once. An action without resource types beside others that apply is not reported. The reference has gaps: AWS's own
    policies use `ssm:resourceTag/…`, and elastic IPs for `ec2:DescribeAddressesAttribute`, which are reported
    wrongly.

See
    Service Authorization Reference; IAM User Guide, "Actions, resources, and condition keys for AWS services".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.reference.applicability import (
    actions_of,
    applies_to_any,
    lacks_key,
    needs_all_resources,
    resource_patterns,
)
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.guardrails.subjects.redundancy import grants_nothing
from keywright.policy.reference.catalogue import Action, resource_types
from keywright.policy.statement import Effect, Kind
from keywright.reporting.finding import Finding, Severity

CODE = "POL008"
SEVERITY = Severity.ERROR
ONLY_WRITTEN = True


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report actions without an applicable resource, unsupported keys, and conditions that are never true."""
    if statement.within.kind is Kind.TRUST or not statement.within.is_document:
        return
    yield from _inapplicable_resources(statement)
    if statement.statement.effect is Effect.ALLOW:
        yield from _unsupported_keys(statement)
        if grants_nothing(statement):
            yield statement.place.below("Condition").fault(
                CODE,
                f"{statement.label} has a statement whose conditions are never true",
                found=listed(condition_tests(statement.statement)),
                accepted="conditions that can be true together",
            )


def _inapplicable_resources(statement: AnyStatement) -> Iterator[Finding]:
    written = statement.statement
    if not written.resources or "Resource" in written.unknown or "Action" in written.unknown:
        return
    resources = resource_patterns(written.resources)
    # A wildcard applies to every action; policies of API Gateway can name methods of their own API.
    if any(not each.strip("*") or each.startswith("execute-api:/") for each in resources):
        return
    covered = {pattern: actions_of(pattern) for pattern in written.actions}
    inapplicable = {
        pattern: actions
        for pattern, actions in covered.items()
        if actions and not any(applies_to_any(action, resources) for action in actions)
    }
    rest = [actions for pattern, actions in covered.items() if pattern not in inapplicable]
    is_never_applicable = bool(rest) and all(
        actions and all(needs_all_resources(each, resources) for each in actions) for actions in rest
    )
    if is_never_applicable:
        inapplicable = covered
    if inapplicable:
        effect = "denies" if written.effect is Effect.DENY else "grants"
        yield statement.place.below("Resource").fault(
            CODE,
            f"{statement.label} {effect} nothing with {'actions' if len(inapplicable) > 1 else 'an action'} that "
            f"{'do' if len(inapplicable) > 1 else 'does'} not apply to its resources",
            found=f"{listed(inapplicable)} on {listed(written.resources)}",
            accepted=_arn_formats(next(iter(inapplicable.values()))),
            severity=SEVERITY
            if is_never_applicable or any(_is_certain(each, resources) for each in inapplicable.values())
            else Severity.WARNING,
        )


def _is_certain(actions: tuple[Action, ...], resources: list[str]) -> bool:
    """Return whether the reference is complete for the actions, or all resources belong to other services."""
    if all(each.service == "s3" for each in actions):
        return True
    services = {each.split(":")[2] for each in resources if each.count(":") >= 5}  # noqa: PLR2004 - fields of an ARN
    own = {kind.service for each in actions for kind in resource_types(each)} | {
        each.service for each in actions
    }
    return bool(services) and not any("*" in each or each in own for each in services)


def _arn_formats(actions: tuple[Action, ...]) -> str:
    formats = {each.arn_format for action in actions[:1] for each in resource_types(action)}
    return " or ".join(f"`{each}`" for each in sorted(formats, key=len)[:2]) or "`*`"


def _unsupported_keys(statement: AnyStatement) -> Iterator[Finding]:
    written = statement.statement
    if not written.conditions or any(each.prefix.startswith("*") for each in written.actions):
        return
    known = [actions_of(pattern) for pattern in written.actions]
    actions = [action for several in known for action in several]
    # An unknown action may support any key.
    if not all(known):
        return
    for test in condition_tests(written):
        if test.is_positive and lacks_key(test.key, actions):
            yield statement.place.below("Condition").fault(
                CODE,
                f"{statement.label} tests a key that none of its actions supports, and grants nothing",
                found=f"`{test.key_name}`",
                accepted="a key that the actions support, or actions that support the key",
                severity=SEVERITY if _is_certain(tuple(actions), []) else Severity.WARNING,
            )
