"""The files that fixes rewrite: read once, and written completely or not at all; generated files are not rewritten."""

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
        """Return its text, without a byte order mark."""
        return self.content.decode("utf-8-sig")

    def with_text(self, text: str) -> bytes:
        """Return its bytes with another text; a byte order mark stays."""
        return (_BOM if self.content.startswith(_BOM) else b"") + text.encode()


def is_generated(finding: Finding) -> bool:
    """Return whether the CDK wrote the template: it is part of an assembly, or has construct paths."""
    return bool(finding.path) or (Path(finding.location.file).parent / MANIFEST).exists()


def read_original(file: str) -> Original | Finding:
    """Read a file that can be rewritten, or return why it cannot."""
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
    """Replace the content of a file atomically; return a finding if that fails, or if the file has changed meanwhile."""
    path = Path(original.file)
    try:
        if path.is_symlink() or path.read_bytes() != original.content:
            return _refused(original.file, "it has changed meanwhile")
        write_whole(path, original.with_text(text))
    except OSError as error:
        return _refused(original.file, f"{error.strerror}")
    return None
