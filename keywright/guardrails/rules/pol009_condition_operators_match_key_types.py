"""POL009: a condition tests a key that there is, by an operator that compares it.

What it checks
    The operator of each test compares the type of its key: `Bool` true and false, `IpAddress` addresses, `Numeric…`
    numbers, `Date…` dates. A key that holds several values is tested by `ForAnyValue` or `ForAllValues`. A key is not
    one letter away from the one that was meant.

Why it matters
    A test by the wrong operator never holds, or always: an Allow then grants nothing, a Deny denies nothing.

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
    Keys whose type the reference does not give, identity providers' claims among them, and keys that are like no other.
    Text operators on ARNs are fine, since AWS itself writes them so. On true and false they work while the key is there,
    as in two of AWS's own policies, and are reported all the same.

See
    IAM User Guide, "AWS global condition context keys" and "IAM JSON policy elements: Condition operators".
"""

from collections.abc import Iterator

from keywright.guardrails.reference.condition_keys import FITTING, OPERATORS, key_type, meant_by
from keywright.guardrails.subjects.condition_tests import ConditionTest, condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.guardrails.value_list import listed
from keywright.policy.conditions import Family
from keywright.reporting.finding import Finding, Severity

CODE = "POL009"
TITLE = "a condition tests a key that there is, by an operator that compares it"
SEVERITY = Severity.ERROR


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Refuse each test that cannot be meant so; of services' keys the reference is not always right."""
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
    near = meant_by(test.key)
    if near:
        yield "tests a key that AWS does not have", listed(near), SEVERITY
        return
    found, has_several = key_type(test.key)
    operator = test.operator
    if found is None or operator is None or operator.family is Family.NULL:
        return
    if operator.family not in FITTING[found]:
        is_global = test.key.startswith("aws:")
        severity = SEVERITY if is_global else Severity.WARNING
        yield f"compares {found} by another type's operator", OPERATORS[found], severity
    elif has_several and operator.quantifier is None:
        several = "tests a key of several values as if it had one"
        yield several, f"`ForAnyValue:{test.operator_name}`", Severity.WARNING
