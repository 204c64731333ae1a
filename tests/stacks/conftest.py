"""The sample's templates, synthesized once, of the real variant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


@pytest.fixture(scope="session")
def templates(assembly: Path) -> dict[str, dict[str, Any]]:
    return {
        each.name.removesuffix(".template.json"): json.loads(each.read_text())
        for each in sorted(assembly.glob("*.template.json"))
    }


@pytest.fixture(scope="session")
def assembly(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs
    from keywright.model.in_force import in_force
    from keywright.model.reading import read

    reading = read(root / "access", today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    folder = tmp_path_factory.mktemp("assembly")
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(folder),
        context=json.loads((root / "cdk.json").read_text())["context"],
    )
    compose(
        app,
        StackInputs(in_force(reading.declarations, today).declarations, root / "access", lock=reading.lock),
    )
    app.synth()
    return folder
