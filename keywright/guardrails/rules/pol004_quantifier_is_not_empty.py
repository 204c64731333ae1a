"""POL004: a condition of an Allow is not passed by the absence of its key.

What it checks
    No Allow of an identity-based policy uses `ForAllValues:` on a key without a `Null` test that asks for the key. For
    `aws:TagKeys` a positive test on `aws:RequestTag/…` beside it does as well. On keys that list what the request itself
    sets, tags mostly, it is mere advice: a request without any sets none.

Why it matters
    `ForAllValues` holds for a request that has no value at all: whoever leaves the tags or keys out passes.

Refused
    Effect: Allow
    Action: "kms:Decrypt"
    Resource: "arn:aws:kms:eu-central-1:111111111111:key/1234"
    Condition: {"ForAllValues:StringEquals": {"aws:CalledVia": [athena.amazonaws.com]}}

Accepted
    Effect: Allow
    Action: "kms:Decrypt"
    Resource: "arn:aws:kms:eu-central-1:111111111111:key/1234"
    Condition:
      "ForAllValues:StringEquals": {"aws:CalledVia": [athena.amazonaws.com]}
      "Null": {"aws:CalledVia": "false"}

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

_SET_BY_REQUEST = frozenset(
    {
        "aws:tagkeys",
        "s3:requestobjecttagkeys",
        "kms:grantoperations",
        "kms:encryptioncontextkeys",
        "route53:changeresourcerecordsetsnormalizedrecordnames",
        "route53:changeresourcerecordsetsrecordtypes",
        "route53:changeresourcerecordsetsactions",
    }
)


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Warn of `ForAllValues` that no `Null` test accompanies."""
    tests = list(condition_tests(statement.statement))
    tags = any(test.key.startswith("aws:requesttag/") and test.is_positive for test in tests)
    for test in tests:
        quantifier = test.operator.quantifier if test.operator else None
        is_present = test.is_present or (tags and test.key == "aws:tagkeys")
        if quantifier is SetOperator.ALL and not is_present:
            yield from statement.place.below("Condition").answer(
                allows(statement.statement),
                CODE,
                f"policy {statement.label} has a condition that an absent key passes",
                found=f"`{test.operator_name}` on `{test.key_name}`",
                accepted=f'`Null` with `{test.key_name}` "false" beside it',
                severity=Severity.ADVICE if test.key in _SET_BY_REQUEST else SEVERITY,
            )
