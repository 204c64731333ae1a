"""A template's file as data, with the location of every value; any error in it is a finding."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from pathlib import Path

Node = dict[str, "Node"] | list["Node"] | str | bool | None
"""A value of a template. Numbers keep their digits as text, as CloudFormation passes them on."""

Step = str | int

LARGEST_FILE = 4 << 20
LARGEST_YAML = 1 << 20
"""Bytes; CloudFormation itself takes templates of at most 1 MB ("CloudFormation quotas"), and YAML is slow to read."""

_ARCHIVE = b"PK\x03\x04"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

DEEPEST_NESTING = 100
MOST_NODES = 1_000_000
"""Values in one file, an alias counted as often as it is used."""


class UnreadableError(Exception):
    """A file that cannot be used; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True)
class Span:
    """The offsets of a value; `key` has those of its key, in a mapping.

    `outer` is the offset of its tag or anchor, if it has one. `is_flow` states that commas separate its items, as in
    all of JSON.
    """

    outer: int
    start: int
    end: int
    key: tuple[int, int] | None = None
    is_flow: bool = True


class Source(ABC):
    """One file's data and text, with the location of each value."""

    file: str
    tree: Node
    size: int
    characters: str
    account: str = ""
    """The account whose actual resources the file contains; "" for a template."""
    partition: str = ""
    is_stack: bool = True
    """Whether CloudFormation deploys what the file declares."""

    @abstractmethod
    def locate(self, *path: Step) -> Location:
        """Give the location of the value at `path` (of its key, in a mapping), or of the nearest parent."""

    @abstractmethod
    def span(self, *path: Step) -> Span | None:
        """Give the offsets of the value at exactly `path`.

        None for a value that an alias or a merge uses at several places.
        """

    def is_generated(self, *_path: Step) -> bool:
        """Tell whether a transform of the file wrote the value at a path by itself."""
        return False


@dataclass(frozen=True)
class Lines:
    """Turns an offset into a line and a column; both count from 1, columns in characters."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, characters: str) -> Lines:
        """Find where the lines begin."""
        starts = [0]
        at = characters.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = characters.find("\n", at + 1)
        return cls(tuple(starts))

    def at(self, file: str, offset: int) -> Location:
        """Give the place of an offset."""
        line = bisect_right(self.starts, offset)
        return Location(file, line, offset - self.starts[line - 1] + 1)

    def offset(self, place: Location) -> int:
        """Give the offset of a place."""
        return self.starts[place.line - 1] + place.column - 1


def unreadable(location: Location, message: str, *, found: str = "", accepted: str = "") -> UnreadableError:
    """Make the exception that carries one finding."""
    return UnreadableError(Finding(location, message, found=found, accepted=accepted))


def read_text(path: Path, file: str, *, largest: int = LARGEST_FILE) -> str:
    """Read a file of UTF-8 text, at most `largest` bytes of it.

    Raises:
        UnreadableError: The file is absent, no ordinary file, too large, or not UTF-8.
    """
    try:
        # A pipe or a device would be read without end.
        if not path.is_file():
            raise unreadable(Location(file), _absence(path), accepted="a template's file")
        with path.open("rb") as stream:
            # One byte more than allowed shows that the file is too large, whatever its size was when it was
            # looked up.
            content = stream.read(largest + 1)
    except OSError as error:
        raise unreadable(Location(file), f"the file cannot be read: {error.strerror}") from error
    if len(content) > largest:
        raise too_large(file, path.stat().st_size, largest)
    return decoded(content, file)


def too_large(file: str, size: int, largest: int) -> UnreadableError:
    """Make the exception for a file beyond a limit."""
    return unreadable(
        Location(file),
        "the file is too large for a template",
        found=f"{size} bytes",
        accepted=f"at most {largest} bytes",
    )


def _absence(path: Path) -> str:
    if path.is_dir():
        return "the path is a folder, not a file"
    return "the path is not a regular file" if path.exists() else "there is no such file"


def decoded(content: bytes, file: str) -> str:
    """Decode UTF-8 text.

    Raises:
        UnreadableError: It is not UTF-8.
    """
    if content.startswith(_ARCHIVE):
        raise unreadable(
            Location(file),
            "the file is an archive, as Terraform saves a plan",
            accepted="the output of `terraform show -json FILE`",
        )
    try:
        # PowerShell writes the output of a program so.
        if content.startswith(_UTF_16):
            return content.decode("utf-16")
        # Windows editors write a byte order mark, which is not part of the text.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise unreadable(
            Lines.of(before).at(file, len(before)),
            "the file is not UTF-8 text",
            found=f"byte 0x{content[error.start]:02x}",
        ) from error


def refuse_excess(tree: Node, file: str, most: int = MOST_NODES) -> None:
    """Refuse data that is nested too deeply or has too many values, so that all later code may recurse freely.

    Raises:
        UnreadableError: The nesting or the number of values is beyond the limits.
    """
    # Level by level instead of by recursion, because the depth is what is being checked.
    level, count = [tree], 1
    for _ in range(DEEPEST_NESTING):
        below: list[Node] = []
        for node in level:
            if isinstance(node, dict):
                below += node.values()
            elif isinstance(node, list):
                below += node
            if count + len(below) > most:
                message = "the file has too many values"
                raise unreadable(Location(file), message, accepted=f"at most {most} values")
        if not below:
            return
        level, count = below, count + len(below)
    raise unreadable(
        Location(file), "values are nested too deeply", accepted=f"at most {DEEPEST_NESTING} levels"
    )


def refuse_lone_surrogates(tree: Node, characters: str, file: str) -> None:
    """Refuse a lone surrogate: an escape can write it, but no output can print it.

    Raises:
        UnreadableError: A text of the tree has one.
    """
    # Only an escape can write a lone surrogate, and most files have none.
    if "\\ud" not in characters.lower():
        return
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise unreadable(Location(file), "a string in the file has a lone surrogate") from error
