"""A report as Markdown, for a file that an auditor is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.compliance.report import SCOPE
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.compliance.answer import Judged
    from keywright.compliance.report import Report

_MARKS = re.compile(r"([\\|<>*_\[\]])")


def as_markdown(report: Report) -> str:
    """Write a table of all controls, and a section for each."""
    head = [
        f"# {report.framework.label}",
        "",
        f"Of {', '.join(f'`{each}`' for each in report.of)} on {report.today}: {report.counted}.",
        SCOPE,
        "",
        "| control | level | | stands |",
        "|---|---|---|---|",
    ]
    rows = [_row(each) for each in report.controls]
    sections = [line for each in report.controls for line in _section(each)]
    return "\n".join([*head, *rows, *sections])


def _row(judged: Judged) -> str:
    control = judged.control
    return f"| {control.id} | {control.level} | {_escaped(control.title)} | **{judged.status}** |"


def _section(judged: Judged) -> Iterator[str]:
    control, answer = judged.control, judged.answer
    yield from ("", f"## {control.id} {_escaped(control.title)}", "", f"**{judged.status}**", "")
    for gap in answer.gaps:
        found = f"; found {gap.found}" if gap.found else ""
        way_on = f"; accepted: {gap.accepted}" if gap.accepted else ""
        yield _item("Against it", f"{gap.message}{found}{way_on}", str(gap.location))
    yield from (_item("Cannot be told", each) for each in answer.doubts)
    yield from (_item("But", each) for each in answer.limits)
    yield from (_item("Enforced by", each.what, str(each.location or "")) for each in answer.by)
    yield from (_item("Evidence", each) for each in answer.evidence)
    if control.why:
        yield _item("Why no template does", control.why)
    by_hand = control.by_hand
    yield f"- In the account: {_code(by_hand.command)} shows {_escaped(by_hand.seen)}. Console: {by_hand.console}"


def _item(kind: str, text: str, place: str = "") -> str:
    return f"- {kind}: {_escaped(text)}{f' ({_code(place)})' if place else ''}"


def _escaped(text: str) -> str:
    """Write a text so that it reads as it is; what stands between backticks is code and stays."""
    text = on_one_line(text)
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _MARKS.sub(r"\\\1", text.replace("`", "'"))
    plain = (_MARKS.sub(r"\\\1", part) for part in parts[::2])
    code = (f"`{part}`" for part in parts[1::2])
    woven = [*(each for pair in zip(plain, (*code, ""), strict=True) for each in pair)]
    return "".join(woven)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{on_one_line(text)}{fence}"
