"""Compose the account: read the declarations, make the stacks, attach the guardrails, synthesize.

Context (`cdk synth -c key=value`): `access` is the folder of declarations, `today` the clock as YYYY-MM-DD,
`sandbox=true` the destroyable variant.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from keywright.node import use_wheel_node

gc.disable()  # a process of seconds: looking for garbage is a fifth of its time, and finds none
use_wheel_node()
os.environ.setdefault("CDK_VALIDATION", "false")  # seconds for each synthesis; `make templates` turns it on

import aws_cdk as cdk  # noqa: E402 - jsii reads which Node to start when it is imported

from keywright.guardrails.plugin import attach_declared, conclude  # noqa: E402
from keywright.model.in_force import in_force  # noqa: E402
from keywright.model.reading import read  # noqa: E402
from stacks.compose import compose  # noqa: E402
from stacks.context import context_of  # noqa: E402
from stacks.declared_place import DeclarationRefused  # noqa: E402
from stacks.declared_places import places_of  # noqa: E402
from stacks.setting import Setting  # noqa: E402

_QUICK = {"aws:cdk:disable-creation-stack-traces": True}  # they say where Python was; declarations have lines


def main() -> int:
    """Synthesize, or say why not: 0 good, 1 findings, 2 unusable input."""
    app = cdk.App(analytics_reporting=False, context=_QUICK)
    try:
        context = context_of(app)
    except ValueError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    reading = read(context.access, context.today)
    sys.stderr.writelines(f"{finding}\n" for finding in reading.findings)
    if reading.declarations is None:
        return 1 if reading.usable else 2
    declarations = in_force(reading.declarations, context.today, reading.places).declarations
    setting = Setting(declarations, context.access, sandbox=context.sandbox, lock=reading.lock)
    try:
        declared = compose(app, setting)
    except DeclarationRefused as refused:
        sys.stderr.write(f"{reading.places.at(*refused.path)}: {refused}\n")
        return 1
    places_of(reading.declarations, reading.places, setting).write(Path(app.outdir))
    attach_declared(app, declarations, declared=declared, today=context.today, places=reading.places)
    return conclude(app)


if __name__ == "__main__":
    sys.exit(main())
