"""Puts adopted declarations into a folder: all files or none, and nothing that is there is lost without a word."""

from __future__ import annotations

import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.adopt.writing import ACCOUNT, FILES, LEFT
from keywright.model.action_lock import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DECLARING = {".yaml", ".yml"}


def is_own(name: str) -> bool:
    """Tell whether `keywright adopt` writes a file of this name; large sections have further ones, as `users-2.yaml`."""
    return re.sub(r"-[0-9]+\.yaml$", ".yaml", name) in {ACCOUNT, LEFT, FILE, *FILES.values()}


def declarations_in(folder: Path) -> Iterator[str]:
    """Name the files of a folder that declare something already.

    Raises:
        OSError: It is not a folder, or it can't be read.
    """
    if folder.exists() or folder.is_symlink():
        yield from sorted(
            each.name for each in folder.iterdir() if each.suffix in _DECLARING or each.name in {FILE, LEFT}
        )


def place(folder: Path, files: Mapping[str, str], replaced: tuple[str, ...]) -> None:
    """Write the files, and remove those of `replaced` that are not among them; after an error everything is as before.

    Raises:
        OSError: The folder can't be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = {name: (folder / name).read_bytes() for name in replaced}
    done: list[str] = []
    with tempfile.TemporaryDirectory(dir=folder, prefix=".keywright-adopt-") as scratch:
        for name, text in files.items():
            (Path(scratch) / name).write_text(text, encoding="utf-8")
        try:
            for name in files:
                done.append(name)
                (Path(scratch) / name).replace(folder / name)
            for name in replaced:
                if name not in files:
                    done.append(name)
                    (folder / name).unlink()
        except BaseException:
            for name in done:
                if name in before:
                    (folder / name).write_bytes(before[name])
                else:
                    with suppress(FileNotFoundError):
                        (folder / name).unlink()
            raise
