"""What `Resource` and `NotResource` leave of the resources: ARNs, and `*` for actions on nothing in particular.

Source: "IAM JSON policy elements: Resource". The five leading fields of an ARN match one by one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.arn import arn_pattern
from keywright.policy.glob import normal
from keywright.reasoning.constraints import ResourceTest
from keywright.reasoning.emptiness import find_word
from keywright.reasoning.languages import Dialect, Language, language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.reasoning.constraints import Constraint, ResourceConstraints
    from keywright.reasoning.emptiness import Union, Word


def resource_language(text: str) -> Language:
    """Give the language of an ARN pattern without variables."""
    pattern = arn_pattern(text, False)  # noqa: FBT003 - no variables in it
    return language(normal(pattern.tokens), Dialect.ARN)  # type: ignore[arg-type]


ANY_RESOURCE = frozenset({resource_language("arn:*:*:*:*:*"), language(("*",))})
"""Everything that a request may name as its resource."""


@lru_cache(maxsize=16_384)
def resource_test(texts: tuple[str, ...], negated: bool, knows_variables: bool) -> ResourceTest:  # noqa: FBT001 - cached by position
    """Give the test of an element's patterns."""
    patterns = [arn_pattern(text, knows_variables) for text in texts]
    return ResourceTest(
        frozenset(language(normal(pattern.tokens), Dialect.ARN) for pattern in patterns),  # type: ignore[arg-type]
        negated,
        any(pattern.has_variables for pattern in patterns),
    )


@lru_cache(maxsize=65_536)
def find_resource(constraints: ResourceConstraints, among: Union | None = None) -> Word | None:
    """Give a resource for which all constraints are met, of those in `among`; None is a proof that there is none.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    required, excluded = demands(constraints)
    return find_word([*required, *([among] if among else [])], excluded)


def demands(constraints: Iterable[Constraint[ResourceTest]]) -> tuple[list[Union], set[Language]]:
    """Give what a resource must match, one of each, and what it must not.

    `NotResource` with a variable that has no value may mean anything: that it does not apply tells nothing.
    """
    required: list[Union] = []
    excluded: set[Language] = set()
    for each in constraints:
        if each.holds is not each.test.negated:
            if not (each.test.is_open and each.test.negated):
                required.append(each.test.texts)
        else:
            excluded |= each.test.texts
    return required, excluded
