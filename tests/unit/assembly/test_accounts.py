"""Finding the accounts of an organization, and what is wrong with some of them while the others are read."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from keywright.assembly.accounts import account_assemblies, accounts_at
from keywright.assembly.sources.source import UnreadableError
from keywright.assembly.templates.reader import read_accounts
from tests.laws.random_organizations import IDS, NAMES, write_account, write_organization
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_organization(tmp_path / "out", dict.fromkeys(NAMES, TOPIC))


def test_nested_assemblies_are_accounts_by_name(folder):
    found = accounts_at([folder])
    assert [(each.name, each.ids) for each in found.folders] == [(n, {IDS[n]}) for n in sorted(NAMES)]
    assert found.findings == ()
    assert account_assemblies(folder)["hub"] == folder / "assembly-hub"


def test_the_folder_and_the_nested_assemblies_themselves_are_the_same_accounts(folder):
    within = [folder / f"assembly-{name}" for name in NAMES]
    named = {each.path: each.ids for each in accounts_at(within).folders}
    assert named == {each.path: each.ids for each in accounts_at([folder]).folders}


def test_one_assembly_is_no_organization(folder):
    assert not accounts_at([folder / "assembly-hub"])
    assert account_assemblies(folder / "assembly-hub") == {"": folder / "assembly-hub"}


def test_stages_of_one_account_are_one_assembly(folder):
    shutil.rmtree(folder / "assembly-one")
    write_account(folder / "assembly-one", IDS["hub"], TOPIC)
    assert not accounts_at([folder])
    assert len(read_accounts([folder]).templates) == len(NAMES)


def test_folders_of_one_name_are_named_by_their_paths(tmp_path):
    both = [write_account(tmp_path / name / "cdk.out", IDS[name], TOPIC) for name in NAMES[:2]]
    assert [each.name for each in accounts_at(both).folders] == [str(each) for each in both]


def test_an_account_of_two_assemblies_is_read_once(tmp_path):
    both = [write_account(tmp_path / name, IDS["hub"], TOPIC) for name in ("first", "second")]
    third = write_account(tmp_path / "third", IDS["one"], TOPIC)
    found = accounts_at([*both, third])
    assert [each.name for each in found.folders] == ["first", "third"]
    said = f"account {IDS['hub']} has another assembly; found `{both[0]}`; accepted: one assembly for each account"
    assert list(map(str, found.findings)) == [f"{both[1]}: {said}"]


def test_a_nested_path_out_of_the_assembly_is_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["hub"]["properties"]["directoryName"] = "../other"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UnreadableError, match="leads out of the assembly"):
        account_assemblies(folder)


def _without_folder(folder: Path) -> None:
    shutil.rmtree(folder / "assembly-one")


def _without_manifest(folder: Path) -> None:
    (folder / "assembly-one" / "manifest.json").write_text("{")


def _broken_template(folder: Path) -> None:
    (folder / "assembly-one" / "access.template.json").write_text('{"Resources": {')


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param(_without_folder, id="no folder"),
        pytest.param(_without_manifest, id="a broken manifest"),
        pytest.param(_broken_template, id="a broken template"),
    ],
)
def test_a_broken_account_is_named_and_the_others_are_judged(tmp_path, breaks, workers):
    role = {
        "Type": "AWS::IAM::User",
        "Properties": {
            "UserName": "ann",
            "Policies": [
                {
                    "PolicyName": "p",
                    "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
                }
            ],
        },
    }
    folder = write_organization(tmp_path / "out", {name: {"U": role} for name in NAMES})
    breaks(folder)
    done = keywright("who-can", "s3:GetObject", "arn:aws:s3:::b/k", str(folder), "--workers", workers)
    assert done.returncode == 2
    assert str(folder / "assembly-one").encode() in done.stderr
    for name in NAMES:
        assert (f"{IDS[name]}:user/ann".encode() in done.stdout) is (name != "one")
    assert b"3 can, as written" in done.stdout
