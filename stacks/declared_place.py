"""Which declaration a construct refused, so that the message can name its line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class DeclarationRefused(ValueError):  # noqa: N818 - a construct refused it
    """What a construct refused while a declared thing was made; `path` is where that is declared."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


@contextmanager
def declared_at(*path: str) -> Iterator[None]:
    """Name the declaration, such as `users`, `alice`, that is being turned into constructs.

    Raises:
        DeclarationRefused: A construct refused it; the message is the construct's own.
    """
    try:
        yield
    except DeclarationRefused:
        raise
    except ValueError as refused:
        raise DeclarationRefused(path, str(refused)) from refused
