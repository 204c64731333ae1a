"""What takes long to make of each of thousands, made of those alone that somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Raw = TypeVar("Raw")
Made = TypeVar("Made")


class MadeWhenAsked(Mapping[str, Made]):
    """A mapping whose values are made of others by a function, each once."""

    def __init__(self, raw: Mapping[str, Raw], make: Callable[[Raw], Made]) -> None:
        self._raw = raw
        self._make: Callable[[Raw], Made] = make
        self._made: dict[str, Made] = {}

    def __getitem__(self, key: str) -> Made:
        if key not in self._made:
            self._made[key] = self._make(self._raw[key])
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)
