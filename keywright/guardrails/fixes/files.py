"""The files that fixes rewrite: read once, written whole or not at all, and only where they are what somebody writes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from keywright.assembly.sources.manifest import MANIFEST
from keywright.reporting.finding import Finding, Location
from keywright.reporting.output_file import write_whole

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Original:
    """A file as it was read."""

    file: str
    content: bytes

    @property
    def text(self) -> str:
        """Return its characters, without the mark by which some editors begin a file."""
        return self.content.decode("utf-8-sig")

    def with_text(self, text: str) -> bytes:
        """Return its bytes with other characters; a mark at its beginning stays."""
        return (_BOM if self.content.startswith(_BOM) else b"") + text.encode()


def is_generated(finding: Finding) -> bool:
    """Return whether the CDK wrote the template: it belongs to an assembly, or says from which construct it comes."""
    return bool(finding.path) or (Path(finding.location.file).parent / MANIFEST).exists()


def read_original(file: str) -> Original | Finding:
    """Read a file that may be rewritten, or say why it may not."""
    path = Path(file)
    try:
        reason = _refusal(path)
        return Original(file, path.read_bytes()) if not reason else _refused(file, reason)
    except OSError as error:
        return _refused(file, f"it cannot be read: {error.strerror}")


def _refusal(path: Path) -> str:
    if path.is_symlink():
        return "it is a symbolic link; accepted: the file itself"
    if not path.stat().st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        return "it is read-only"
    return ""


def _refused(file: str, reason: str) -> Finding:
    return Finding(Location(file), f"the fixes are not written: {reason}")


def write_fixed(original: Original, text: str) -> Finding | None:
    """Put a file's new content in its place at one stroke; say so where it cannot be, or has changed meanwhile."""
    path = Path(original.file)
    try:
        if path.is_symlink() or path.read_bytes() != original.content:
            return _refused(original.file, "it has changed meanwhile")
        write_whole(path, original.with_text(text))
    except OSError as error:
        return _refused(original.file, f"{error.strerror}")
    return None
