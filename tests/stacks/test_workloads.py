"""The templates that workloads on EC2 come to, word for word, and that nothing in them needs an exception."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from keywright.model.reading import read
from tests.stacks.test_templates import normalised

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion


@pytest.fixture(scope="module")
def launched(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import aws_cdk as cdk

    from keywright.guardrails.plugin import attach_declared
    from stacks.compose import compose
    from stacks.setting import Setting

    folder = root / "tests/golden/ec2"
    reading = read(folder, today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    out = tmp_path_factory.mktemp("launched")
    context = json.loads((root / "cdk.json").read_text())["context"]
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(out),
        context={**context, "@aws-cdk/core:failSynthOnValidationErrors": False},
    )
    declared = compose(app, Setting(reading.declarations, folder, lock=reading.lock))
    attach_declared(app, reading.declarations, declared=declared, today=today, places=reading.places)
    stacks = {stack.stack_name: stack.template for stack in app.synth().stacks}
    report = json.loads((out / "validation-report.json").read_text())
    return {"stacks": stacks, "report": report, "folder": out}


def test_is_as_reviewed(launched: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    shown = normalised(launched["stacks"]["access-workloads"])["Resources"]
    assert shown == snapshot(extension_class=JSONSnapshotExtension, name="access-workloads")


def test_nothing_needs_an_exception(launched: dict[str, Any]) -> None:
    violations = [each for report in launched["report"]["pluginReports"] for each in report["violations"]]
    found = {
        (each["ruleName"], where["constructPath"])
        for each in violations
        for where in each["violatingConstructs"]
    }
    assert {path for _, path in found} == {"access-roles/role-break-glass/Role"}, found
