"""A review, or the map of one assembly, as a page: a single file that makes no requests and runs only its own script.

No text of an assembly becomes markup. It is JSON in a data block, in which nothing can end the block, and the page's
script puts it into the document as text. The policy in the page's head names its script and style by their hashes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from keywright.review.explanation import Explanations
from keywright.review.map.access_map import AccessMap, access_map
from keywright.review.map.columns import Columns
from keywright.review.map.levels import MAP_LEVELS
from keywright.review.map.marks import columns_of, mark
from keywright.review.report.as_json import as_json
from keywright.review.report.markdown import heading
from keywright.review.report.wording import visible
from keywright.review.review import names_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.review.comparison.snapshot import Snapshot
    from keywright.review.explanation import Explanation
    from keywright.review.map.access_map import Mark, Row, Shape
    from keywright.review.map.columns import Column
    from keywright.review.result import Review


_CERTAINTIES = 4
"""The number of certainties; a cell is a number with one digit of this base per level."""


@dataclass
class _Texts:
    """Texts that are stored once and referred to by number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, texts: Iterable[object]) -> list[int]:
        return [self.numbers.setdefault(str(each), len(self.numbers)) for each in texts]


def page_data(
    drawn: AccessMap,
    explanations: Mapping[str, Explanation],
    names: Mapping[str, str],
    review: Review | None = None,
    aside: Iterable[str] = (),
) -> Any:
    """Give the data of a page: of a review, or of one assembly if there is no review.

    `explanations` is by row, `names` are what people call users, roles and buckets, by ARN.
    """
    texts = _Texts()
    rows = [_row(each, explanations.get(key), texts) for key, each in drawn.rows.items()]
    return _visible(
        {
            "levels": list(MAP_LEVELS),
            "columns": [[each.service, _display_name(each, names), each.text] for each in drawn.columns.all],
            "shapes": [_shape(each) for each in drawn.shapes],
            "rows": rows,
            "texts": list(texts.numbers),
            "aside": list(aside),
            "review": as_json(review) if review else None,
        }
    )


def _display_name(column: Column, names: Mapping[str, str]) -> str:
    """Give the short name of a resource or of its content."""
    start, slash, rest = column.text.partition("/")
    whole = names.get(column.text)
    return whole or (f"{names[start]}{slash}{rest}" if start in names else column.label)


def _row(row: Row, explanations: Explanation | None, texts: _Texts) -> dict[str, Any]:
    found = {
        "name": row.name,
        "arn": row.arn,
        "kind": row.kind,
        "shapes": list(row.shapes),
        "doubts": list(row.doubts),
        "gone": row.is_gone,
        "marks": [_mark(column, each) for column, each in row.marks.items()],
    }
    if explanations:
        found |= {
            "groups": list(explanations.groups),
            "boundary": explanations.boundary,
            "says": _by_service(explanations, texts),
            "within": texts.of(explanations.within),
            "trusted": texts.of(explanations.trusted),
        }
    return found


def _by_service(explanations: Explanation, texts: _Texts) -> list[list[Any]]:
    return [[service, *texts.of(sentences)] for service, sentences in explanations.by_service().items()]


def _shape(shape: Shape) -> list[int]:
    """Give a flat list: a column, its cell, the next column, its cell, and so on."""
    return [
        number
        for column, levels in shape
        for number in (column, sum(each * _CERTAINTIES**place for place, each in enumerate(levels)))
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


SCRIPTS = ("d3-selection.min.js", "data.js", "table.js", "map.js", "principal.js", "page.js")
"""In the order in which they need each other; they become one script."""
_LICENCES = ("d3-selection.LICENSE",)
# U+2028 and U+2029 end a line in older JavaScript, although JSON allows them.
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render_review(review: Review, base: Snapshot, head: Snapshot) -> str:
    """Write a review as a page: the verdict, a table of changes, the access map with marked changes, a page per principal."""
    summary = heading(review).lstrip("# ").replace("*", "")
    if review.unusable:
        return _page("Access review", summary, page_data(AccessMap(Columns()), {}, {}, review))
    drawn = access_map(head, columns_of(review))
    mark(drawn, review, base.identities, access_map(base, drawn.columns.all))
    return _page("Access review", summary, page_data(drawn, _explanations(head), review.names, review))


def render_map(snapshot: Snapshot, aside: Iterable[str] = ()) -> tuple[str, AccessMap]:
    """Write the access map of one assembly; `aside` lists what could not be read."""
    drawn = access_map(snapshot)
    return _page(
        "Access map", "Access map", page_data(drawn, _explanations(snapshot), names_on(snapshot), aside=aside)
    ), drawn


def _explanations(snapshot: Snapshot) -> Mapping[str, Explanation]:
    explanations = Explanations(snapshot)
    return {key: explanations.of(identity) for key, identity in snapshot.identities.items()}


def _page(title: str, summary: str, data: Any) -> str:
    style = _static("page.css")
    script = "\n".join(map(_static, SCRIPTS))
    return Template(_static("page.html")).substitute(
        title=title,
        summary=summary,
        policy=_policy(style, script),
        licences="\n".join(map(_static, _LICENCES)).strip(),
        style=style,
        script=script,
        # Escaped as JSON, no text can end the data block or begin a tag.
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE),
    )


def _policy(style: str, script: str) -> str:
    """Allow only the page's own style and script, and no way from text to markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _static(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
