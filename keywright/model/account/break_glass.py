"""`break_glass:` of the account - the role for administration in an emergency, and what the guardrails accept on it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Strict, kind_tag
from keywright.model.fields.text import Reason, Reference

BREAK_GLASS = ("account", "break_glass")
"""Where it is declared."""


class BreakGlass(Strict):
    """The break-glass role, with the reason why the guardrails accept its administrator access.

    Accepted are AdministratorAccess and the missing permissions boundary, on this role alone. The role itself does not
    end with `until`.
    """

    role: Reference
    """The role for administration in an emergency, such as `role/break-glass`."""
    because: Reason
    """Why it has AdministratorAccess and no permissions boundary; a sentence for the reviewer."""
    until: Day
    """The last day on which the guardrails accept this; afterwards they report the role again."""


_ROLE, _ACCEPTED = kind_tag("role"), kind_tag("accepted")


def _form(value: Any) -> str:
    return _ACCEPTED if isinstance(value, Mapping | BreakGlass) else _ROLE


BreakGlassRole = Annotated[
    Annotated[Reference, Tag(_ROLE)] | Annotated[BreakGlass, Tag(_ACCEPTED)], Discriminator(_form)
]
"""The role's name alone, or with the reason why its findings are accepted, and the last day."""
