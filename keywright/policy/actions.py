"""Action names and patterns: `service:Name`, compared without case, with wildcards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.glob import Glob
from keywright.policy.memory import remembered

if TYPE_CHECKING:
    from collections.abc import Callable


def service_of(action: str) -> str:
    """Give the service prefix in lower case; the empty text when there is no colon."""
    service, colon, _ = action.partition(":")
    return service.lower() if colon else ""


@dataclass(frozen=True)
class ActionPattern:
    """What `Action` and `NotAction` hold. No variables here, whatever the version."""

    text: str

    @cached_property
    def glob(self) -> Glob:
        """The pattern in lower case."""
        return Glob.parse(self.text.lower())

    @cached_property
    def covers(self) -> Callable[[str], bool]:
        """Tell whether an action *in lower case* is covered."""
        return self.glob.matches


@remembered
def action_pattern(text: str) -> ActionPattern:
    """Give the one pattern of a text, its parts computed once."""
    return ActionPattern(text)
