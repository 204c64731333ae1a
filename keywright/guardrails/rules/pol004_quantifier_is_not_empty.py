"""POL004: a condition of an Allow is not passed by the absence of its key.

What it checks
    No Allow of an identity-based policy uses `ForAllValues:` on a key without a `Null` test that asks for the key.

Why it matters
    `ForAllValues` holds for a request that has no value at all: whoever leaves the tags or keys out passes.

Refused
    Effect: Allow
    Action: "ec2:CreateTags"
    Resource: "*"
    Condition: {"ForAllValues:StringEquals": {"aws:TagKeys": [team]}}

Accepted
    Effect: Allow
    Action: "ec2:CreateTags"
    Resource: "*"
    Condition:
      "ForAllValues:StringEquals": {"aws:TagKeys": [team]}
      "Null": {"aws:TagKeys": "false"}

Blind to
    `…IfExists`, which says openly that it may be absent, and keys that every request carries.

See
    IAM User Guide, "Set operators for multivalued context keys".
"""

from collections.abc import Iterator

from keywright.finding import Finding, Severity
from keywright.guardrails.condition_tests import condition_tests
from keywright.guardrails.invitations import allows
from keywright.guardrails.subjects import PolicyStatement
from keywright.policy.operators import SetOperator

CODE = "POL004"
TITLE = "a condition of an Allow is not passed by the absence of its key"
SEVERITY = Severity.WARNING


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Warn of `ForAllValues` that no `Null` test accompanies."""
    for test in condition_tests(statement.statement):
        quantifier = test.operator.quantifier if test.operator else None
        if quantifier is SetOperator.ALL and not test.is_present:
            yield from statement.place.below("Condition").answer(
                allows(statement.statement),
                CODE,
                f"policy {statement.label} has a condition that an absent key passes",
                found=f"`{test.operator_name}` on `{test.key_name}`",
                accepted=f'`Null` with `{test.key_name}` "false" beside it',
            )
