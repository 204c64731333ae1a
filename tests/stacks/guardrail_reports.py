"""Synthesize declarations as `app.py` does, with the guardrails, and return their report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.model.reading import read

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


def checked_synthesis(folder: Path, root: Path, today: date, out: Path) -> dict[str, Any]:
    """Return the templates by stack, and the validation report."""
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs
    from keywright.guardrails.cdk.plugin import attach_declared

    reading = read(folder, today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    context = json.loads((root / "cdk.json").read_text())["context"]
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(out),
        context={**context, "@aws-cdk/core:failSynthOnValidationErrors": False},
    )
    declared = compose(app, StackInputs(reading.declarations, folder, lock=reading.lock))
    attach_declared(app, reading.declarations, declared=declared, today=today, places=reading.places)
    stacks = {stack.stack_name: stack.template for stack in app.synth().stacks}
    report = json.loads((out / "validation-report.json").read_text())
    return {"stacks": stacks, "report": report}


def faulty(report: dict[str, Any]) -> set[str]:
    """Name the constructs with findings."""
    violations = [each for plugin in report["pluginReports"] for each in plugin["violations"]]
    return {where["constructPath"] for each in violations for where in each["violatingConstructs"]}
