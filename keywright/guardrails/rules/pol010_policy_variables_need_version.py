"""POL010: a policy with variables is of the version that knows them.

What it checks
    Where a resource or a condition's value holds a policy variable (`${aws:username}`), the document says
    `Version: "2012-10-17"`. A document without a version is of 2008-10-17.

Why it matters
    The old version takes a variable as plain text: an Allow grants nothing, a Deny denies nothing.

Refused
    Home:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::homes/${aws:username}/*"}

Accepted
    Home:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::homes/${aws:username}/*"}

Blind to
    A dollar sign in braces that is no variable of AWS's.

See
    IAM User Guide, "IAM JSON policy elements: Version" and "IAM policy elements: Variables and tags".
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.guardrails.value_list import listed
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from keywright.assembly.templates.policy_documents import Texts

CODE = "POL010"
TITLE = "a policy with variables is of the version that knows them"
SEVERITY = Severity.ERROR

_VARIABLE = re.compile(r"\$\{(?:[A-Za-z0-9.-]+:[^}$]+|[*?$])\}")


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Refuse variables where they are plain text."""
    written = statement.statement
    if written.knows_variables:
        return
    values: Texts = (*written.resources, *written.not_resources)
    values += tuple(each for test in condition_tests(written) for each in test.values)
    found = [
        each for each in values if any(_VARIABLE.search(part) for part in each.parts if isinstance(part, str))
    ]
    if found:
        yield statement.place.fault(
            CODE,
            f"{statement.label} holds a variable that its version takes as plain text",
            found=listed(dict.fromkeys(found)),
            accepted='`Version` "2012-10-17"',
        )
