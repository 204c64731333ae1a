"""From declarations to a cloud assembly: make the stacks, attach the guardrails, synthesize."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk

from keywright.model.in_force import in_force
from stacks.assembly_files import organization_of, places_of
from stacks.compose import compose
from stacks.inputs import StackInputs
from stacks.pinned_stack import DeclarationRefused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from constructs import Construct

    from keywright.model.declarations import Declarations
    from keywright.model.reading import Reading
    from keywright.model.source.places import Places
    from stacks.context import Context

_QUICK = {"aws:cdk:disable-creation-stack-traces": True}  # they say where Python was; declarations have lines


def synthesize(reading: Reading, declared: Declarations, context: Context, outdir: str | None) -> int:
    """Write the assembly of what was read into `outdir`, a folder of the CDK's choice without one.

    0 is good; 1 says that something refuses it, which was written to standard error.
    """
    app = cdk.App(analytics_reporting=False, context={**_QUICK, **context.given}, outdir=outdir)
    declarations = in_force(declared, context.today, reading.places).declarations
    inputs = StackInputs(declarations, context.access, sandbox=context.sandbox, lock=reading.lock)
    try:
        constructs = compose(app, inputs)
    except DeclarationRefused as refused:
        sys.stderr.write(f"{reading.places.at(*refused.path)}: {refused}\n")
        return 1
    places_of(declared, reading.places, inputs).write(Path(app.outdir))
    organization_of(declarations, inputs.folder).write(Path(app.outdir))
    return guarded(app, declarations, declared=constructs, today=context.today, places=reading.places)


def guarded(
    app: cdk.App,
    declarations: Declarations,
    *,
    declared: Mapping[str, Construct],
    today: date,
    places: Places,
) -> int:
    """Synthesize under the guardrails that are declared, which are loaded when everything is made; give the exit code."""
    from keywright.guardrails.cdk.plugin import attach_declared, conclude  # noqa: PLC0415 - all rules; refusals don't wait

    attach_declared(app, declarations, declared=declared, today=today, places=places)
    return conclude(app)
