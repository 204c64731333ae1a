"""Lines of a stream, one at a time, whatever the stream holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from keywright.policy.json_text import LARGEST_TEXT
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, by its number from 1: its text, or why it has none."""

    number: int
    text: str
    finding: Finding | None = None


def read_lines(stream: BinaryIO, file: str) -> Iterator[Line]:
    """Yield the lines of a stream in UTF-8, never holding more than one, nor one longer than is allowed."""
    number = 0
    while raw := stream.readline(LARGEST_TEXT + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if len(raw) > LARGEST_TEXT:
            _skip_rest(raw, stream)
            message = f"the line is longer than {LARGEST_TEXT:,} bytes"
            yield Line(number, "", Finding(Location(file, number, 1), message))
        elif raw.strip():
            yield _decoded(raw, file, number)


def _skip_rest(raw: bytes, stream: BinaryIO) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(LARGEST_TEXT)


def _decoded(raw: bytes, file: str, number: int) -> Line:
    try:
        return Line(number, raw.decode().rstrip("\r\n"))
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode()) + 1
        finding = Finding(
            Location(file, number, column), "the line is not UTF-8", f"byte 0x{raw[error.start]:02x}"
        )
        return Line(number, "", finding)
