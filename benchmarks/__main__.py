"""Measure against peers: `python -m benchmarks [NAME…] [--quick] [--json FILE] [--docs]`.

The numbers are medians of the CPU time of a command and all its processes, in interleaved runs, so that other load on the
machine hardly matters. `--docs` writes the tables, data and chart of docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.page import rows_as_data, table, write_page

if TYPE_CHECKING:
    from benchmarks.measure import Row

NAMES = ("start", "compare", "simulate", "asking", "check", "review", "synth", "trail")


def main() -> None:
    """Run the selected benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which benchmarks; all by default")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: do they run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples")
    parser.add_argument(
        "--docs",
        action="store_true",
        help="write docs/performance.{md,json,svg}; other benchmarks' rows stay",
    )
    wanted = parser.parse_args()
    rows: list[Row] = []
    for name in wanted.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        found = measured(name, quick=wanted.quick)
        rows += found
        if wanted.docs:
            write_page(found)
    print(table(rows_as_data(rows)))
    if wanted.json:
        wanted.json.write_text(json.dumps(rows_as_data(rows), indent=1), "utf-8")


def measured(name: str, *, quick: bool) -> list[Row]:
    """Run one benchmark in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        rows: list[Row] = import_module(f"benchmarks.{name}").measure(Path(folder), quick=quick)
    return rows


if __name__ == "__main__":
    main()
