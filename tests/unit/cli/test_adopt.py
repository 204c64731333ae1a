from __future__ import annotations

import json

import pytest

from tests.unit.adopt.foreign_account import GROWN, account, text, user
from tests.unit.cli.in_process import keywright

TODAY = ("--today", "2026-12-03")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "account.json").write_text(json.dumps(GROWN, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def adopt(folder, *options):
    return keywright("adopt", "account.json", *TODAY, *options, folder=folder)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_names_everything_that_it_leaves_alone(folder):
    done = adopt(folder, "--format", "json")
    report = json.loads(done.stdout)
    names = [
        *(f"user/{each['UserName']}" for each in GROWN["UserDetailList"]),
        *(f"group/{each['GroupName']}" for each in GROWN["GroupDetailList"]),
        *(f"role/{each['RoleName']}" for each in GROWN["RoleDetailList"]),
        *(f"policy/{each['PolicyName']}" for each in GROWN["Policies"]),
    ]
    assert done.returncode == 1
    assert sorted([*report["adopted"], *report["left_alone"]]) == sorted(
        each for each in names if "AWSServiceRole" not in each
    )
    written = "".join(path.read_text() for path in (folder / "access").iterdir())
    for name, reasons in report["left_alone"].items():
        assert name.partition("/")[2] in written
        assert all(reason[:100] in written for reason in reasons)


def test_what_it_writes_is_valid(folder):
    adopt(folder)
    done = keywright("validate", *TODAY, folder=folder)
    assert done.returncode == 0, done.output


def test_replaces_nothing_without_a_word(folder):
    adopt(folder)
    before = contents(folder / "access")
    done = adopt(folder, "--only", "user/bob")
    assert done.returncode == 2
    assert "access: has declarations already; found `account.yaml`" in done.stderr.decode()
    assert done.stderr.decode().endswith(
        "; accepted: another folder, or --overwrite to replace these files\n"
    )
    assert contents(folder / "access") == before
    printed = adopt(folder, "--overwrite").stdout.decode()
    assert all(f"replaced: access/{name}\n" in printed for name in before)
    assert contents(folder / "access") == before


def test_never_replaces_what_it_did_not_write(folder):
    (folder / "access").mkdir()
    (folder / "access/people.yaml").write_text("users: {}\n")
    done = adopt(folder, "--overwrite")
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "access: has declarations already; found `people.yaml`; accepted: another folder"
    ]
    assert contents(folder / "access") == {"people.yaml": b"users: {}\n"}


def test_names_every_mistake_at_once_and_writes_nothing(folder):
    (folder / "account.json").write_text(json.dumps(account(UserDetailList=[user("a")], Region="")))
    done = adopt(folder, "--only", "alice", "--only", "user/zed", "--domain", "acme", "--path", "access")
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "--domain is not a domain; found `acme`; accepted: such as `acme.example`",
        "--only names no user, group, role or policy; found `alice`; accepted: such as `user/alice`, `role/*`, `group/dev-*`, `policy/shared`",
        "account.json: the file has no `Region`; accepted: --region with the account's main region",
        "--only matches nothing in account.json; found `user/zed`",
    ]
    assert not (folder / "access").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(text()[:300], id="truncated"),
        pytest.param("", id="empty"),
        pytest.param("[]", id="foreign"),
        pytest.param('{"Resources": {}}', id="a template"),
        pytest.param(text(UserDetailList=[user("a"), user("a")]), id="a user twice"),
        pytest.param(text(AccessKeys=[{"UserName": 7}]), id="a wrong type"),
    ],
)
def test_refuses_a_file_that_is_no_snapshot(folder, content):
    (folder / "account.json").write_text(content)
    done = adopt(folder)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("account.json:")
    assert "Traceback" not in done.output.decode()
    assert not (folder / "access").exists()
