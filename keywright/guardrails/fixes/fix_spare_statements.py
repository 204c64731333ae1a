"""A statement that says what others say already goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at

if TYPE_CHECKING:
    from keywright.guardrails.subjects.policies import AnyPolicy
    from keywright.reporting.finding import Finding

CODES = ("POL011",)


def fix(policy: AnyPolicy, finding: Finding) -> Proposal:
    """Take the statement away that stands where the finding is."""
    places = [each.place for each in policy.statements if each.place.location == finding.location]
    if len(places) != 1:
        raise CannotRewriteError
    return Proposal("the statement goes", rewrite_at(places[0]).without_item(path_of(places[0])))
