"""All files are placed, or none, and nothing that is there is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from keywright.starter.placing import placed, unexpected_in

FILES = {"README.md": b"ours", "access/people.yaml": b"users", "tests/test.py": b"test"}


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def write(file):
    file.parent.mkdir()
    file.write_bytes(b"theirs")


@pytest.mark.parametrize("name", ["new", "in/new/folders", "there"])
def test_writes_into_a_new_or_empty_folder(tmp_path, name):
    (tmp_path / "there").mkdir()
    with placed(tmp_path / name, FILES):
        assert not (tmp_path / name / "README.md").exists()
    assert tree(tmp_path / name) == FILES
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_keeps_what_is_there(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"main")
    (tmp_path / "README.md").write_bytes(b"theirs")
    with placed(tmp_path, FILES):
        pass
    assert tree(tmp_path) == FILES | {".git/HEAD": b"main", "README.md": b"theirs"}


@pytest.mark.parametrize("name", ["new", "in/new/folders", "."])
def test_an_error_leaves_nothing(tmp_path, name):
    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), placed(tmp_path / name, FILES):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_appears_meanwhile_stays_and_the_rest_is_undone(tmp_path):
    theirs = tmp_path / "tests" / "theirs.py"
    with pytest.raises(OSError, match="not empty"), placed(tmp_path, FILES):
        write(theirs)
    assert tree(tmp_path) == {"tests/theirs.py": b"theirs"}


def test_names_what_is_in_the_way(tmp_path):
    for harmless in (".git", ".venv"):
        (tmp_path / harmless).mkdir()
    for harmless in ("LICENSE", "LICENSE.txt", "README.rst"):
        (tmp_path / harmless).touch()
    assert unexpected_in(tmp_path) == []
    (tmp_path / "main.py").touch()
    (tmp_path / "src").mkdir()
    assert unexpected_in(tmp_path) == ["main.py", "src"]
    assert unexpected_in(tmp_path / "new") == []
    with pytest.raises(NotADirectoryError):
        unexpected_in(tmp_path / "main.py")
    (tmp_path / "link").symlink_to(Path("nowhere"))
    with pytest.raises(FileNotFoundError):
        unexpected_in(tmp_path / "link")
