"""A misspelled action becomes the one action of its service that is spelled nearly so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, texts_at
from keywright.guardrails.reference.action_names import is_known, nearest_actions

if TYPE_CHECKING:
    from keywright.guardrails.subjects.policies import AnyStatement
    from keywright.reporting.finding import Finding

CODES = ("POL007",)

MAXIMUM_DISTANCE = 2
"""Letters that are added, lacking or others."""


def fix(statement: AnyStatement, finding: Finding) -> Proposal:
    """Spell every unknown action of the element right."""
    element = finding.found.partition(" ")[0]
    rewrite, said = rewrite_at(statement.place), []
    for place, name in texts_at(statement.place.below(element)):
        if not is_known(name):
            new = nearest_action(name)
            rewrite = rewrite.with_text(path_of(place), new)
            said.append(f"`{name}` becomes `{new}`")
    if not said:
        raise CannotRewriteError
    return Proposal(", ".join(said), rewrite)


def nearest_action(name: str) -> str:
    """Return the one nearest action, if it is near and no other is as near.

    Raises:
        UnfitError: Somebody has to decide.
    """
    if set("*?$") & set(name):
        raise CannotRewriteError
    service = name.partition(":")[0].lower()
    near = sorted(
        (distance(name.lower(), each.lower()), each)
        for each in nearest_actions(name)
        if each.partition(":")[0].lower() == service and not each.endswith(":*")
    )
    if not near or near[0][0] > MAXIMUM_DISTANCE or (len(near) > 1 and near[1][0] == near[0][0]):
        raise CannotRewriteError
    return near[0][1]


def distance(one: str, other: str) -> int:
    """Count the letters to add, to take away or to change; `Levenshtein distance`."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        previous, row = row, [number]
        for index, wanted in enumerate(other):
            row.append(min(previous[index + 1] + 1, row[index] + 1, previous[index] + (letter != wanted)))
    return row[-1]
