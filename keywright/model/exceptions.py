"""`exceptions:` - a finding that is accepted, for a reason, until a day."""

from typing import Annotated

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Strict
from keywright.model.fields.text import Reason, Reference, Shape

RuleName = Annotated[
    str,
    Shape("a rule", "such as `AwsSolutions-IAM4` or `TRU004`", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$"),
]
FindingText = Annotated[str, Shape("a finding", "its text of 1 to 2048 characters", shortest=1, longest=2048)]


class FindingException(Strict):
    """Covers exactly one finding of one rule at one place, until its last day."""

    rule: RuleName
    """The rule whose finding is accepted."""
    on: Reference
    """The declared thing that the finding is about, such as `role/vendor`."""
    finding: FindingText | None = None
    """Which of the rule's findings, where it has several; as the report prints it."""
    because: Reason
    """Why this is accepted; a sentence for the reviewer."""
    until: Day
    """The last day on which it is accepted."""
