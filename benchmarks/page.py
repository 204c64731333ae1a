"""The measurements as tables, as data, and as a chart."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from benchmarks.peers import ROOT, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.measure import Row

PAGE, DATA, DRAWING = (ROOT / "docs" / f"performance.{end}" for end in ("md", "json", "svg"))
START, END = "<!-- measured: start -->", "<!-- measured: end -->"
HEAD = "| work | tool | CPU time | relative to Keywright | wall time | memory | result | goal |"


def rows_as_data(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Give the rows as JSON, with every sample and today's date."""
    day = datetime.now(UTC).date().isoformat()
    return [
        {
            "benchmark": row.benchmark,
            "day": day,
            "work": row.work,
            "who": row.who,
            "cpu": round(row.cpu, 4),
            "cpu_from": round(row.spread[0], 4),
            "cpu_to": round(row.spread[1], 4),
            "wall": round(row.wall, 3),
            "ratio": None if row.ratio is None else round(row.ratio, 3),
            "ratio_from": round(min(row.ratios), 3) if row.ratios else None,
            "ratio_to": round(max(row.ratios), 3) if row.ratios else None,
            "memory_mb": round(row.memory),
            "results": row.results,
            "unit": row.unit,
            "goal": row.goal,
            "samples": [round(each.cpu, 4) for each in row.samples],
        }
        for row in rows
    ]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Give one table for each benchmark."""
    found = []
    for name in dict.fromkeys(row["benchmark"] for row in rows):
        those = [row for row in rows if row["benchmark"] == name]
        found += [f"### {name}", "", f"Measured on {those[0]['day']}.", ""]
        found += [HEAD, f"|{' --- |' * HEAD.count(' | ')} --- |", *map(_line, those)]
        found.append("")
    return "\n".join(found)


def _line(row: dict[str, Any]) -> str:
    spread = f" ({_seconds(row['cpu_from'])} to {_seconds(row['cpu_to'])})" if len(row["samples"]) > 1 else ""
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f} times{_ratios(row)}"
    cells = (
        row["work"],
        row["who"],
        f"{_seconds(row['cpu'])}{spread}",
        ratio,
        _seconds(row["wall"]),
        f"{row['memory_mb']:,} MB",
        f"{row['results']:,} {row['unit']}",
        row["goal"],
    )
    return f"| {' | '.join(cells)} |"


def _ratios(row: dict[str, Any]) -> str:
    """Give the range of a ratio; empty for a single run and for our own row."""
    least, most = row["ratio_from"], row["ratio_to"]
    return "" if least == most else f" ({least:.2f} to {most:.2f})"


def _seconds(number: float) -> str:
    milliseconds = number * 1000
    if number >= 1:
        return f"{number:.2f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= _WHOLE else f"{milliseconds:.2f} ms"


_WHOLE = 10
"""From this many milliseconds on, fractions are left out."""


def write_page(rows: Sequence[Row]) -> None:
    """Write the tables, the data and the chart; rows of benchmarks that were not run now stay."""
    known = json.loads(DATA.read_text("utf-8")) if DATA.exists() else {"rows": []}
    fresh = rows_as_data(rows)
    names = {row["benchmark"] for row in fresh}
    found = [row for row in known["rows"] if row["benchmark"] not in names] + fresh
    data = {"machine": machine(), "versions": versions(), "command": "make bench", "rows": found}
    DATA.write_text(f"{json.dumps(data, indent=1)}\n", "utf-8")
    text = PAGE.read_text("utf-8")
    before, after = text[: text.index(START)], text[text.index(END) :]
    PAGE.write_text(f"{before}{START}\n{_environment(data)}\n{table(found)}{after}", "utf-8")
    DRAWING.write_text(drawing(found), "utf-8")


def machine() -> dict[str, Any]:
    """Describe the machine."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": [round(each, 1) for each in os.getloadavg()],
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:  # noqa: PTH123 - a file of the kernel
            return next(line.partition(":")[2].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or sys.platform


def _environment(data: dict[str, Any]) -> str:
    on = data["machine"]
    with_ = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return (
        f"Measured on {on['cores']} cores of {on['processor']}, {on['memory_gb']} GB, {on['system']},"
        f" Python {on['python']}; load average {on['load'][0]} at the end.\nCommand: `{data['command']}`. Versions: {with_}.\n"
    )


# The chart: CPU time of each tool, for each work that a peer does too


WIDTH, LEFT, BAR = 860, 250, 15
COLOURS = ("#1f6f8b", "#b5651d")


def drawing(rows: Sequence[dict[str, Any]]) -> str:
    """Draw bars on a logarithmic scale, one group for each work with peers."""
    from math import log10  # noqa: PLC0415 - only the chart needs it

    works = [
        work for work in dict.fromkeys((row["benchmark"], row["work"]) for row in rows) if _peers(rows, work)
    ]
    shown = [(work, [row for row in rows if (row["benchmark"], row["work"]) == work]) for work in works]
    least = min((row["cpu"] for _, several in shown for row in several), default=0.01)
    most = max((row["cpu"] for _, several in shown for row in several), default=1)
    scale = (WIDTH - LEFT - 90) / max(log10(most / least * 2), 1)
    parts, y = [], 44
    for (benchmark, work), several in shown:
        parts.append(f'<text x="8" y="{y + 11}" class="work">{escape(benchmark)}: {escape(work)}</text>')
        y += BAR + 4
        for index, row in enumerate(several):
            length = max(log10(row["cpu"] / least * 2) * scale, 2)
            colour = (
                COLOURS[0]
                if index == 0 or row["who"].startswith(("keywright", "with cdk-nag"))
                else COLOURS[1]
            )
            parts.append(f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end">{escape(row["who"])}</text>')
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 3}" fill="{colour}"/>'
            )
            parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + 11}">{_seconds(row["cpu"])}</text>')
            y += BAR
        y += 12
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img">'
        "<title>CPU time of Keywright and its peers</title>"
        "<style>text{font:12px sans-serif;fill:#222}.work{font-weight:bold}.head{font-size:14px;font-weight:bold}</style>"
        f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>'
        '<text x="8" y="22" class="head">CPU time (logarithmic scale): Keywright blue, peers brown</text>'
    )
    return "\n".join([head, *parts, "</svg>", ""])


def _peers(rows: Sequence[dict[str, Any]], work: tuple[str, str]) -> bool:
    whose = {row["who"] for row in rows if (row["benchmark"], row["work"]) == work}
    return len(whose) > 1 and work[0] != "start"
