"""`keywright import-map` writes what can be imported, and names every reason why something can't be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111111111111"
ARN = f"arn:aws:iam::{ACCOUNT}:"
KEY = {"UserName": "alva", "Status": "Active", "CreateDate": "2026-01-01T00:00:00+00:00"}
LONG = {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "x" * 1_500}]}
TEMPLATE: dict[str, Any] = {
    "User": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alva", "Path": "/team/"}},
    "Policy": {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": "shared",
            "Path": "/old/",
            "Description": "Shared",
            "PolicyDocument": {},
        },
    },
    "Provider": {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {"Url": "https://id.example/a", "ClientIdList": ["new"]},
    },
    "Absent": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "new"}},
}
USER: dict[str, Any] = {
    "UserName": "alva",
    "Path": "/team/",
    "Arn": f"{ARN}user/team/alva",
    "GroupList": [],
    "UserPolicyList": [],
    "AttachedManagedPolicies": [],
}
POLICY = {
    "PolicyName": "shared",
    "Path": "/old/",
    "Arn": f"{ARN}policy/old/shared",
    "Description": "Shared",
    "DefaultVersionId": "v1",
    "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": LONG}],
}
PROVIDER = {
    "Arn": f"{ARN}oidc-provider/id.example/a",
    "Url": "id.example/a",
    "ClientIDList": ["old"],
    "ThumbprintList": [],
}


def run(folder: Path, *words: str, user: dict[str, Any] | None = None, **parts: Any) -> Any:
    """Write an assembly of one stack and a snapshot, and run the command."""
    resources = parts.pop("template", TEMPLATE)
    assembly = folder / "cdk.out"
    assembly.mkdir(exist_ok=True)
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/eu-central-1",
        "properties": {"templateFile": "one.template.json", "tags": {"team": "a"}},
    }
    manifest = {"version": "48.0.0", "artifacts": {"one": stack}}
    (assembly / "manifest.json").write_text(json.dumps(manifest))
    (assembly / "one.template.json").write_text(json.dumps({"Resources": resources}))
    snapshot = {
        "AccountId": ACCOUNT,
        "UserDetailList": [USER | (user or {})],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [POLICY],
        "OpenIDConnectProviders": [PROVIDER],
        "StackResources": [],
    }
    (folder / "account.json").write_text(json.dumps(snapshot | parts))
    return keywright("import-map", "account.json", "cdk.out", *words, folder=folder)


def test_writes_what_exists_as_it_is_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.output
    template = json.loads((tmp_path / "cdk.import/one.template.json").read_text())
    retained = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    assert template == {
        "Resources": {
            "User": {**TEMPLATE["User"], **retained},
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": TEMPLATE["Policy"]["Properties"] | {"PolicyDocument": LONG},
                **retained,
            },
            "Provider": {
                "Type": "AWS::IAM::OIDCProvider",
                "Properties": {"Url": "https://id.example/a", "ClientIdList": ["old"], "ThumbprintList": []},
                **retained,
            },
        }
    }
    assert json.loads((tmp_path / "cdk.import/one.import.json").read_text()) == {
        "Policy": {"PolicyArn": f"{ARN}policy/old/shared"},
        "Provider": {"Arn": f"{ARN}oidc-provider/id.example/a"},
        "User": {"UserName": "alva"},
    }
    (artifact,) = json.loads((tmp_path / "cdk.import/manifest.json").read_text())["artifacts"].values()
    assert artifact["properties"] == {"templateFile": "one.template.json", "validateOnSynth": False}


def test_as_json(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "--format", "json").output)
    assert found["stacks"]["one"]["User"] == {"UserName": "alva"}
    assert found["findings"] == []


def with_key(**properties: Any) -> dict[str, Any]:
    user = {**TEMPLATE["User"], "Properties": TEMPLATE["User"]["Properties"] | properties}
    key = {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "User"}}}
    return TEMPLATE | {"User": user, "Key": key}


def inline(name: str) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": LONG}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            {"user": {"Path": "/", "Arn": f"{ARN}user/alva"}},
            "cdk.out/one.template.json:1:16: user/alva exists with another path, and would be created anew; "
            "found `/` in the account, `/team/` in the template; accepted: `adopted: {path: /}`",
            id="another path",
        ),
        pytest.param(
            {"Policies": [POLICY | {"Description": "Other"}]},
            "policy/shared exists with another description, which can't be changed; "
            "found `Other` in the account, `Shared` in the template; accepted: `adopted` with its `description`",
            id="another description",
        ),
        pytest.param(
            {
                "StackResources": [
                    {
                        "StackName": "legacy",
                        "LogicalResourceId": "Alva",
                        "PhysicalResourceId": "alva",
                        "ResourceType": "AWS::IAM::User",
                    }
                ]
            },
            "user/alva is in stack `legacy`, and a resource is in one stack at most; found `legacy`; "
            "accepted: `DeletionPolicy: Retain` in `legacy`, its removal from there, and a new snapshot",
            id="another stack",
        ),
        pytest.param(
            {
                "AccessKeys": [KEY | {"AccessKeyId": f"AKIAEXAMPLE{number}00000000"} for number in "12"],
                "template": with_key(),
            },
            "user/alva would have too many access keys while the former ones are still there; found 3; "
            "accepted: at most 2: remove or merge some first",
            id="too many keys",
        ),
        pytest.param(
            {
                "user": {"UserPolicyList": [inline("old")]},
                "template": with_key(Policies=[inline("grants")]),
            },
            "user/alva would have too many characters of inline policies while the former ones are still there; "
            "found 3,1",
            id="too long",
        ),
    ],
)
def test_names_the_reason_and_writes_nothing(tmp_path: Path, parts: Any, expected: str) -> None:
    done = run(tmp_path, **parts)
    assert expected in done.output.decode()
    assert done.output.decode().endswith("nothing is written: 1 resource can't be imported as declared\n")
    assert done.returncode == 1
    assert not (tmp_path / "cdk.import").exists()


def test_what_is_in_its_own_stack_already_is_left_alone(tmp_path: Path) -> None:
    own = {
        "StackName": "one",
        "LogicalResourceId": "User",
        "PhysicalResourceId": "alva",
        "ResourceType": "AWS::IAM::User",
    }
    run(tmp_path, StackResources=[own])
    assert "User" not in json.loads((tmp_path / "cdk.import/one.import.json").read_text())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            ("account.json", "other"), "other: it is no assembly; found no `manifest.json`", id="no folder"
        ),
        pytest.param(
            ("cdk.out/manifest.json", "cdk.out"),
            "the file is not the snapshot of an account",
            id="no snapshot",
        ),
    ],
)
def test_unusable_input(tmp_path: Path, words: tuple[str, str], expected: str) -> None:
    run(tmp_path)
    done = keywright("import-map", *words, folder=tmp_path)
    assert expected in done.output.decode()
    assert done.returncode == 2


def test_another_account(tmp_path: Path) -> None:
    other = {"Arn": USER["Arn"].replace(ACCOUNT, "222222222222")}
    done = run(tmp_path, user=other, AccountId="222222222222", Policies=[], OpenIDConnectProviders=[])
    assert done.returncode == 2
    assert (
        "the snapshot is of another account than the assembly; found `222222222222`" in done.output.decode()
    )
