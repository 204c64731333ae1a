"""POL009: condition keys exist and match their operators.

What it checks
    The operator of each test matches the type of its key: `Bool` for booleans, `IpAddress` for addresses, `Numeric…`
    for numbers, `Date…` for dates. A multivalued key is tested with `ForAnyValue` or `ForAllValues`. No key is a
    misspelling of a known one.

Why it matters
    A test with the wrong operator is never true, or always: an Allow then grants nothing, a Deny denies nothing.

Refused
    Effect: Allow
    Action: "s3:GetObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {StringEquals: {"aws:SourceIp": 192.0.2.0/24}}
    ---
    Effect: Allow
    Action: "ec2:CreateTags"
    Resource: "arn:aws:ec2:*:*:instance/*"
    Condition: {StringEquals: {"aws:TagKeys": team}}
    ---
    Effect: Deny
    Action: "s3:*"
    Resource: "*"
    Condition: {StringNotEquals: {"aws:PrincipleOrgID": o-a1b2c3d4e5}}

Accepted
    Effect: Allow
    Action: "s3:GetObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {IpAddress: {"aws:SourceIp": 192.0.2.0/24}, ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}
    ---
    Effect: Allow
    Action: "ec2:CreateTags"
    Resource: "arn:aws:ec2:*:*:instance/*"
    Condition: {"ForAnyValue:StringEquals": {"aws:TagKeys": team}}

Blind to
    Keys whose type the reference does not give, claims of identity providers among them, and unknown keys that
    resemble no known one. String operators on ARNs are accepted, since AWS's own policies use them. On booleans they
    work while the key is present, as in two of AWS's own policies, and are reported all the same.

See
    IAM User Guide, "AWS global condition context keys" and "IAM JSON policy elements: Condition operators".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.reference.condition_keys import (
    OPERATOR_EXAMPLES,
    OPERATOR_FAMILIES,
    key_type,
    nearest_keys,
)
from keywright.guardrails.subjects.condition_tests import ConditionTest, condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.policy.conditions import Family
from keywright.reporting.finding import Finding, Severity

CODE = "POL009"
SEVERITY = Severity.ERROR


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report misspelled keys and operators of the wrong type; for keys of services the reference is not always right."""
    for test in condition_tests(statement.statement):
        for message, accepted, severity in _faults(test):
            yield statement.place.below("Condition", test.operator_name).fault(
                CODE,
                f"{statement.label} {message}",
                found=f"`{test.operator_name}` on `{test.key_name}`",
                accepted=accepted,
                severity=severity,
            )


def _faults(test: ConditionTest) -> Iterator[tuple[str, str, Severity]]:
    near = nearest_keys(test.key)
    if near:
        yield "tests an unknown condition key", listed(near), SEVERITY
        return
    found, is_multivalued = key_type(test.key)
    operator = test.operator
    if found is None or operator is None or operator.family is Family.NULL:
        return
    if operator.family not in OPERATOR_FAMILIES[found]:
        is_global = test.key.startswith("aws:")
        severity = SEVERITY if is_global else Severity.WARNING
        yield (
            f"tests a key of type {found} with an operator of another type",
            OPERATOR_EXAMPLES[found],
            severity,
        )
    elif is_multivalued and operator.quantifier is None:
        message = "tests a multivalued key without a set operator"
        yield message, f"`ForAnyValue:{test.operator_name}`", Severity.WARNING
