"""`retiring:` - an identity without access, before it is deleted: the way back is to remove the key."""

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Strict
from keywright.model.fields.text import Reason


class Retiring(Strict):
    """All access of the identity is denied; its keys, password and MFA devices stay, so that it can come back."""

    since: Day
    """The day from which everything is denied; `keywright retire` counts from it, and nothing is deleted by a date."""
    because: Reason
    """Why it is retired, such as when it was last used; a sentence for the reviewer."""
