"""POL010: policies with variables use version 2012-10-17.

What it checks
    Where a resource or a condition value contains a policy variable (`${aws:username}`), the document says `Version:
    "2012-10-17"`. A document without a version has version 2008-10-17.

Why it matters
    The old version treats a variable as plain text: an Allow grants nothing, a Deny denies nothing.

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
    A dollar sign in braces that is no policy variable.

See
    IAM User Guide, "IAM JSON policy elements: Version" and "IAM policy elements: Variables and tags".
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from keywright.assembly.templates.policy_documents import Texts

CODE = "POL010"
SEVERITY = Severity.ERROR

# `${*}`, `${?}` and `${$}` stand for these characters, in the new version only.
_VARIABLE = re.compile(r"\$\{(?:[A-Za-z0-9.-]+:[^}$]+|[*?$])\}")


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report variables in a document whose version does not support them."""
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
            f"{statement.label} uses a variable that its version treats as plain text",
            found=listed(dict.fromkeys(found)),
            accepted='`Version` "2012-10-17"',
        )
