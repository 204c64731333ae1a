from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from keywright.cli.main import app

ROOT = Path(__file__).parents[3]


def test_the_schema_in_the_documentation_is_current(tmp_path):
    written = tmp_path / "access.schema.json"
    assert CliRunner().invoke(app, ["schema", "--output", str(written)]).exit_code == 0
    assert written.read_text() == (ROOT / "docs/access.schema.json").read_text()


def test_prints_without_a_file():
    result = CliRunner().invoke(app, ["schema"])
    assert result.exit_code == 0
    assert json.loads(result.output)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_file_that_cannot_be_written_exits_with_2(tmp_path):
    result = CliRunner().invoke(app, ["schema", "--output", str(tmp_path / "no/such/folder.json")])
    assert result.exit_code == 2
    assert result.output.endswith("folder.json: cannot be written; found no such file or directory\n")
