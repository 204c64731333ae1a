"""From declarations to a cloud assembly: make the stacks, attach the guardrails, synthesize."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk

from access_stacks.assembly_files import organization_of, places_of
from access_stacks.compose import compose
from access_stacks.inputs import StackInputs
from access_stacks.pinned_stack import DeclarationRefused
from keywright.model.in_force import in_force

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from constructs import Construct

    from access_stacks.context import Context
    from keywright.model.declarations import Declarations
    from keywright.model.reading import Reading
    from keywright.model.source.places import Places

_QUICK = {
    "aws:cdk:disable-creation-stack-traces": True
}  # findings name the line of the declaration instead, and traces take time


def synthesize(reading: Reading, declared: Declarations, context: Context, outdir: str | None) -> int:
    """Write the cloud assembly into `outdir`, or into a folder that the CDK chooses.

    Returns 0, or 1 if a construct or a guardrail refuses it, with the reason on standard error.
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
    """Synthesize and check the declared guardrails; give the exit code."""
    from keywright.guardrails.cdk.plugin import attach_declared, conclude  # noqa: PLC0415 - loads all rules; an earlier refusal needs none

    attach_declared(app, declarations, declared=declared, today=today, places=places)
    # The report decides: with `CDK_APP_MODE=process` the CDK only prints a failure.
    return conclude(app)
