"""An identity that moves to another stack is reported, with what is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.review.changes.resource_types import resource_types
from tests.laws.registry import create_only

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


@pytest.mark.parametrize("kind", resource_types("identities"))
def test_the_registry_names_the_same_properties(kind: str) -> None:
    assert set(resource_types("identities")[kind]["create_only"]) == create_only(kind)


def test_a_private_key_that_replaces_a_provider_is_not_shown(tmp_path: Path) -> None:
    provider = {
        "Type": "AWS::IAM::SAMLProvider",
        "Properties": {"Name": "okta", "SamlMetadataDocument": "<a/>"},
    }
    keyed = {**provider, "Properties": {**provider["Properties"], "AddPrivateKey": "BEGIN-hidden"}}
    before = assembly(tmp_path / "before", first={"Okta": provider})
    after = assembly(tmp_path / "after", first={"Okta": keyed})
    answer = CliRunner().invoke(app, ["review", str(before), str(after)])
    assert "`samlprovider/okta` is replaced: AddPrivateKey changes; this loses" in answer.output
    assert "hidden" not in answer.output
