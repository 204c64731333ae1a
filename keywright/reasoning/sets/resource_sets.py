"""Constraints on resources: ARNs, and `*` for actions that do not act on a specific resource.

Source: "IAM JSON policy elements: Resource". The five leading fields of an ARN are matched one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.arn import arn_pattern
from keywright.policy.matching.patterns import pieces
from keywright.reasoning.sets.constraints import ResourceTest
from keywright.reasoning.sets.emptiness import some_word
from keywright.reasoning.sets.languages import Dialect, Language, language, pattern
from keywright.reasoning.sets.memo import memoized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.reasoning.sets.constraints import Constraint, ResourceConstraints
    from keywright.reasoning.sets.emptiness import Union


def resource_language(text: str) -> Language:
    """Return the language of an ARN pattern without variables."""
    return pattern(pieces(text), Dialect.ARN)


ANY_RESOURCE = frozenset({resource_language("arn:*:*:*:*:*"), language(("*",))})
"""Every resource that a request may name."""


@memoized
def resource_test(texts: tuple[str, ...], negated: bool, knows_variables: bool) -> ResourceTest:  # noqa: FBT001 - cached by position
    """Return the test of the patterns of an element."""
    known = (arn_pattern(text, knows_variables) for text in texts)
    return ResourceTest(frozenset(pattern(each.tokens, Dialect.ARN) for each in known), negated)


@memoized
def has_resource(constraints: ResourceConstraints) -> bool:
    """Return whether some resource satisfies all constraints; False is a proof.

    Raises:
        PatternsTooComplexError: The patterns overlap in too many ways.
    """
    return some_word(*required_and_excluded(constraints)) is not None


def required_and_excluded(
    constraints: Iterable[Constraint[ResourceTest]],
) -> tuple[list[Union], set[Language]]:
    """Return the unions of which a resource must match one each, and the patterns that it must not match."""
    required: list[Union] = []
    excluded: set[Language] = set()
    for each in constraints:
        if each.holds is not each.test.negated:
            required.append(each.test.texts)
        else:
            excluded |= each.test.texts
    return required, excluded
