"""A newcomer is no new escalation path of Keywright's own keeper, and is one of every other keeper."""

from __future__ import annotations

import json
import shutil
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from keywright.assembly.templates.reader import read_accounts
from keywright.review.review import Given, review
from keywright.statements.identity_keeper import FUNCTION_SHA256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keywright.review.result import Review

FUNCTION = "Function0keywrightX2didentityX2dkeeper"
ROLE = "Role0keywrightX2didentityX2dkeeper"
POLICY = "ManagedPolicy0keywrightX2dkeeper"
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-forms/*"}
NEWCOMER = {
    "Type": "AWS::IAM::User",
    "Properties": {
        "UserName": "emma",
        "Path": "/access/",
        "Policies": [
            {"PolicyName": "grants", "PolicyDocument": {"Version": "2012-10-17", "Statement": [READS]}}
        ],
    },
}


def edited(assembly: Path, to: Path, template: str, edit: Callable[[dict[str, Any]], None]) -> Path:
    if not to.exists():
        shutil.copytree(assembly, to)
    file = to / f"{template}.template.json"
    whole = json.loads(file.read_text())
    edit(whole["Resources"])
    file.write_text(json.dumps(whole))
    return to


def with_newcomer(assembly: Path, to: Path) -> Path:
    return edited(assembly, to, "access-people", lambda all_: all_.update({"User0emma": NEWCOMER}))


def reviewed(base: Path, head: Path) -> Review:
    return review(Given(read_accounts([base])), Given(read_accounts([head])), date(2026, 11, 24))


def statements(all_: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = all_[POLICY]["Properties"]["PolicyDocument"]["Statement"]
    return found


def one_more_action(all_: dict[str, Any]) -> None:
    statements(all_)[0]["Action"].append("iam:UpdateLoginProfile")


def one_less_condition(all_: dict[str, Any]) -> None:
    del statements(all_)[1]["Condition"]


def another_reader(all_: dict[str, Any]) -> None:
    secret = statements(all_)[5]
    secret["Resource"] = json.loads(json.dumps(secret["Resource"]).replace("keywright/first-password/*", "*"))


def other_code(all_: dict[str, Any]) -> None:
    all_[FUNCTION]["Properties"]["Code"]["ZipFile"] += "\n"


def other_setting(all_: dict[str, Any]) -> None:
    all_[FUNCTION]["Properties"]["Layers"] = ["arn:aws:lambda:eu-central-1:222222222222:layer:theirs:1"]


def another_trust(all_: dict[str, Any]) -> None:
    trust = all_[ROLE]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    trust.append(
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )


def another_policy(all_: dict[str, Any]) -> None:
    all_[ROLE]["Properties"]["ManagedPolicyArns"].append("arn:aws:iam::aws:policy/IAMReadOnlyAccess")


def no_boundary(all_: dict[str, Any]) -> None:
    del all_[ROLE]["Properties"]["PermissionsBoundary"]


LOOK_ALIKES = [
    one_more_action,
    one_less_condition,
    another_reader,
    other_code,
    other_setting,
    another_trust,
    another_policy,
    no_boundary,
]


def test_a_newcomer_is_no_path_of_the_unchanged_keeper(assembly: Path, tmp_path: Path) -> None:
    found = reviewed(assembly, with_newcomer(assembly, tmp_path / "head"))
    assert [each.name for each in found.gains] == ["user/emma"]
    assert found.paths == ()


@pytest.mark.parametrize("edit", LOOK_ALIKES)
def test_a_newcomer_is_a_path_of_a_look_alike(edit: Any, assembly: Path, tmp_path: Path) -> None:
    base = edited(assembly, tmp_path / "base", "access-account", edit)
    found = reviewed(base, with_newcomer(base, tmp_path / "head"))
    paths = [(each.principal, each.to) for each in found.paths]
    assert ("role/keywright-identity-keeper", "user/emma") in paths


def test_a_changed_keeper_is_reported_with_every_user(assembly: Path, tmp_path: Path) -> None:
    changed = edited(assembly, tmp_path / "head", "access-account", one_more_action)
    found = reviewed(changed, assembly), reviewed(assembly, changed)
    assert {path.principal for path in found[1].paths} == {"role/keywright-identity-keeper"}
    assert [each.name for each in found[1].gains] == ["role/keywright-identity-keeper"]
    assert [each.name for each in found[0].losses] == ["role/keywright-identity-keeper"]


def test_the_hash_is_of_the_code_of_the_function(root: Path) -> None:
    code = (root / "constructs/access_constructs/keeper/index.py").read_bytes()
    assert sha256(code).hexdigest() == FUNCTION_SHA256, "put the new hash into FUNCTION_SHA256"
