"""What is allowed for a reason."""

from keywright.model.name import Reason
from keywright.model.strict import Strict


class Argued(Strict):
    """An exception to good practice, and why it is made."""

    because: Reason
    """Why nothing better will do; a sentence for the reviewer."""
