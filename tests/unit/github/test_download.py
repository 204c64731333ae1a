"""The artifact of a pull request: bounded, inside of its folder, files only, and the token stays with GitHub."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.github import download
from keywright.github.api import GitHubError
from tests.unit.github.conftest import Step, workflow_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.github.server import GitHub


def archive(*entries: tuple[str, bytes], mode: int = 0) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            opened.writestr(entry, content)
    return stream.getvalue()


def artifact(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": "head", "expired": False, "size_in_bytes": 100} | more


def test_unpacks_the_assembly(step: Step, github: GitHub) -> None:
    github.artifacts = [artifact()]
    github.archive = archive(("manifest.json", b"{}"), ("assets/a.template.json", b"{}"))
    assert step.run("download") == 0
    folder = step.folder / "keywright" / "head"
    assert step.outputs == {"folder": str(folder)}
    assert sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()) == [
        "assets/a.template.json",
        "manifest.json",
    ]


def test_the_storage_never_sees_the_token(step: Step, github: GitHub) -> None:
    github.artifacts, github.archive = [artifact()], archive(("manifest.json", b"{}"))
    assert step.run("download") == 0
    assert github.tokens_at_the_storage == [None]


def test_takes_the_newest_that_has_the_name(step: Step, github: GitHub) -> None:
    github.artifacts = [
        artifact(3),
        artifact(5),
        artifact(9, expired=True),
        artifact(8, name="other"),
        artifact(4),
    ]
    github.archive = archive(("manifest.json", b"{}"))
    assert step.run("download") == 0
    assert github.asked[-1] == "GET artifacts/5/zip"


@pytest.mark.parametrize(
    ("artifacts", "message"),
    [
        pytest.param([], "the run 4711 has no artifact `head`", id="none"),
        pytest.param([artifact(expired=True)], "the run 4711 has no artifact `head`", id="expired"),
        pytest.param(
            [artifact(size_in_bytes=1 << 40)],
            "the artifact `head` is too large; found 1099511627776 bytes; accepted: 104857600",
            id="announced as too large",
        ),
    ],
)
def test_refuses(step: Step, github: GitHub, artifacts: list[dict[str, Any]], message: str) -> None:
    github.artifacts = artifacts
    assert step.run("download") == 2
    assert step.log == f"::error::{message}\n"


def test_refuses_more_bytes_than_it_accepts(
    step: Step, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "LARGEST_ARCHIVE", 1_000)
    github.artifacts, github.archive = [artifact()], b"x" * 1_001
    assert step.run("download") == 2
    assert "the answer is larger than 1000 bytes" in step.log
    assert not (step.folder / "keywright" / "head.zip").exists()


def test_needs_a_run_to_download_from(step: Step) -> None:
    step.event = {}
    assert step.run("download") == 2
    assert "found no `workflow_run`; accepted: the input `head`, or that event" in step.log
    step.event = workflow_run()


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "..",
        "a\\..\\evil",
        "C:\\evil",
        "a\nb",
        "a\x1b[2J",
        "x" * 2_000,
    ],
)
def test_no_entry_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(GitHubError, match="not a file in its folder"):
        unpack(tmp_path, archive((name, b"x")))
    assert left(tmp_path) == []


def test_a_name_that_hides_another_is_refused(tmp_path: Path) -> None:
    content = archive(("aaaaaaaa/../evil", b"x")).replace(b"aaaaaaaa/../evil", b"aaaaaaaa\0../evil")
    with pytest.raises(GitHubError, match="not a file in its folder"):
        unpack(tmp_path, content)
    assert left(tmp_path) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_only_files_are_unpacked(tmp_path: Path, kind: int) -> None:
    with pytest.raises(GitHubError, match="not a file in its folder"):
        unpack(tmp_path, archive(("link", b"/etc/passwd"), mode=kind | 0o777))
    assert left(tmp_path) == []


def test_no_file_is_executable(tmp_path: Path) -> None:
    unpack(tmp_path, archive(("run.sh", b"x"), mode=stat.S_IFREG | 0o6777))
    assert stat.S_IMODE((tmp_path / "head" / "run.sh").stat().st_mode) & 0o7111 == 0


def test_counts_what_arrives(tmp_path: Path) -> None:
    with pytest.raises(GitHubError, match="too large when it is unpacked"):
        unpack(tmp_path, archive(*((f"{each}", bytes(1_000)) for each in range(20))), largest=15_000)


def test_counts_the_files(tmp_path: Path) -> None:
    with pytest.raises(GitHubError, match="too many files; found 20; accepted: 19"):
        unpack(tmp_path, archive(*((f"{each}", b"") for each in range(20))), most=19)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 nothing else", id="no directory"),
        pytest.param(archive(("a", b"x" * 500))[:-30], id="cut off"),
        pytest.param(archive(("a", b"1"), ("a", b"2")), id="a name twice"),
        pytest.param(archive(("a", b"1"), ("a/b", b"2")), id="a file that is a folder too"),
    ],
)
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(GitHubError, match=r"^the artifact can't be unpacked; found [^\n]+$"):
        unpack(tmp_path, content)


NAMES = st.lists(st.sampled_from(["a", "b", "..", ".", "", "a\0", "\\", "/", "c:"]), min_size=1, max_size=6)


@given(
    entries=st.lists(
        st.tuples(
            NAMES.map("/".join).filter(bool), st.sampled_from([0, stat.S_IFLNK, stat.S_IFREG, stat.S_IFDIR])
        )
    ),
    junk=st.binary(max_size=20),
    at=st.integers(0, 400),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_whatever_arrives_stays_inside(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, int]], junk: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, kind in entries:
            entry = zipfile.ZipInfo(name)
            entry.filename, entry.external_attr = name, kind << 16
            opened.writestr(entry, b"content")
    content = stream.getvalue()
    try:
        unpack(folder, content[:at] + junk + content[at + len(junk) :])
    except GitHubError as error:
        assert "\n" not in str(error)
    assert left(folder) == []
    assert not any(each.is_symlink() for each in folder.rglob("*"))


def unpack(folder: Path, content: bytes, **bounds: int) -> None:
    (folder / "head.zip").write_bytes(content)
    download.unpack(folder / "head.zip", folder / "head", **bounds)


def left(folder: Path) -> list[Path]:
    """Give what was written outside of the folder of the artifact."""
    head = folder / "head"
    around = [*folder.parent.glob("evil"), *folder.rglob("*")]
    return [each for each in around if each not in {head, folder / "head.zip"} and head not in each.parents]
