"""Reading the files of a folder of declarations, and files that declarations name. The content is untrusted."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import on_one_line, quoted

if TYPE_CHECKING:
    from pathlib import Path


LARGEST = 1_000_000
"""The most bytes of one file of declarations."""
_SUFFIXES = frozenset({".yaml", ".yml"})
_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)
"""Characters that YAML forbids, and line ends that tools disagree on ("5.1. Character Set", YAML 1.2.2)."""


@dataclass(slots=True)
class Texts:
    """The text of each file by its name, in the order of names, and what could not be read."""

    texts: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def texts_of(folder: Path) -> Texts:
    """Read the folder's `*.yaml` and `*.yml`; never a file outside of it, nor a special file."""
    texts = Texts()
    try:
        # The order of `iterdir` depends on the file system, and findings must not.
        entries = sorted(folder.iterdir())
    except OSError as error:
        texts.findings.append(_unusable(folder, error))
        return texts
    for path in entries:
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith("."):
            _add(path, folder, texts)
        elif _is_folder(path):
            texts.findings.extend(_nested(path))
    if not texts.texts and not texts.findings:
        texts.findings.append(
            Finding(
                Location(folder.as_posix()),
                "declares nothing",
                "no `*.yaml` in it",
                "a file such as `account.yaml`",
            )
        )
    return texts


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _unusable(folder: Path, error: OSError) -> Finding:
    found = "no such folder" if isinstance(error, FileNotFoundError) else _reason(error)
    return Finding(
        Location(folder.as_posix()), "is not a folder of declarations", found, "a folder such as `access`"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, NotADirectoryError):
        return "a file"
    return (getattr(error, "strerror", None) or "a loop of symbolic links").lower()


def _add(path: Path, folder: Path, texts: Texts) -> None:
    shown = path.as_posix()
    if not shown.isprintable():
        words = ("has a name that can't be shown", quoted(path.name), "a name of printable characters")
        texts.findings.append(Finding(Location(on_one_line(shown)), *words))
        return
    try:
        read = text_of(path, folder)
    except (OSError, RuntimeError) as error:  # a loop of symbolic links is a RuntimeError until Python 3.13
        read = Finding(Location(shown), "cannot be read", _reason(error), "a readable file")
    if isinstance(read, Finding):
        texts.findings.append(read)
    else:
        texts.texts[shown] = read


def text_of(path: Path, folder: Path) -> str | Finding:
    """Read one file of a folder; never a file outside of it, nor a special file.

    Raises:
        OSError: It cannot be read.
        RuntimeError: A loop of symbolic links, until Python 3.13.
    """
    location = Location(path.as_posix())
    if not path.resolve(strict=True).is_relative_to(folder.resolve()):
        return Finding(location, "points outside the folder", "a symbolic link", "a file inside the folder")
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return Finding(location, "is not a regular file", "a folder or a device", "a file")
    if status.st_size > LARGEST:
        size = f"{status.st_size:,} bytes"
        return Finding(
            location, "is too large", size, f"at most {LARGEST:,} bytes; split it into several files"
        )
    with path.open("rb") as file:
        # The limit again, because the file may have grown since its size was read.
        return _decode(file.read(LARGEST + 1), location)


def _decode(content: bytes, location: Location) -> str | Finding:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = (
            len(content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "ignore")) + 1
        )
        found = f"the byte {content[error.start]:#04x}"
        return Finding(Location(location.file, line, column), "is not text in UTF-8", found, "UTF-8")
    unprintable = _UNPRINTABLE.search(text)
    if unprintable is None:
        return text
    line = text.count("\n", 0, unprintable.start()) + 1
    column = unprintable.start() - text.rfind("\n", 0, unprintable.start())
    found = f"the character U+{ord(unprintable.group()):04X}"
    return Finding(
        Location(location.file, line, column), "has a character that YAML forbids", found, "printable text"
    )


def _nested(folder: Path) -> list[Finding]:
    try:
        names = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError:
        return []
    accepted = f"the file next to the others, in `{folder.parent.as_posix()}`"
    return [
        Finding(Location(path.as_posix()), "is not read", "a file in a subfolder", accepted) for path in names
    ]


class UnfitFileError(Exception):
    """What is wrong with a file, what was found, what is accepted."""


def content_beside(folder: Path, file: str, sizes: range) -> bytes:
    """Give the content of a regular file inside the folder.

    Raises:
        UnfitFileError: It is not a regular file, can't be read, or has a size that AWS refuses.
    """
    path = folder / file
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UnfitFileError(
                "is outside the folder", quoted(file), f"a file inside `{folder.as_posix()}`"
            )
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnfitFileError("is not a regular file", quoted(file), "a file")
        if status.st_size not in sizes:
            size = f"{status.st_size:,} bytes"
            raise UnfitFileError(
                "has a size that IAM refuses", size, f"{sizes.start:,} to {sizes.stop - 1:,} characters"
            )
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, or a loop of symbolic links
        wrong = getattr(error, "strerror", None) or "not a path"
        raise UnfitFileError(
            "cannot be read", f"{quoted(file)}: {wrong.lower()}", "a file next to the declarations"
        ) from error
