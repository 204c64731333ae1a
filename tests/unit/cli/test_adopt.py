from __future__ import annotations

import json

import pytest

from tests.unit.adopt.foreign_account import GROWN, account, text, user
from tests.unit.cli.in_process import keywright

TODAY = ("--today", "2026-12-03")


def new_folder(path):
    (path / "account.json").write_text(json.dumps(GROWN, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    return new_folder(tmp_path)


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A folder in which the account was adopted, with what was printed."""
    folder = new_folder(tmp_path_factory.mktemp("grown"))
    return folder, adopt(folder)


def adopt(folder, *options):
    return keywright("adopt", "account.json", *TODAY, *options, folder=folder)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


NO_TRUST = (
    "no trust of the declarations is a trust in `arn:aws:iam::111111111111:role/{}` without a condition"
)
NO_NAME = "its name has more than 64 characters, or other ones than declarations can have"


def test_writes_the_account_for_people_to_read(grown, root):
    folder, _ = grown
    golden = root / "tests/golden/adopt"
    written = {name: text.decode() for name, text in contents(folder / "access").items()}
    assert written == {path.name: path.read_text() for path in golden.iterdir()}


def test_says_what_it_did(grown):
    _, done = grown
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[:8] == [
        "adopted from account.json: 4 users, 2 groups, 4 roles and 2 policies",
        "  each is proved to have the access that it has in the account, no more and no less",
        "left alone: 1 user, 3 roles and 1 policy",
        "  `policy/limits`: it allows everything, which no grant does",
        "  `role/open`: no trust of the declarations is a trust in `*` without a condition",
        "  `role/ping`: no trust of the declarations is a trust in `arn:aws:iam::111111111111:role/pong` without a condition",
        "  `role/pong`: no trust of the declarations is a trust in `arn:aws:iam::111111111111:role/ping` without a condition",
        "  `user/Zoë`: its name has more than 64 characters, or other ones than declarations can have",
    ]


def test_names_each_identity_once(folder):
    report = json.loads(adopt(folder, "--only", "user/*", "--only", "role/p*", "--format", "json").stdout)
    several = {"adopted": report["adopted"], "left": report["left_alone"]}
    assert several == {
        "adopted": ["user/alice", "user/bob", "user/ci-deploy", "user/eva"],
        "left": {
            "role/ping": [NO_TRUST.format("pong")],
            "role/pong": [NO_TRUST.format("ping")],
            "user/Zoë": [NO_NAME],
        },
    }
    # All but the two roles and the five users; roles of AWS are counted apart.
    assert (report["not_selected"], report["owned_by_aws"]) == (10, 1)


def test_adopts_in_stages(folder):
    adopt(folder, "--only", "user/alice", "--into", "one")
    assert "developers:\n    existing: true\n" in (folder / "one/groups.yaml").read_text()
    assert keywright("validate", "one", *TODAY, folder=folder).returncode == 0


def test_what_it_writes_is_valid(grown):
    folder, _ = grown
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
