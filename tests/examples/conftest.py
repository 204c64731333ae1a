"""The example's assembly, and files that people read: `--snapshot-update` writes those anew."""

from __future__ import annotations

import json

import aws_cdk as cdk
import pytest

from examples.python_only.app import compose
from keywright.guardrails.cdk.plugin import attach, conclude


@pytest.fixture
def golden(root, request):
    """Compare a text with the file of this name under `tests/golden/`."""

    def compare(name: str, text: str) -> None:
        path = root / "tests" / "golden" / name
        if request.config.getoption("--snapshot-update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} is not there; --snapshot-update writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def assembly(root, tmp_path_factory):
    """Synthesize as the example's program does, which a how-to page runs; a finding of cdk-nag fails it."""
    folder = tmp_path_factory.mktemp("assembly")
    context = json.loads((root / "examples/python_only/cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(analytics_reporting=False, outdir=str(folder), context=context)
    compose(app)
    attach(app, packs=("AwsSolutions",), own=True)
    assert conclude(app) == 0
    return folder
