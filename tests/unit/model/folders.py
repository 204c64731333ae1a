"""Read declarations on top of `tests/golden/mistakes_base.yaml`, which has no mistakes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from keywright.model.reading import read

if TYPE_CHECKING:
    from keywright.model.reading import Reading
    from keywright.reporting.finding import Finding

TODAY = date(2026, 11, 24)
BASE = (Path(__file__).parents[2] / "golden/mistakes_base.yaml").read_text()


def reading_of(text: str, day: date = TODAY, base: str = BASE) -> Reading:
    """Read a file on top of the base; files are named `base.yaml` and `case.yaml`."""
    with TemporaryDirectory() as name:
        Path(name, "base.yaml").write_text(base)
        Path(name, "case.yaml").write_text(text)
        return read(Path(name), day)


def report_of(text: str, day: date = TODAY) -> list[Finding]:
    """Give the findings on a file on top of the base."""
    return reading_of(text, day).findings
