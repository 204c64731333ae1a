"""Read the declarations and synthesize the stacks.

Context (`cdk synth -c key=value`): `access` is the folder of declarations, `today` the date as YYYY-MM-DD,
`sandbox=true` the destroyable variant.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING

if __name__ == "__main__":
    gc.disable()  # garbage collection takes a fifth of the run time and frees nothing in a process of seconds
    atexit.register(gc.freeze)  # skips the collection at exit

from access_stacks.context import context_of
from keywright.guardrails.cdk.node import use_wheel_node
from keywright.model.reading import read
from keywright.reporting.finding import with_severity

if TYPE_CHECKING:
    from collections.abc import Mapping

use_wheel_node()
os.environ.setdefault("CDK_VALIDATION", "false")  # seconds for each synthesis; `make templates` turns it on


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Synthesize; 0 success, 1 findings, 2 unusable input."""
    try:
        context = context_of(environment)
    except ValueError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    reading = read(context.access, context.today)
    sys.stderr.writelines(f"{with_severity(finding)}\n" for finding in reading.findings)
    if reading.declarations is None:
        return 1 if reading.usable else 2
    from access_stacks.synthesis import synthesize  # noqa: PLC0415 - loading the CDK takes seconds; mistakes are reported before

    return synthesize(reading, reading.declarations, context, environment.get("CDK_OUTDIR"))


if __name__ == "__main__":
    sys.exit(main())
