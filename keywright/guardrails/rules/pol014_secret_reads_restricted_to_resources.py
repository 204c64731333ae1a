"""POL014: reading secrets and data is restricted to certain resources.

What it checks
    An Allow of an identity-based policy on any resource covers no action that returns the content of secrets,
    parameters, objects, tables or queues, unless a condition restricts the resources.

Why it matters
    One compromised function is enough to read every database password or customer file that its role can read.

Refused
    {Effect: Allow, Action: "secretsmanager:GetSecretValue", Resource: "*"}
    ---
    {Effect: Allow, Action: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]}

Accepted
    {Effect: Allow, Action: ["s3:ListAllMyBuckets", "ec2:Describe*"], Resource: "*"}
    ---
    {Effect: Allow, Action: "ssm:GetParameter", Resource: "arn:aws:ssm:eu-central-1:111111111111:parameter/web/*"}

Blind to
    Reading through other services (Athena, Glue, backups), and wide name patterns (`arn:aws:s3:::acme-*`). POL005
    reports whole services.

See
    IAM User Guide, "Apply least-privilege permissions".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Text
from keywright.guardrails.place import listed
from keywright.guardrails.reference.tables import table
from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import covers_any_resource, restricts_resources, service_wildcard
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.policy.matching.context import Truth, negation
from keywright.policy.matching.patterns import action_pattern
from keywright.reporting.finding import Finding, Severity

CODE = "POL014"
SEVERITY = Severity.ERROR

_DATA = tuple(table("actions_that_read_data"))


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Report permission to read the content of any resource."""
    written = statement.statement
    applies = min(
        allows(written), covers_any_resource(written.resources), negation(restricts_resources(written))
    )
    found = [pattern for pattern in written.actions if applies is not Truth.NO and _reads_data(pattern)]
    yield from statement.place.answer(
        applies if found else Truth.NO,
        CODE,
        f"policy {statement.label} allows reading the content of any resource",
        found=f"Action {listed(found)}",
        accepted="the ARNs of the resources that are read",
    )


def _reads_data(pattern: Text) -> bool:
    literal = pattern.literal or ""
    if not literal.strip("*:") or service_wildcard(pattern):
        return False
    return any(map(action_pattern(literal).covers, _DATA))
