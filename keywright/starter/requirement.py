"""How a new repository installs the version of Keywright that makes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import distribution


@dataclass(frozen=True)
class Requirement:
    """A requirement as pip reads it; `is_released` is false if it names a file or folder of this machine."""

    text: str
    is_released: bool = True


def own_requirement() -> Requirement:
    """Name what is running: the release, or where it was installed from ("Direct URL Data Structure", PyPA)."""
    installed = distribution("keywright")
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    url = origin.get("url", "")
    if not url:
        return Requirement(f"keywright=={installed.version}")
    if commit := origin.get("vcs_info", {}).get("commit_id"):
        return Requirement(f"keywright @ {origin['vcs_info']['vcs']}+{url}@{commit}")
    return Requirement(f"keywright @ {url}", is_released=not url.startswith("file:"))
