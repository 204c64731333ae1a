"""Where nothing is declared but the account, nothing that is made needs an exception."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright.model.reading import read

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

EVERY_PACK = "AwsSolutions, NIST.800.53.R5, HIPAA.Security, PCI.DSS.321"


def test_every_pack_passes(today: date, tmp_path: Path) -> None:
    import aws_cdk as cdk

    from keywright.guardrails.plugin import attach_declared
    from stacks.compose import compose
    from stacks.setting import Setting

    folder = tmp_path / "access"
    folder.mkdir()
    account = f'account: {{id: "111111111111", region: eu-central-1, checks: [{EVERY_PACK}]}}\n'
    (folder / "account.yaml").write_text(account)
    reading = read(folder, today)
    declarations = reading.declarations
    assert declarations is not None
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(tmp_path / "cdk.out"),
        context={"@aws-cdk/core:failSynthOnValidationErrors": False},
    )
    declared = compose(app, Setting(declarations, folder))
    attach_declared(app, declarations, declared=declared, today=today, places=reading.places)
    app.synth()
    report = json.loads((tmp_path / "cdk.out/validation-report.json").read_text())
    assert [each["ruleName"] for one in report["pluginReports"] for each in one["violations"]] == []
