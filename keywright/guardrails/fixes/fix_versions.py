"""A policy with variables says the version that knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, value_of
from keywright.policy.statement import VERSION_WITH_VARIABLES

if TYPE_CHECKING:
    from keywright.guardrails.subjects.policies import AnyStatement
    from keywright.reporting.finding import Finding

CODES = ("POL010",)


def fix(statement: AnyStatement, _finding: Finding) -> Proposal:
    """Change the version, or add it before the statements."""
    place = statement.within.place
    document, rewrite = value_of(place), rewrite_at(place)
    if not isinstance(document, dict):
        raise CannotRewriteError
    if any(key.lower() == "version" for key in document):
        rewrite = rewrite.with_text((*path_of(place), "Version"), VERSION_WITH_VARIABLES)
    else:
        rewrite = rewrite.with_first_member(path_of(place), "Version", VERSION_WITH_VARIABLES)
    return Proposal(f"`Version` becomes `{VERSION_WITH_VARIABLES}`", rewrite)
