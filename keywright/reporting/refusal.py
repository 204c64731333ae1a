"""How a construct or a grant refuses what it is given: what is wrong, what was found, what would be accepted."""

from __future__ import annotations


def refusal(message: str, *, found: str, accepted: str) -> ValueError:
    """Make the error of a refused argument; whoever knows the declaration's place puts it in front.

    The words are those of a finding: lower case, no full stop, user text in backticks.
    """
    return ValueError(f"{message}; found {found}; accepted: {accepted}")
