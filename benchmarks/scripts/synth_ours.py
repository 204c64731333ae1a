"""Synthesize what is declared as `app.py` does: `bare`, with cdk-nag alone (`nag`), or with all guardrails (`all`)."""

import gc
import os
import sys
from typing import Any

from keywright.cdk.node import use_wheel_node

gc.disable()  # as `app.py` does
use_wheel_node()
os.environ["CDK_VALIDATION"] = "false"

from access_stacks import app, synthesis  # noqa: E402 - jsii reads which Node to start when it is imported

mode = sys.argv[1]


def guarded(cdk_app: Any, *_given: Any, **_named: Any) -> int:
    """Synthesize with what the mode asks for instead of all; what cdk-nag finds without our acknowledgements is no matter here."""
    if mode == "nag":
        from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415 - `bare` does not pay for it

        synthesis.cdk.Validations.of(cdk_app).add_plugins(AwsSolutionsChecks(cdk_app))
    cdk_app.synth()
    return 0


if mode != "all":
    if not hasattr(synthesis, "guarded"):
        raise SystemExit("app.py attaches its guardrails by another name")
    synthesis.guarded = guarded
sys.exit(app.run(os.environ))
