"""Reading `actions.lock` strictly: an edit by hand or a merge must never grant anything by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.model.action_lock import BY_TAG, FILE, FORMATS, NO_RESOURCE, ActionLock, Entry
from keywright.model.grants.access_levels import AccessLevel
from keywright.model.source.folder import text_of
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode, in_words, place
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import listed, on_one_line, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VALID_FILE = "a file that `keywright lock` wrote, such as the last committed one"
_ACTION = re.compile(r"[A-Za-z0-9-]{1,128}")
_SERVICE = re.compile(r"[a-z0-9-]{1,64}")
_LONGEST_TYPE = 128


@dataclass(frozen=True, slots=True)
class LockReading:
    """The lock, `None` if there is no valid file, and the place of each entry."""

    lock: ActionLock | None = None
    findings: list[Finding] = field(default_factory=list)
    places: dict[Entry, Location] = field(default_factory=dict)
    actions: dict[tuple[Entry, str], Location] = field(default_factory=dict)


def read_lock(folder: Path) -> LockReading:
    """Read a folder's lock file; never raises for what is in it."""
    path = folder / FILE
    try:
        # `exists` is false for a broken link, which is a mistake and not a missing file.
        if not path.is_symlink() and not path.exists():
            return LockReading()
        text = text_of(path, folder)
    except (OSError, RuntimeError) as error:
        found = (getattr(error, "strerror", None) or "a circle of links").lower()
        text = Finding(Location(path.as_posix()), "cannot be read", found, "a readable file")
    if isinstance(text, Finding):
        return LockReading(findings=[text])
    return _read(text, path.as_posix())


def _read(text: str, file: str) -> LockReading:
    document = parse(text, file)
    reading = LockReading()
    reading.findings.extend(document.findings)
    reading.findings.extend(
        _mistake(each.second, "the lock file has a key twice") for each in document.duplicates
    )
    if not reading.findings:
        reading.findings.extend(_check_header(document.root, file))
    if reading.findings:
        return reading
    locked: dict[Entry, tuple[str, ...]] = {}
    reading.findings.extend(_entries(document.root, reading, locked))
    return (
        reading if reading.findings else LockReading(ActionLock(locked), [], reading.places, reading.actions)
    )


def _mistake(node: Node, message: str, accepted: str = _VALID_FILE) -> Finding:
    return Finding(place(node), message, in_words(node), accepted)


def _check_header(root: Node | None, file: str) -> Iterator[Finding]:
    if not isinstance(root, MappingNode):
        yield Finding(
            Location(file, 1, 1), "is not a lock file", in_words(root) if root else "nothing", _VALID_FILE
        )
        return
    version = root.values.get("version")
    if not isinstance(version, ScalarNode) or version.value not in FORMATS:
        found = in_words(version) if version else "no `version`"
        yield Finding(
            place(version or root),
            "the lock file has another format",
            found,
            f"{listed(f'version: {each}' for each in FORMATS)}, or the version of Keywright that wrote it",
        )
    for key in root.keys.values():
        if key.text not in ("version", "actions"):
            yield _mistake(key, "unknown key in the lock file", "`version`, `actions`")
    if not isinstance(root.values.get("actions"), MappingNode):
        yield Finding(place(root), "the lock file has no actions", "no `actions`", _VALID_FILE)


def _entries(
    root: Node | None, reading: LockReading, locked: dict[Entry, tuple[str, ...]]
) -> Iterator[Finding]:
    actions = root.values["actions"] if isinstance(root, MappingNode) else None
    for service, types in _items(actions):
        if not _SERVICE.fullmatch(service.text):
            yield _mistake(service, "this is not a service prefix", "a prefix of actions, such as `athena`")
        if not isinstance(types, MappingNode):
            yield _mistake(types, f"{quoted(service.text)} has no resource types")
        for kind, levels in _items(types):
            if not isinstance(levels, MappingNode) or len(kind.text) > _LONGEST_TYPE:
                yield _mistake(levels, f"{quoted(kind.text)} of {quoted(service.text)} has no access levels")
            for level, names in _items(levels):
                yield from _entry((service.text, kind.text), level, names, reading, locked)


def _items(node: Node | None) -> Iterator[tuple[ScalarNode, Node]]:
    if isinstance(node, MappingNode):
        for name, value in node.values.items():
            yield node.keys[name], value


def _entry(
    on: tuple[str, str],
    level: ScalarNode,
    names: Node,
    reading: LockReading,
    locked: dict[Entry, tuple[str, ...]],
) -> Iterator[Finding]:
    name = level.text.removesuffix(BY_TAG)
    if name not in set(AccessLevel):
        yield _mistake(
            level,
            "there is no such access level",
            f"{listed(AccessLevel)}, each also followed by `{BY_TAG}`",
        )
        return
    service, kind = on
    resource_type = "" if kind == NO_RESOURCE else kind
    entry = Entry(service, resource_type, AccessLevel(name), level.text.endswith(BY_TAG))
    if not isinstance(names, SequenceNode):
        yield _mistake(names, f"{on_one_line(str(entry))} has no list of actions")
        return
    for item in names.items:
        # Without wildcards, the file cannot grant more than the actions that a reviewer reads in it.
        if not isinstance(item, ScalarNode) or not _ACTION.fullmatch(item.text):
            yield _mistake(
                item, f"{on_one_line(str(entry))} has an invalid action name", "a name without `*`"
            )
        else:
            reading.actions[entry, item.text] = place(item)
    reading.places[entry] = place(level)
    locked[entry] = tuple(sorted({each.text for each in names.items if isinstance(each, ScalarNode)}))
