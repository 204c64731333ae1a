"""An identity that moves to another stack is reported, with what is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

ALICE = {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}}
LOSES = "the old one is deleted; this loses **its password, MFA devices, access keys and certificates**"


def assembly(folder: Path, **stacks: dict[str, object]) -> Path:
    folder.mkdir()
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111111111111/eu-central-1",
            "properties": {"templateFile": f"{name}.template.json"},
        }
        for name in stacks
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    for name, resources in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": resources}))
    return folder


@pytest.mark.parametrize(
    ("head", "says"),
    [
        pytest.param(
            {"first": {}, "second": {"Alice": ALICE}},
            f"`user/alice` moves from stack `first` to `second`; {LOSES}",
            id="another stack",
        ),
        pytest.param(
            {"first": {"Alison": ALICE}, "second": {}},
            f"`user/alice` changes its logical id from `Alice` to `Alison`; {LOSES}",
            id="another logical id",
        ),
    ],
)
def test_replaced_identities_are_reported(
    tmp_path: Path, head: dict[str, dict[str, object]], says: str
) -> None:
    before = assembly(tmp_path / "before", first={"Alice": ALICE}, second={})
    answer = CliRunner().invoke(app, ["review", str(before), str(assembly(tmp_path / "after", **head))])
    assert says in answer.output
