"""POL015: wildcards in conditions need a Like operator.

What it checks
    No condition value contains `*` under an operator that compares exactly: `StringEquals`, `StringNotEquals` and
    their forms that ignore case.

Why it matters
    These operators match `*` literally: the Allow grants nothing, and a Deny with `StringNotEquals` denies everybody.

Refused
    Effect: Allow
    Action: "s3:ListBucket"
    Resource: "arn:aws:s3:::reports"
    Condition: {StringEquals: {"s3:prefix": "monthly/*"}}
    ---
    Effect: Deny
    Action: "s3:*"
    Resource: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
    Condition: {StringNotEquals: {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}

Accepted
    Effect: Allow
    Action: "s3:ListBucket"
    Resource: "arn:aws:s3:::reports"
    Condition: {StringLike: {"s3:prefix": "monthly/*"}}
    ---
    Effect: Allow
    Action: "s3:ListBucket"
    Resource: "arn:aws:s3:::reports"
    Condition: {ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}

Blind to
    A question mark, which is common in values, and values that are known only at deployment.

See
    IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.policy.conditions import Family
from keywright.reporting.finding import Finding, Severity

CODE = "POL015"
SEVERITY = Severity.ERROR

# `${*}` is a literal asterisk ("IAM policy elements: Variables and tags").
_ESCAPED_WILDCARD = "${*}"


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report each test that matches a wildcard literally."""
    for test in condition_tests(statement.statement):
        if test.operator is None or test.operator.family is not Family.STRING or test.matches_patterns:
            continue
        found = [each for each in test.values if "*" in str(each).replace(_ESCAPED_WILDCARD, "")]
        if found:
            yield statement.place.below("Condition", test.operator_name).fault(
                CODE,
                f"{statement.label} matches a wildcard literally",
                found=f"`{test.operator_name}` on `{test.key_name}` with {listed(found)}",
                accepted=f"`{_like_operator(test.operator_name)}`",
            )


def _like_operator(operator: str) -> str:
    quantifier, colon, name = operator.rpartition(":")
    ending = "IfExists" if name.lower().endswith("ifexists") else ""
    negated = "Not" if "not" in name.lower() else ""
    return f"{quantifier}{colon}String{negated}Like{ending}"
