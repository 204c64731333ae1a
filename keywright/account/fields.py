"""The fields of one object of a snapshot: each is read with its type, and a value of another type is refused at its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.source import UnreadableError, unreadable
from keywright.policy.matching.arn import Arn
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Node, Source, Step

_AWS = "aws"
"""The owner of AWS managed policies, in their ARNs."""


@dataclass(frozen=True)
class Fields:
    """One object of the file; `account` owns everything in it ("" while no ARN has named it)."""

    source: Source
    place: tuple[Step, ...]
    values: Mapping[str, Node]
    account: str = ""

    def items(self, name: str) -> Iterator[Fields]:
        """Give the objects of a list; an absent list is empty."""
        value = self.values.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.mistake(name, f"`{name}` is not a list")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                place = self.source.locate(*self.place, name, index)
                raise unreadable(place, "the item is not an object", found=quoted(str(item)))
            yield Fields(self.source, (*self.place, name, index), item, self.account)

    def object(self, name: str) -> Mapping[str, Node] | None:
        """Give an object, or None where there is none."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.mistake(name, f"`{name}` is not an object")
        return value

    def within(self, name: str) -> Fields:
        """Give the fields of an object; an absent object has none."""
        return Fields(self.source, (*self.place, name), self.object(name) or {}, self.account)

    def text(self, name: str) -> str:
        """Give a text that AWS always writes."""
        value = self.optional_text(name)
        if not value:
            raise self.mistake(
                name,
                f"the item has no `{name}`",
                accepted="a file that `keywright snapshot` wrote, unchanged",
            )
        return value

    def optional_text(self, name: str) -> str | None:
        """Give a text, or None where there is none."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise self.mistake(name, f"`{name}` is not a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of texts; an absent one is empty."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.mistake(name, f"`{name}` is not a list of texts")
        found = tuple(each for each in value if isinstance(each, str))
        if len(found) != len(value):
            raise self.mistake(name, f"`{name}` is not a list of texts")
        return found

    def flag(self, name: str) -> bool:
        """Give true or false; absent is false."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value is True
        raise self.mistake(name, f"`{name}` is not true or false")

    def number(self, name: str) -> int | None:
        """Give a whole number, or None where there is none."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < len("1" * 16):
            return int(value)
        raise self.mistake(name, f"`{name}` is not a whole number")

    def date(self, name: str) -> datetime | None:
        """Give a date in UTC, or None where there is none."""
        value = self.optional_text(name)
        if value is None:
            return None
        try:
            date = datetime.fromisoformat(value)
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.mistake(
                name, f"`{name}` is not a date", accepted="ISO 8601, such as `2026-11-24T10:00:00+00:00`"
            ) from None

    def status(self, name: str) -> bool:
        """Give whether a status is `Active`."""
        return self.one_of(name, "Active", "Inactive", "Expired") == "Active"

    def one_of(self, name: str, *accepted: str) -> str:
        """Give a text that is one of a few."""
        value = self.text(name)
        if value not in accepted:
            raise self.mistake(name, f"`{name}` has an unknown value", accepted=listed(accepted, "or"))
        return value

    def arn(self, name: str = "Arn") -> Arn:
        """Give an ARN of this account.

        Raises:
            UnreadableError: It is none, or one of another account.
        """
        written = self.text(name)
        arn = Arn.parse(written)
        if arn is None:
            raise self.mistake(name, f"the item's `{name}` is not an ARN")
        if self.account and arn.account not in (self.account, _AWS):
            raise unreadable(
                self.source.locate(*self.place, name),
                "the snapshot is that of several accounts",
                found=f"`{self.account}` and {quoted(arn.account)}",
                accepted="one file for each account",
            )
        return arn

    def document(self, name: str) -> Mapping[str, Node]:
        """Give a policy document: an object, or its text with percent-encoding as the API writes it."""
        value = self.values.get(name)
        if isinstance(value, str):
            try:
                value = JsonSource.of(unquote(value), self.source.file).tree
            except UnreadableError:
                value = None
        if not isinstance(value, dict):
            raise self.mistake(name, "the item has no policy document", accepted="a JSON object, or its text")
        return value

    def tags(self) -> Mapping[str, str]:
        """Give the tags."""
        return {each.text("Key"): each.optional_text("Value") or "" for each in self.items("Tags")}

    def mistake(self, name: str, message: str, *, accepted: str = "") -> UnreadableError:
        """Make the error of a field."""
        value = self.values.get(name)
        found = quoted(str(value)) if isinstance(value, str | bool) and value != "" else ""
        return unreadable(self.source.locate(*self.place, name), message, found=found, accepted=accepted)
