"""The sample's templates, synthesized once, of the real variant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


@pytest.fixture(scope="session")
def templates(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    import aws_cdk as cdk

    from keywright.model.in_force import in_force
    from keywright.model.reading import read
    from stacks.compose import compose
    from stacks.setting import Setting

    reading = read(root / "access", today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(tmp_path_factory.mktemp("assembly")),
        context=json.loads((root / "cdk.json").read_text())["context"],
    )
    compose(
        app, Setting(in_force(reading.declarations, today).declarations, root / "access", lock=reading.lock)
    )
    return {stack.stack_name: stack.template for stack in app.synth().stacks}
