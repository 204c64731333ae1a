"""The states of a rotation: a new key beside the old one, then the old one asleep, then the old one gone.

One step is one deployment, so that there are never three keys, and never a moment in which the only key that an
application knows is taken away ("Update access keys", AWS Identity and Access Management User Guide).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from keywright.model.people.access_keys import AccessKey
    from keywright.model.source.yaml_text import Document


@dataclass(frozen=True, slots=True)
class Add:
    """A new key is due, beside the one that stands at `beside`."""

    serial: int
    issued: date
    beside: int


@dataclass(frozen=True, slots=True)
class Sleep:
    """The older key, which stands at `index`, is to be inactive; it can still be woken."""

    serial: int
    index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """The older key, which stands at `index`, has slept and is to go."""

    serial: int
    index: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """No next step is safe: why, what was found, and what would be accepted."""

    message: str
    found: str
    accepted: str


Step = Add | Sleep | Remove


def next_step(user: str, keys: Sequence[AccessKey], today: date, *, same_day: bool = False) -> Step | Stuck:
    """Tell the next step for a user's keys, at most two, in any order.

    A new key must be deployed and handed over before the old one sleeps; that takes a later day than the one it was
    issued on, unless `same_day` says that it has happened.
    """
    if not keys:
        return Stuck(f"user `{user}` has no key to rotate", "no `access_keys`", "an application with a key")
    order = sorted(range(len(keys)), key=lambda index: keys[index].serial)
    older, newer = keys[order[0]], keys[order[-1]]
    if newer.status == "inactive":
        woken = f"`status: active` for key {newer.serial}"
        more = ", or the key taken away by hand" if older.status == "active" else ""
        return Stuck(f"the newest key of user `{user}` is inactive", f"key {newer.serial}", woken + more)
    if len(keys) == 1:
        return Add(newer.serial + 1, today, order[0])
    if older.status == "inactive":
        return Remove(older.serial, order[0])
    if newer.issued >= today and not same_day:
        return Stuck(
            f"key {newer.serial} of user `{user}` is too new for key {older.serial} to sleep",
            f"`issued: {newer.issued}`",
            "a later day, when the new key is deployed and in use; or `--same-day` if it is already",
        )
    return Sleep(older.serial, order[0])


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"[ \t]*#")
_ITEM = re.compile(r" *-[ \t]+")
_REST = re.compile(r"[ \t]*,?[ \t]*(#[^\n]*)?\r?\n")
"""What may follow a key on its line where the next begins on another."""


def edited(text: str, user: str, step: Step) -> str | None:
    """Give the text after a step, none where the keys are laid out so that no edit of theirs alone is right.

    `text` must be a file of declarations without mistakes that holds the user's keys. What comes back says what the
    step says and otherwise what the text said, which is read again and not taken for granted.
    """
    keys = _under(_under(_under(yaml.compose(text, Loader=_LOADER), "users"), user), "access_keys")
    if isinstance(step, Add):
        after = _added(text, keys, step)
    elif isinstance(step, Sleep):
        after = _asleep(text, keys.value[step.index])
    else:
        after = _removed(text, keys, step.index)
    return after if after is not None and _says(after, user, step, text) else None


def _says(after: str, user: str, step: Step, before: str) -> bool:
    told, meant = parse(after, ""), _plain(parse(before, ""))
    holder = meant["users"][user]
    holder["access_keys"] = _stepped(holder["access_keys"], step)
    return not told.findings and not told.duplicates and bool(_plain(told) == meant)


def _plain(document: Document) -> Any:
    return plain(document.root) if document.root is not None else None


def _stepped(keys: Sequence[dict[str, Any]], step: Step) -> tuple[dict[str, Any], ...]:
    match step:
        case Add(serial, issued, beside):
            return (*keys[:beside], {"serial": serial, "issued": str(issued)}, *keys[beside:])
        case Sleep(_, index):
            return (*keys[:index], keys[index] | {"status": "inactive"}, *keys[index + 1 :])
        case Remove(_, index):
            return (*keys[:index], *keys[index + 1 :])


def _under(mapping: Any, name: str) -> Any:
    return next(value for key, value in mapping.value if key.value == name)


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _added(text: str, keys: Any, step: Add) -> str | None:
    """Put the new key before the one it replaces, in the way that one is written."""
    key = keys.value[step.beside]
    start = key.start_mark.index
    if keys.flow_style:
        return f"{text[:start]}{{serial: {step.serial}, issued: {step.issued}}}, {text[start:]}"
    line = text.rfind("\n", 0, start) + 1
    margin = text[line:start]
    if not _ITEM.fullmatch(margin):
        return None
    if key.flow_style:
        written = f"{{serial: {step.serial}, issued: {step.issued}}}"
    else:
        written = f"serial: {step.serial}{_ending(text)}{' ' * len(margin)}issued: {step.issued}"
    place = _above_comments(text, line)
    return f"{text[:place]}{margin}{written}{_ending(text)}{text[place:]}"


def _above_comments(text: str, line: int) -> int:
    """Give the beginning of the comments that stand right above a line and belong to it."""
    while line:
        above = text.rfind("\n", 0, line - 1) + 1
        if not _COMMENT.match(text, above):
            break
        line = above
    return line


def _asleep(text: str, key: Any) -> str:
    """Set the status of a key, or say it where it was left to be active."""
    for name, value in key.value:
        if name.value == "status":
            return f"{text[: value.start_mark.index]}inactive{text[_end_of(text, value) :]}"
    name, last = key.value[-1]
    end = last.end_mark.index
    if key.flow_style:
        return f"{text[:end]}, status: inactive{text[end:]}"
    line = text.find("\n", end)
    margin = " " * name.start_mark.column
    if line < 0:
        return f"{text}{_ending(text)}{margin}status: inactive{_ending(text)}"
    return f"{text[: line + 1]}{margin}status: inactive{_ending(text)}{text[line + 1 :]}"


def _end_of(text: str, value: Any) -> int:
    """Give the end of a value; libyaml counts the line's end to one in a block of its own."""
    start: int = value.start_mark.index
    end: int = value.end_mark.index
    return start + len(text[start:end].rstrip())


def _removed(text: str, keys: Any, index: int) -> str:
    """Take a key away: of a list in brackets its characters and a comma, of one in lines its lines."""
    key = keys.value[index]
    start, end = key.start_mark.index, _end(key)
    line = text.rfind("\n", 0, start) + 1
    if keys.flow_style:
        rest = _REST.match(text, end)
        if rest and not text[line:start].strip():
            return text[:line] + text[rest.end() :]
        if index + 1 < len(keys.value):
            return text[:start] + text[keys.value[index + 1].start_mark.index :]
        return text[: _end(keys.value[index - 1])] + text[end:]
    after = text.find("\n", end)
    return text[:line] + (text[after + 1 :] if after >= 0 else "")


def _end(key: Any) -> int:
    """Give the end of a key's own characters; libyaml lets a mapping in lines end where the next thing begins."""
    end: int = key.end_mark.index if key.flow_style else key.value[-1][1].end_mark.index
    return end
