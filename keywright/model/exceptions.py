"""`exceptions:` - accepted findings, each with a reason and a last day."""

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
    """Accepts one finding of one rule at one place, until its last day."""

    rule: RuleName
    """The rule whose finding is accepted; `RET001` for what is rarely used, which `keywright retire` then keeps."""
    on: Reference
    """The declared thing of the finding, such as `role/vendor`."""
    finding: FindingText | None = None
    """The text of the finding as reported, if the rule has several there."""
    because: Reason
    """Why it is accepted; a sentence for the reviewer."""
    until: Day
    """The last day of the exception."""
