"""Rotation of access keys: a new key besides the old one, then the old one inactive, then the old one deleted.

Each step is a deployment of its own, so that there are never three keys, and an application never loses the only key
that it knows ("Update access keys", AWS Identity and Access Management User Guide).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.model.source import yaml_edits
from keywright.model.source.yaml_edits import Drop, Put, UneditableError, ending, node_at
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from keywright.model.people.access_keys import AccessKey
    from keywright.model.source.places import Path
    from keywright.model.source.yaml_text import Document


@dataclass(frozen=True, slots=True)
class Add:
    """Add a key, next to the one at index `beside`."""

    serial: int
    issued: date
    beside: int


@dataclass(frozen=True, slots=True)
class Deactivate:
    """Deactivate the older key, at `index`; it can still be activated again."""

    serial: int
    index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the older, inactive key, at `index`."""

    serial: int
    index: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """No next step is safe: what is wrong, what was found, and what is accepted."""

    message: str
    found: str
    accepted: str


Step = Add | Deactivate | Remove


def next_step(user: str, keys: Sequence[AccessKey], today: date, *, same_day: bool = False) -> Step | Stuck:
    """Give the next step for a user's keys, at most two, in any order.

    A new key must be deployed and in use before the old one is deactivated; this is assumed on a later day than its
    issue, or with `same_day`.
    """
    if not keys:
        return Stuck(f"user `{user}` has no key to rotate", "no `access_keys`", "an application with a key")
    order = sorted(range(len(keys)), key=lambda index: keys[index].serial)
    older, newer = keys[order[0]], keys[order[-1]]
    if newer.status == "inactive":
        reactivated = f"`status: active` for key {newer.serial}"
        more = ", or its removal by hand" if older.status == "active" else ""
        return Stuck(
            f"the newest key of user `{user}` is inactive", f"key {newer.serial}", reactivated + more
        )
    if len(keys) == 1:
        return Add(newer.serial + 1, today, order[0])
    if older.status == "inactive":
        return Remove(older.serial, order[0])
    if newer.issued >= today and not same_day:
        return Stuck(
            f"key {newer.serial} of user `{user}` is too new to deactivate key {older.serial}",
            f"`issued: {newer.issued}`",
            "a later day, when the new key is deployed and in use, or `--same-day` if it already is",
        )
    return Deactivate(older.serial, order[0])


_COMMENT = re.compile(r"[ \t]*#")
_ITEM = re.compile(r" *-[ \t]+")


def edited(text: str, user: str, step: Step) -> str | None:
    """Apply a step to the text of a file; give `None` if the layout of the keys allows no such edit.

    `text` must be a file of declarations without mistakes that has the user's keys. The result is parsed again, and
    must differ from the original by this step only. The file is not written as a whole, which would reformat lines
    of others.
    """
    keys: Path = ("users", user, "access_keys")
    try:
        if isinstance(step, Deactivate):
            return yaml_edits.edited(text, [Put((*keys, step.index, "status"), "inactive")])
        if isinstance(step, Remove):
            return yaml_edits.edited(text, [Drop((*keys, step.index))])
    except UneditableError:
        return None
    after = _added(text, node_at(text, keys), step)
    return after if after is not None and _differs_by_step(after, user, step, text) else None


def _differs_by_step(after: str, user: str, step: Add, before: str) -> bool:
    document, expected = parse(after, ""), _plain(parse(before, ""))
    holder = expected["users"][user]
    holder["access_keys"] = _after_step(holder["access_keys"], step)
    return not document.findings and not document.duplicates and bool(_plain(document) == expected)


def _plain(document: Document) -> Any:
    return plain(document.root) if document.root is not None else None


def _after_step(keys: Sequence[dict[str, Any]], step: Add) -> tuple[dict[str, Any], ...]:
    added = {"serial": step.serial, "issued": str(step.issued)}
    return (*keys[: step.beside], added, *keys[step.beside :])


def _added(text: str, keys: Any, step: Add) -> str | None:
    """Insert the new key before the one it replaces, in the same style."""
    key = keys.value[step.beside]
    start = key.start_mark.index
    if keys.flow_style:
        return f"{text[:start]}{{serial: {step.serial}, issued: {step.issued}}}, {text[start:]}"
    line = text.rfind("\n", 0, start) + 1
    margin = text[line:start]
    # Another layout, such as nested lists on one line, is left to a person.
    if not _ITEM.fullmatch(margin):
        return None
    if key.flow_style:
        written = f"{{serial: {step.serial}, issued: {step.issued}}}"
    else:
        written = f"serial: {step.serial}{ending(text)}{' ' * len(margin)}issued: {step.issued}"
    place = _above_comments(text, line)
    return f"{text[:place]}{margin}{written}{ending(text)}{text[place:]}"


def _above_comments(text: str, line: int) -> int:
    """Give the beginning of the comments directly above a line, which belong to it."""
    while line:
        above = text.rfind("\n", 0, line - 1) + 1
        if not _COMMENT.match(text, above):
            break
        line = above
    return line
