"""The pieces of a snapshot that are read, and kept, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from keywright.live.snapshot.requests import RefusedError, Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Answer = TypeVar("Answer")


@dataclass
class Piece:
    """What one task has read: items by part, and what it could not read.

    `gone` is true if what it is about was deleted since it was listed.
    """

    requests: Requests
    of: str = ""
    parts: dict[str, Any] = field(default_factory=dict)
    unread: list[dict[str, str]] = field(default_factory=list)
    gone: bool = False

    def read(self, part: str, ask: Callable[[], Answer]) -> Answer | None:
        """Read something of a part; a refusal is listed, and the answer is None."""
        try:
            return ask()
        except RefusedError as refused:
            of = {"Of": self.of} if self.of else {}
            self.unread.append({"Part": part, **of, "Error": str(refused)})
            return None

    def keep(self, part: str, items: Any) -> None:
        """Keep what was read of a part."""
        self.parts[part] = items


@dataclass(frozen=True)
class Task:
    """Reads one piece; `key` names it in the file that a later run continues from."""

    key: str
    read: Callable[[Piece], None]
    of: str = ""

    def run(self, requests: Requests) -> Piece:
        """Read the piece."""
        piece = Piece(requests, self.of)
        self.read(piece)
        return piece


def chosen(item: Mapping[str, Any], *names: str, **renamed: str) -> dict[str, Any]:
    """Give some fields of an answer, as JSON; `renamed` maps new names to those of the answer.

    Fields that AWS may add later are left out: they could be secret.
    """
    pairs = {**{name: name for name in names}, **renamed}
    return {name: as_json(item[own]) for name, own in pairs.items() if item.get(own) is not None}


def as_json(value: Any) -> Any:
    """Turn the dates of an answer into ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value
