"""POL004: conditions of Allow statements require their key to be present.

What it checks
    No Allow of an identity-based policy uses `ForAllValues:` on a key without a `Null` test that requires the key.
    For `aws:TagKeys` a positive test on `aws:RequestTag/…` in the same statement is enough. On keys that list what
    the request itself sets or asks for (tags of an action that only tags, items of a table), it is advice only: a
    request without any sets and gets nothing. No condition tests MFA by `…IfExists`.

Why it matters
    `ForAllValues` is true for a request that has no value at all: whoever leaves out the tags or keys passes. A
    request signed with a long-term key has no MFA information, and passes `BoolIfExists`.

Refused
    Effect: Allow
    Action: "kms:Decrypt"
    Resource: "arn:aws:kms:eu-central-1:111111111111:key/1234"
    Condition: {"ForAllValues:StringEquals": {"aws:CalledVia": [athena.amazonaws.com]}}
    ---
    Effect: Allow
    Action: "s3:DeleteObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}}

Accepted
    Effect: Allow
    Action: "kms:Decrypt"
    Resource: "arn:aws:kms:eu-central-1:111111111111:key/1234"
    Condition:
      "ForAllValues:StringEquals": {"aws:CalledVia": [athena.amazonaws.com]}
      "Null": {"aws:CalledVia": "false"}

Blind to
    `…IfExists` on other keys, which says explicitly that the key may be missing, and keys that every request has.

See
    IAM User Guide, "Set operators for multivalued context keys".
"""

from collections.abc import Iterator

from keywright.guardrails.reference.applicability import actions_of
from keywright.guardrails.subjects.allowed_principals import MFA_AGE, MFA_PRESENT, allows, covers_action
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.policy.conditions import SetOperator
from keywright.policy.matching.context import Truth
from keywright.policy.reference.catalogue import Action
from keywright.reporting.finding import Finding, Severity

CODE = "POL004"
SEVERITY = Severity.ERROR

_SET_BY_REQUEST = frozenset(
    {
        "s3:requestobjecttagkeys",
        "kms:grantoperations",
        "kms:encryptioncontextkeys",
        "route53:changeresourcerecordsetsnormalizedrecordnames",
        "route53:changeresourcerecordsetsrecordtypes",
        "route53:changeresourcerecordsetsactions",
    }
)


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Report `ForAllValues` without a `Null` test, and MFA conditions that a missing key passes."""
    yield from _optional_mfa(statement)
    tests = list(condition_tests(statement.statement))
    tags = any(test.key.startswith("aws:requesttag/") and test.is_positive for test in tests)
    for test in tests:
        quantifier = test.operator.quantifier if test.operator else None
        requires_key = test.requires_key or (tags and test.key == "aws:tagkeys")
        if quantifier is SetOperator.ALL and not requires_key:
            is_advice = test.key in _SET_BY_REQUEST or _has_no_effect_without(test.key, statement)
            yield from statement.place.below("Condition").answer(
                allows(statement.statement),
                CODE,
                f"policy {statement.label} has a condition that is true when its key is missing",
                found=f"`{test.operator_name}` on `{test.key_name}`",
                accepted=f'`Null` with `{test.key_name}` "false" beside it',
                severity=Severity.ADVICE if is_advice else SEVERITY,
            )


def _optional_mfa(statement: PolicyStatement) -> Iterator[Finding]:
    for test in condition_tests(statement.statement):
        lenient = test.operator is not None and test.operator.if_exists and not test.requires_key
        if (
            lenient
            and test.key in (MFA_PRESENT, MFA_AGE)
            and {str(each).lower() for each in test.values} != {"false"}
        ):
            yield from statement.place.below("Condition").answer(
                allows(statement.statement),
                CODE,
                f"policy {statement.label} requires MFA only of requests with MFA information",
                found=f"`{test.operator_name}` on `{test.key_name}`",
                accepted=f"`{test.operator_name[: -len('IfExists')]}` on `{test.key_name}`",
            )


_ITEM_KEYS = frozenset({"dynamodb:leadingkeys", "dynamodb:attributes"})
"""Keys that every request for items has; a scan of the whole table has no leading keys."""


def _has_no_effect_without(key: str, statement: PolicyStatement) -> bool:
    """Return whether a request without the key has no effect with the statement's actions."""
    written = statement.statement
    if key == "aws:tagkeys":
        return all(actions_of(each) and all(map(_only_tags, actions_of(each))) for each in written.actions)
    return key in _ITEM_KEYS and covers_action(written, "dynamodb:scan") is Truth.NO


def _only_tags(action: Action) -> bool:
    return bool(action.levels & {"tagging"}) or "tag" in action.name.lower()
