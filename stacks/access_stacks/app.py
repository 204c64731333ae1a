"""What `app.py` runs: read the declarations, create the stacks, attach the guardrails and synthesize.

Context (`cdk synth -c key=value`): `access` is the folder of declarations, `today` the date as YYYY-MM-DD,
`sandbox=true` the destroyable variant.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING

from access_stacks.context import context_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def main() -> int:
    """Synthesize as a program of its own; 0 success, 1 findings, 2 unusable input."""
    # Garbage collection takes a fifth of the run time and frees nothing in a process of seconds.
    gc.disable()
    atexit.register(gc.freeze)  # skips the collection at exit
    return run(os.environ)


def run(environment: Mapping[str, str]) -> int:
    """Synthesize with the context in the environment; 0 success, 1 findings, 2 unusable input."""
    try:
        context = context_of(environment)
    except ValueError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    from keywright.model.reading import read  # noqa: PLC0415 - `main` comes first
    from keywright.reporting.finding import with_severity  # noqa: PLC0415 - as above

    reading = read(context.access, context.today)
    sys.stderr.writelines(f"{with_severity(finding)}\n" for finding in reading.findings)
    if reading.declarations is None:
        return 1 if reading.usable else 2
    try:
        import access_constructs  # noqa: F401, PLC0415 - it says how to install the CDK where that is missing
    except ImportError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    from keywright.cdk.node import use_wheel_node  # noqa: PLC0415 - as above

    use_wheel_node()
    # It takes seconds of each synthesis; `make templates` turns it on.
    os.environ.setdefault("CDK_VALIDATION", "false")
    from access_stacks.synthesis import synthesize  # noqa: PLC0415 - loading the CDK takes seconds; mistakes are reported before

    return synthesize(reading, reading.declarations, context, environment.get("CDK_OUTDIR"))
