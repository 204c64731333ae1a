"""The signature of an assembly: shows that a synthesis of this user wrote it, and that nothing has changed since.

Whoever can write into an assembly's folder could also write acceptances into it. So these are believed only with a valid
signature: HMAC-SHA256, with a key that only this user can read, over the names and contents of all JSON files of the folder.
"""

from __future__ import annotations

import hmac
import json
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keywright.guardrails.exceptions.signing_key import SAFELY, existing_key, key_for_signing
from keywright.reporting.output_file import write_whole
from keywright.reporting.text import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SIGNATURE = "keywright-signature.json"
"""The file beside the manifest with the digest of each file and the signature of these."""

LARGEST = 1 << 30
"""Maximum size of all signed files together in bytes; a larger assembly is not signed."""
MOST = 50_000
"""Maximum number of files and folders that are looked at."""
_LARGEST_SIGNATURE = 32 << 20
_PURPOSE = b"keywright assembly 1\0"
_BLOCK = 1 << 20
_SHOWN = 3


@dataclass(frozen=True)
class Doubt:
    """Why an assembly's acceptances are not believed, and what to do."""

    message: str
    found: str
    accepted: str


class _UnusableFileError(Exception):
    """A file that cannot be part of a signature; the text names it and says why."""


def sign(outdir: Path) -> bool:
    """Sign an assembly, and return whether that was possible."""
    key = key_for_signing()
    if key is None:
        return False
    try:
        files = _digests(outdir)
        content = {"files": files, "signature": _signature(files, key)}
        write_whole(outdir / SIGNATURE, f"{json.dumps(content, indent=1)}\n".encode())
    except (OSError, _UnusableFileError):
        return False
    return True


def doubt_about(outdir: Path) -> Doubt | None:
    """Return why an assembly is not known to be as a synthesis of this user wrote it; None if it is."""
    recorded = _read(outdir / SIGNATURE)
    if recorded is None:
        return Doubt("the assembly is not signed", "", "a new synthesis, or `--own` if you trust it")
    files, signature = recorded
    key = existing_key()
    if key is None or not hmac.compare_digest(_signature(files, key).encode(), signature.encode()):
        return Doubt(
            "the assembly was synthesized by another user, or on another machine",
            "",
            "a synthesis here, or `--own` if you trust it",
        )
    try:
        changes = list(_changes(files, _digests(outdir)))
    except _UnusableFileError as unusable:
        changes = [str(unusable)]
    except OSError as error:
        changes = [f"a file that cannot be read: {error.strerror}"]
    if not changes:
        return None
    return Doubt(
        "the assembly was changed after its synthesis",
        joined(changes, most=_SHOWN),
        "a new synthesis, or `--own` if you trust it",
    )


def is_signed(outdir: Path, names: Iterable[str]) -> bool:
    """Return whether a valid signature includes all of these files."""
    recorded = _read(outdir / SIGNATURE)
    return recorded is not None and all(name in recorded[0] for name in names)


def _changes(signed: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*signed, *found}):
        if name not in found:
            yield f"no {quoted(name)}"
        elif name not in signed:
            yield f"{quoted(name)}, which is new"
        elif signed[name] != found[name]:
            yield quoted(name)


def _signature(files: Mapping[str, str], key: bytes) -> str:
    content = json.dumps(files, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, _PURPOSE + content, sha256).hexdigest()


def _read(path: Path) -> tuple[dict[str, str], str] | None:
    try:
        with os.fdopen(_open(path), "rb") as stream:
            text = stream.read(_LARGEST_SIGNATURE + 1)
        content: Any = json.loads(text) if len(text) <= _LARGEST_SIGNATURE else None
        files, signature = content["files"], content["signature"]
        if all(isinstance(each, str) for each in (signature, *files, *files.values())):
            return files, signature
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, _UnusableFileError):
        pass
    return None


def _digests(outdir: Path) -> dict[str, str]:
    """Return the digest of each JSON file by its path in the folder, without the signature itself.

    Raises:
        OSError: A file cannot be read.
        _UnusableFileError: A symbolic link or a special file, or more than is looked at.
    """
    left, found = LARGEST, {}
    for name in _files(outdir):
        digest = sha256()
        with os.fdopen(_open(outdir / name), "rb") as stream:
            while block := stream.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise _UnusableFileError(f"more than {LARGEST} bytes")
                digest.update(block)
        found[name] = digest.hexdigest()
    return found


def _open(path: Path) -> int:
    """Open an ordinary file, and no link that took its place."""
    descriptor = os.open(path, SAFELY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _UnusableFileError(f"{quoted(path.name)}, which is not an ordinary file")
    return descriptor


def _files(outdir: Path) -> Iterator[str]:
    """List the JSON files in a folder and below; folders of assets, and hidden ones, contain no templates."""
    folders, looked_at = [""], 0
    while folders:
        folder = folders.pop()
        with os.scandir(outdir / folder) as entries:
            for entry in entries:
                name = f"{folder}{entry.name}"
                looked_at += 1
                if looked_at > MOST:
                    raise _UnusableFileError(f"more than {MOST} files")
                if entry.is_symlink():
                    raise _UnusableFileError(f"{quoted(name)}, which is a symbolic link")
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(("asset.", ".")):
                        folders.append(f"{name}/")
                elif not entry.is_file(follow_symlinks=False):
                    raise _UnusableFileError(f"{quoted(name)}, which is not an ordinary file")
                elif name.endswith(".json") and name != SIGNATURE:
                    yield name
