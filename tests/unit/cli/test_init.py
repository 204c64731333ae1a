from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from keywright.starter.files import paths
from tests.unit.cli.in_process import keywright

GIVEN = {
    "--account": "111111111111",
    "--region": "eu-central-1",
    "--name": "alice",
    "--email": "alice@acme.example",
}


def options(**changed):
    given = GIVEN | {f"--{key}": value for key, value in changed.items()}
    return [word for option, value in given.items() if value is not None for word in (option, value)]


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_writes_a_repository_and_says_what_is_next(tmp_path):
    done = keywright("init", "acme", *options(alias="acme"), folder=tmp_path)
    printed = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "acme") == sorted([*paths(), "access.schema.json"])
    assert printed.startswith("acme: ")
    assert "files for account 111111111111 in eu-central-1, administrator `alice`\n" in printed
    assert [line.split("#")[0].strip() for line in printed.splitlines()[-3:]] == [
        "Next:",
        "make -C acme up",
        "make -C acme test",
    ]
    assert "alias: acme  #" in (tmp_path / "acme/access/account.yaml").read_text()
    assert keywright("validate", "--strict", folder=tmp_path / "acme").returncode == 0


def test_writes_beside_git_readme_and_license(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("theirs")
    (tmp_path / "LICENSE").write_text("theirs")
    done = keywright("init", *options(), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "  README.md was there and is kept\n" in done.stdout.decode()
    assert "\n  make up " in done.stdout.decode()
    assert (tmp_path / "README.md").read_text() == "theirs"


def test_names_every_mistake_at_once_and_writes_nothing(tmp_path):
    (tmp_path / "notes.txt").touch()
    wrong = {"account": "12", "region": "Frankfurt", "name": "a lice", "email": "alice", "alias": "A"}
    done = keywright("init", ".", *options(**wrong), folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        ".: is not empty; found `notes.txt`; accepted: a new or an empty folder, or one with nothing but `.git`, `.venv`, `LICENSE*`, `README*` and `.DS_Store`",
        "--account is not an account number; found `12`; accepted: twelve digits, such as `111111111111`",
        "--region is not a region; found `Frankfurt`; accepted: such as `eu-central-1`",
        "--name is not a valid IAM name; found `a lice`; accepted: 1 to 64 letters, digits and `+=,.@_-`",
        "--email is not an e-mail address; found `alice`; accepted: such as `alice@example.com`",
        "--alias is not an account alias; found `A`; accepted: 3 to 63 lower-case letters, digits and single hyphens",
        "nothing was written",
    ]
    assert files(tmp_path) == ["notes.txt"]


def test_names_all_missing_values_without_a_terminal(tmp_path):
    done = keywright("init", "acme", *options(name=None, email=None, account="12"), folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[1:] == [
        "`--name` and `--email` are missing; without a terminal, options give every value",
        "nothing was written",
    ]
    assert list(tmp_path.iterdir()) == []


def test_refuses_values_that_the_declarations_do_not_allow(tmp_path):
    done = keywright("init", "acme", *options(alias="123456"), folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "acme/access/account.yaml:6:10: `alias` of the account looks like an account number; found `123456`; accepted: a name with a letter",
        "nothing was written",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["file", "file/new", "link"])
def test_refuses_what_is_no_folder(tmp_path, name):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    done = keywright("init", name, *options(), folder=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.decode().splitlines()) <= 2
    assert done.stderr.decode().endswith("nothing was written\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "link"]


def test_makes_a_git_repository_when_asked(tmp_path):
    assert keywright("init", "acme", *options(), "--git", folder=tmp_path).returncode == 0
    assert (tmp_path / "acme/.git/HEAD").is_file()
    done = subprocess.run(
        ["git", "status", "--short"], cwd=tmp_path / "acme", capture_output=True, text=True, check=True
    )
    assert "?? access/" in done.stdout


def test_asks_on_a_terminal_until_the_answer_is_right(tmp_path):
    ours, theirs = pty.openpty()
    os.write(ours, b"12\n111111111111\neu-central-1\nalice\nalice@acme.example\n")
    done = subprocess.run(
        [sys.executable, "-m", "keywright", "init", "acme"],
        cwd=tmp_path,
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    asked = os.read(ours, 10_000).decode()
    assert done.returncode == 0, asked
    assert asked.count("AWS account id:") == 2
    assert "this is not an account number; found `12`" in asked
    assert (tmp_path / "acme/access/people.yaml").is_file()
