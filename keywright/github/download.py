"""The mode `download`: the assembly that a pull request's run uploaded. Whoever opens a pull request chooses its bytes.

The archive is bounded before and while it is unpacked; no entry leaves the folder, and none is a link.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zlib import error as DeflateError  # noqa: N812 - zlib's name says nothing here

from keywright.github.api import Api, GitHubError
from keywright.github.runner import InputError
from keywright.reporting.exit_codes import GOOD
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from keywright.github.runner import Runner

LARGEST_ARCHIVE = 100 * 1024 * 1024
LARGEST_CONTENT = 1024 * 1024 * 1024
MOST_FILES = 50_000
_LONGEST_NAME = 1_024
_CHUNK = 1024 * 1024


def run(runner: Runner) -> int:
    """Download the artifact of the run that this workflow follows, and set the output `folder`."""
    followed = runner.event().get("workflow_run")
    if not isinstance(followed, dict):
        raise InputError(
            "there is no run to download from; found no `workflow_run`; accepted: the input `head`, or that event"
        )
    name = runner.given("artifact", "head")
    archive, folder = runner.folder() / "head.zip", runner.folder() / "head"
    download(Api.of(runner), int(followed["id"]), name, archive)
    unpack(archive, folder)
    runner.output(folder=folder)
    return GOOD


def download(api: Api, run_id: int, name: str, archive: Path) -> None:
    """Write the archive of an artifact to a file."""
    answer = api.get(f"actions/runs/{run_id}/artifacts", name=name, per_page=100)
    # A run that was repeated has one artifact of this name for each attempt; the newest has the highest number.
    found = sorted(
        (each for each in answer["artifacts"] if each["name"] == name and not each["expired"]),
        key=lambda each: int(each["id"]),
    )
    if not found:
        raise GitHubError(f"the run {run_id} has no artifact `{on_one_line(name)}`")
    newest = found[-1]
    if int(newest["size_in_bytes"]) > LARGEST_ARCHIVE:
        raise GitHubError(
            f"the artifact `{on_one_line(name)}` is too large; found {newest['size_in_bytes']} bytes; "
            f"accepted: {LARGEST_ARCHIVE}"
        )
    api.download(f"actions/artifacts/{int(newest['id'])}/zip", archive, LARGEST_ARCHIVE)


def unpack(archive: Path, folder: Path, largest: int = LARGEST_CONTENT, most: int = MOST_FILES) -> None:
    """Unpack an archive that anyone may have made into a new folder.

    Raises:
        GitHubError: The archive is damaged or larger than accepted, or an entry would leave the folder.
    """
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            if len(entries) > most:
                raise GitHubError(f"the artifact has too many files; found {len(entries)}; accepted: {most}")
            for entry in entries:
                largest = _unpack_entry(opened, entry, folder, largest)
    # Python has no common error for the ways in which an archive can be damaged.
    except (
        zipfile.BadZipFile,
        DeflateError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise GitHubError(f"the artifact can't be unpacked; found {on_one_line(str(error))}") from error
    except OSError as error:
        raise GitHubError(f"the artifact can't be unpacked; found {error.strerror}") from error


def _unpack_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Write one entry, and give how many bytes the others may have."""
    path = folder / _relative(entry)
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return left
    path.parent.mkdir(parents=True, exist_ok=True)
    # `x` refuses a second entry of the same name. What is counted is what arrives, not what the entry promises.
    with opened.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise GitHubError("the artifact is too large when it is unpacked")
            target.write(chunk)
    return left


def _relative(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Give the place of an entry inside of the folder."""
    name = entry.orig_filename  # `filename` ends at a NUL, and would hide what follows
    path = PurePosixPath(name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if (
        not name
        or len(name) > _LONGEST_NAME
        or not name.isprintable()
        or "\\" in name
        or path.is_absolute()
        or ".." in path.parts
        or not path.parts
        or kind not in {0, stat.S_IFREG, stat.S_IFDIR}
    ):
        raise GitHubError(
            f"the artifact has an entry that is not a file in its folder; found `{on_one_line(name, 80)}`"
        )
    return path
