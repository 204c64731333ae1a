"""Compose the account: read the declarations, make the stacks, attach the guardrails, synthesize.

Context (`cdk synth -c key=value`): `access` the folder of declarations, `today` the clock as YYYY-MM-DD,
`sandbox` for the destroyable variant, `template-validation` for CDK's own check of every property.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from keywright.node import use_wheel_node

use_wheel_node()

import aws_cdk as cdk  # noqa: E402 - jsii reads which Node to start when it is imported

from keywright.guardrails.plugin import attach, conclude  # noqa: E402
from keywright.model.in_force import in_force  # noqa: E402
from keywright.model.reading import read  # noqa: E402
from stacks.compose import compose  # noqa: E402
from stacks.context import flag, text  # noqa: E402
from stacks.setting import Setting  # noqa: E402


def main() -> int:
    """Synthesize, or say why not; the exit code is 0, 1 for findings, 2 for unusable input."""
    context = cdk.App(analytics_reporting=False)
    today = date.fromisoformat(text(context, "today", datetime.now(UTC).date().isoformat()))
    folder = Path(text(context, "access", "access"))
    reading = read(folder, today)
    if reading.declarations is None:
        sys.stderr.writelines(f"{finding}\n" for finding in reading.findings)
        return 1
    now = in_force(reading.declarations, today)
    app = context
    declared = compose(app, Setting(now.declarations, folder, sandbox=flag(context, "sandbox")))
    attach(
        app, packs=now.declarations.account.checks, exceptions=now.declarations.exceptions, declared=declared
    )
    return conclude(app)


if __name__ == "__main__":
    sys.exit(main())
