from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read
from keywright.model.source.folder import LARGEST

TODAY = date(2026, 11, 24)
ACCOUNT = 'account: {id: "111111111111", region: eu-central-1}\n'
HERE = Path("access")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    HERE.mkdir()
    Path("access/account.yaml").write_text(ACCOUNT)


def report(folder=HERE):
    reading = read(folder, TODAY)
    assert not reading.usable or not reading.findings
    return [str(finding) for finding in reading.findings]


def test_no_folder():
    assert report(Path("acess")) == [
        "acess: is not a folder of declarations; found no such folder; accepted: a folder such as `access`"
    ]


def test_a_file_in_place_of_the_folder():
    assert report(Path("access/account.yaml")) == [
        "access/account.yaml: is not a folder of declarations; found a file; accepted: a folder such as `access`"
    ]


def test_no_files():
    Path("access/account.yaml").unlink()
    assert report() == [
        "access: declares nothing; found no `*.yaml` in it; accepted: a file such as `account.yaml`"
    ]


def test_reads_files_of_both_extensions_in_the_order_of_their_names():
    Path("access/b.yml").write_text("groups: {readers: {}}\n")
    Path("access/A.YAML").write_text("groups: {writers: {}}\n")
    reading = read(HERE, TODAY)
    assert reading.findings == []
    assert list(reading.declarations.groups) == ["writers", "readers"]


def test_ignores_hidden_files():
    Path("access/.draft.yaml").write_text("nonsense: [")
    assert report() == []


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(
            b"\xff\xfea\x00:\x00",
            "access/x.yaml:1:1: is not text in UTF-8; found the byte 0xff; accepted: UTF-8",
            id="UTF-16",
        ),
        pytest.param(
            "users: {}\n# J\u00f6rg\n".encode("latin-1"),
            "access/x.yaml:2:4: is not text in UTF-8; found the byte 0xf6; accepted: UTF-8",
            id="Latin 1",
        ),
        pytest.param(
            b"users:\n  a\x00b: {}\n",
            (
                "access/x.yaml:2:4: has a character that YAML forbids; found the character U+0000; "
                "accepted: printable text"
            ),
            id="a NUL byte",
        ),
        pytest.param(
            b"\x7fELF\x02\x01",
            (
                "access/x.yaml:1:1: has a character that YAML forbids; found the character U+007F; "
                "accepted: printable text"
            ),
            id="a program",
        ),
        pytest.param(
            "users: {}\u2028groups: {}".encode(),
            (
                "access/x.yaml:1:10: has a character that YAML forbids; found the character U+2028; "
                "accepted: printable text"
            ),
            id="a line end that only some tools see",
        ),
        pytest.param(
            b"users: {}\rgroups: {}",
            (
                "access/x.yaml:1:10: has a character that YAML forbids; found the character U+000D; "
                "accepted: printable text"
            ),
            id="a lone carriage return",
        ),
        pytest.param(
            b"#" * (LARGEST + 1),
            (
                "access/x.yaml: is too large; found 1,000,001 bytes; accepted: at most 1,000,000 bytes; "
                "split it into several files"
            ),
            id="too large",
        ),
    ],
)
def test_refuses_a_file_that_is_not_text(content, line):
    Path("access/x.yaml").write_bytes(content)
    assert report() == [line]


@pytest.mark.parametrize(
    "content", [b"", b"# nothing yet\n", b"\n\n", b"---\n", b"{}\n", b"\xef\xbb\xbf", b"null\n"]
)
def test_reports_a_file_that_declares_nothing(content):
    Path("access/x.yaml").write_bytes(content)
    (line,) = [str(finding) for finding in read(HERE, TODAY).findings]
    assert line.startswith("access/x.yaml:1:1: declares nothing; found ")
    assert line.endswith("; accepted: sections such as `users:`, or no such file")


def test_reads_a_byte_order_mark_and_windows_line_ends():
    Path("access/x.yaml").write_bytes(b"\xef\xbb\xbfgroups:\r\n  readers: {}\r\n  writers: {}\r\n")
    reading = read(HERE, TODAY)
    assert reading.findings == []
    assert list(reading.declarations.groups) == ["readers", "writers"]
    assert str(reading.places.at("groups", "writers")) == "access/x.yaml:3:3"


def test_refuses_a_link_out_of_the_folder():
    Path("secret.yaml").write_text("password: hunter2\n")
    Path("access/x.yaml").symlink_to("../secret.yaml")
    assert report() == [
        (
            "access/x.yaml: points outside the folder; found a symbolic link; accepted: a file inside "
            "the folder"
        )
    ]


def test_follows_a_link_inside_the_folder():
    Path("access/kept").mkdir()
    Path("access/kept/groups.txt").write_text("groups: {readers: {}}\n")
    Path("access/x.yaml").symlink_to("kept/groups.txt")
    assert report() == []


@pytest.mark.parametrize("target", ["x.yaml", "nowhere.yaml"])
def test_refuses_a_dangling_link(target):
    Path("access/x.yaml").symlink_to(target)
    (line,) = report()
    assert line.startswith("access/x.yaml: cannot be read; found ")


def test_does_not_wait_for_a_pipe():
    os.mkfifo("access/x.yaml")
    assert report() == [
        ("access/x.yaml: is not a regular file; found a folder or a device; accepted: a file")
    ]


def test_refuses_a_folder_named_like_a_file():
    Path("access/x.yaml").mkdir()
    assert report() == [
        ("access/x.yaml: is not a regular file; found a folder or a device; accepted: a file")
    ]


def test_reports_a_file_in_a_subfolder():
    Path("access/team").mkdir()
    Path("access/team/people.yaml").write_text("users: {}\n")
    assert report() == [
        (
            "access/team/people.yaml: is not read; found a file in a subfolder; accepted: the file next "
            "to the others, in `access`"
        )
    ]


def test_unreadable_files_do_not_hide_mistakes_in_other_files():
    Path("access/x.yaml").write_text("users: [")
    Path("access/y.yaml").write_text("users: {alice: {person: {email: alice}}}\n")
    assert [str(finding).partition(";")[0] for finding in read(HERE, TODAY).findings] == [
        "access/x.yaml:1:8: a value is missing",
        "access/y.yaml:1:33: `email` of user `alice` is not an e-mail address",
    ]


@pytest.mark.parametrize(
    ("name", "shown"), [(b"x\x1b[31m.yaml", "x\\x1b[31m.yaml"), (b"x\xff.yaml", "x\\udcff.yaml")]
)
def test_refuses_a_name_with_terminal_control_characters(name, shown):
    (Path("access") / os.fsdecode(name)).write_text("users: {}\n")
    assert report() == [
        f"access/{shown}: has a name that can't be shown; found `{shown}`; accepted: a name of printable characters"
    ]
