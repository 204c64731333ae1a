"""Measure, beside the peers: `python -m benchmarks [NAME…] [--quick] [--json FILE] [--docs]`.

The numbers are seconds of the processor, of a command and all its processes, by turns, with medians: what else the
machine does at the time hardly counts. What `--docs` writes are the page's table, its data and its drawing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.page import as_data, table, write_page

if TYPE_CHECKING:
    from benchmarks.measure import Row

NAMES = ("start", "compare", "simulate", "asking", "check", "review", "synth")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which; all, if none is named")
    parser.add_argument("--quick", action="store_true", help="small sizes, once: do they run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples")
    parser.add_argument(
        "--docs",
        action="store_true",
        help="write docs/performance.{md,json,svg}; what was not measured now stays",
    )
    wanted = parser.parse_args()
    rows: list[Row] = []
    for name in wanted.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        found = measured(name, quick=wanted.quick)
        rows += found
        if wanted.docs:
            write_page(found)
    print(table(as_data(rows)))
    if wanted.json:
        wanted.json.write_text(json.dumps(as_data(rows), indent=1), "utf-8")


def measured(name: str, *, quick: bool) -> list[Row]:
    """Run one benchmark in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        rows: list[Row] = import_module(f"benchmarks.{name}").measure(Path(folder), quick=quick)
    return rows


if __name__ == "__main__":
    main()
