"""The exceptions that a report offers, as somebody would copy and complete them."""

from __future__ import annotations

import re
from textwrap import dedent

REASONS = {
    "because: # why this is intended": "because: it is meant so, and somebody looked at it",
    "because: # why the role has administrator access and no boundary": "because: it repairs the account",
    "owner: # who answers for it": "owner: platform team",
}
_OFFER = re.compile(r"^    to accept this.*:\n((?:      .*\n)+)", re.MULTILINE)


def offered(report: str) -> list[str]:
    """Give the YAML of each suggestion in a report, as it stands there."""
    return [dedent(each) for each in _OFFER.findall(report)]


def completed(suggestions: list[str]) -> list[str]:
    """Fill in the reasons, and owners."""
    text = "\0".join(suggestions)
    for empty, given in REASONS.items():
        text = text.replace(empty, given)
    return text.split("\0")
