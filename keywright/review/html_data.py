"""What a page is drawn from: the review's own document, the map, and what each may do in sentences.

Every text is made visible first, so that nothing in it hides or turns what stands around it. Texts that many share stand
once and are named by number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.review.access_map_levels import MAP_LEVELS
from keywright.review.as_json import as_json
from keywright.review.inert import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.review.access_map import AccessMap, Mark, Row, Shape
    from keywright.review.access_map_columns import Column
    from keywright.review.change import Review
    from keywright.review.sentences import Explanation

_HOLDS = 4
"""Kinds of certainty; a cell is a number with a digit of this base for each level."""


@dataclass
class _Texts:
    """Texts by number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, texts: Iterable[object]) -> list[int]:
        return [self.numbers.setdefault(str(each), len(self.numbers)) for each in texts]


def page_data(
    drawn: AccessMap,
    told: Mapping[str, Explanation],
    names: Mapping[str, str],
    review: Review | None = None,
    aside: Iterable[str] = (),
) -> Any:
    """Give the data of a page: of a review, or of one assembly where there is none.

    `told` is by row, `names` are what people call users, roles and buckets, by ARN.
    """
    texts = _Texts()
    rows = [_row(each, told.get(key), texts) for key, each in drawn.rows.items()]
    return _visible(
        {
            "levels": list(MAP_LEVELS),
            "columns": [[each.service, _called(each, names), each.text] for each in drawn.columns.all],
            "shapes": [_shape(each) for each in drawn.shapes],
            "rows": rows,
            "texts": list(texts.numbers),
            "aside": list(aside),
            "review": as_json(review) if review else None,
        }
    )


def _called(column: Column, names: Mapping[str, str]) -> str:
    """Call a resource, or what is in it, as people do."""
    start, slash, rest = column.text.partition("/")
    whole = names.get(column.text)
    return whole or (f"{names[start]}{slash}{rest}" if start in names else column.label)


def _row(row: Row, told: Explanation | None, texts: _Texts) -> dict[str, Any]:
    found = {
        "name": row.name,
        "arn": row.arn,
        "kind": row.kind,
        "shapes": list(row.shapes),
        "doubts": list(row.doubts),
        "gone": row.is_gone,
        "marks": [_mark(column, each) for column, each in row.marks.items()],
    }
    if told:
        found |= {
            "groups": list(told.groups),
            "boundary": told.boundary,
            "says": _by_service(told, texts),
            "within": texts.of(told.within),
            "trusted": texts.of(told.trusted),
        }
    return found


def _by_service(told: Explanation, texts: _Texts) -> list[list[Any]]:
    return [[service, *texts.of(sentences)] for service, sentences in told.by_service().items()]


def _shape(shape: Shape) -> list[int]:
    """Give a flat list: a column, its cell, the next column, its cell, and so on."""
    return [
        number
        for column, levels in shape
        for number in (column, sum(each * _HOLDS**place for place, each in enumerate(levels)))
    ]


def _mark(column: int, each: Mark) -> list[int]:
    return [column, _bits(each.gained), _bits(each.lost)]


def _bits(levels: Iterable[str]) -> int:
    return sum(1 << MAP_LEVELS.index(each) for each in set(levels))


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(each) for each in value]
    if isinstance(value, dict):
        return {visible(key): _visible(each) for key, each in value.items()}
    return value
