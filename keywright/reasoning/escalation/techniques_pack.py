"""Packs the techniques into one file that loads quickly.

`python -m keywright.reasoning.escalation.techniques_pack`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from keywright.reasoning.escalation.technique import PACKED

FOLDER = Path(__file__).with_name("techniques")
KINDS = "resources.yaml"


def pack() -> str:
    """Return the content of the packed file.

    The techniques in the order of file names, and the kinds of resource.
    """
    files = sorted(FOLDER.glob("*.yaml"))
    techniques = [entry for file in files if file.name != KINDS for entry in _read(file)]
    content = {"techniques": techniques, "kinds": _read(FOLDER / KINDS)}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n"


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


if __name__ == "__main__":
    PACKED.write_text(pack(), "utf-8")
