"""The review, or the map of one assembly, as a page: one file, no request, no script but its own.

No text of an assembly becomes markup. It is JSON in a data block, in which nothing can end the block, and the page's
script puts it into the document as text. The policy in the page's head names its script and style by their hashes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from keywright.review.access_map import AccessMap, access_map
from keywright.review.access_map_columns import Columns
from keywright.review.access_map_marks import columns_of, mark
from keywright.review.html_data import page_data
from keywright.review.markdown import heading
from keywright.review.review import names_on
from keywright.review.sentences import Explanations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.review.change import Review
    from keywright.review.sentences import Explanation
    from keywright.review.side import Side

SCRIPTS = ("d3-selection.min.js", "data.js", "table.js", "map.js", "principal.js", "page.js")
"""In the order in which they need each other; they become one script."""
_LICENCES = ("d3-selection.LICENSE",)
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render_review(review: Review, base: Side, head: Side) -> str:
    """Write a review as a page: the verdict, a table, the access map with what changes marked, a page for each."""
    summary = heading(review).lstrip("# ").replace("*", "")
    if review.unusable:
        return _page("Access review", summary, page_data(AccessMap(Columns()), {}, {}, review))
    drawn = access_map(head, columns_of(review))
    mark(drawn, review, base.bearers, access_map(base, drawn.columns.all))
    return _page("Access review", summary, page_data(drawn, _told(head), review.names, review))


def render_map(side: Side, aside: Iterable[str] = ()) -> tuple[str, AccessMap]:
    """Write the access map of one assembly; `aside` is what could not be read."""
    drawn = access_map(side)
    return _page(
        "Access map", "Access map", page_data(drawn, _told(side), names_on(side), aside=aside)
    ), drawn


def _told(side: Side) -> Mapping[str, Explanation]:
    explanations = Explanations(side)
    return {key: explanations.of(bearer) for key, bearer in side.bearers.items()}


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
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE),
    )


def _policy(style: str, script: str) -> str:
    """Forbid everything but the one style and the one script, and any way from text to markup."""
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
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8")
