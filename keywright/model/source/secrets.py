"""Passwords and other secrets in declarations: refused by their keys, and never shown.

Whoever reads a finding may not be allowed to read the secret: findings are printed by pipelines, kept in their logs and
shown beside a pull request.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.model.source.places import SINGULAR, subject
from keywright.model.source.yaml_tree import (
    BrokenNode,
    MappingNode,
    ScalarNode,
    SequenceNode,
    place,
    places_in,
)
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.source.places import Path
    from keywright.model.source.yaml_tree import Node

NOT_SHOWN = "a value that is not shown"

_OF_PASSWORDS = (
    r"(?:(?:first|initial|login|console|user|temporary|db|root)[_ -]?)?"
    r"(?:password|passwd|passphrase|pwd)s?"
)
_OF_OTHERS = (
    r"(?:(?:aws|client|app|application|oidc|saml|api|private|shared)[_ -]?)*"
    r"(?:secrets?|tokens?|credentials?|api[_ -]?keys?|private[_ -]?keys?|access[_ -]?key|"
    r"access[_ -]?key[_ -]?id|secret[_ -]?(?:access[_ -]?)?keys?|secret[_ -]?value|bearer|session[_ -]?key|"
    r"(?:access|auth|refresh|bearer|id)[_ -]?token|otp|mfa[_ -]?(?:secret|seed|code))"
)
_IS_PASSWORD = re.compile(_OF_PASSWORDS, re.IGNORECASE)
_IS_SECRET = re.compile(f"{_OF_PASSWORDS}|{_OF_OTHERS}", re.IGNORECASE)
_MAY_HOLD = re.compile(
    r"passw|passphrase|pwd|secret|token|credential|(?:access|api|private|session)[_ -]?key", re.IGNORECASE
)
"""Any key whose value may be a secret, such as `session_token`, which declares no secret if it is well formed."""
_WRITTEN = re.compile(
    rf"""^[^#]*(?<![\w-])["']?(?:{_OF_PASSWORDS}|{_OF_OTHERS})["']?(?:\s*[:=]|\s+\S|\s*$)""", re.IGNORECASE
)
"""A line of a file that may begin a secret."""


_QUOTED = re.compile(
    rf"`[^`]*(?<![\w-])(?:{_OF_PASSWORDS}|{_OF_OTHERS})[\"']?[ ]*[^\w`\"' .,-][^`]*`"
    rf"|`(?:{_OF_PASSWORDS}|{_OF_OTHERS})[ ][^`]*`",
    re.IGNORECASE,
)
"""A quoted text of a message that may contain a secret after its key."""


def is_secret(key: str) -> bool:
    """Tell whether a key can have nothing but a secret as its value."""
    return _IS_SECRET.fullmatch(key) is not None


def may_hold_secret(path: Path) -> bool:
    """Tell whether the value at a path may be a secret, by the last key or by a key of secrets above it."""
    names = [
        part for part in (path[2:] if path[:1] and path[0] in SINGULAR else path) if isinstance(part, str)
    ]
    return bool(names) and (_MAY_HOLD.search(names[-1]) is not None or any(map(is_secret, names)))


def may_show(lines: list[str], number: int) -> bool:
    """Tell whether a line, counted from 1, can be shown: neither it nor a line above may begin a secret.

    Where the syntax is wrong, nobody knows how far a value extends.
    """
    return _MAY_HOLD.search(lines[number - 1]) is None and not any(map(_WRITTEN.match, lines[:number]))


def may_show_text(text: str) -> bool:
    """Tell whether a text can be shown; one without spaces and signs is at most the name of a secret."""
    lines = text.split("\n")
    return re.fullmatch(r"[\w.-]+", text) is not None or may_show(lines, len(lines))


def without_secrets(whole: MappingNode, findings: list[Finding]) -> list[Finding]:
    """Add a finding for each secret, and leave out all others on it: they would describe or quote it.

    A value that is not indented is read as the next key, which is not shown then.
    """
    ours, hidden, next_keys = [], set(_of_nothing_else(whole)), set[Location]()
    for path, key, value in _secrets(whole, ()):
        ours.append(_finding(path, key))
        hidden |= {place(key), *places_in(value)}
        if isinstance(value, BrokenNode) or (isinstance(value, ScalarNode) and not value.text.strip()):
            next_keys |= _first_after(place(key), findings)
    shown = (_without_quoted(each) for each in findings if each.location not in hidden)
    return ours + [replace(each, found=NOT_SHOWN) if each.location in next_keys else each for each in shown]


def _of_nothing_else(node: Node) -> Iterator[Location]:
    """Give the keys of mappings that have nothing but secrets: what is wrong with them besides follows."""
    if isinstance(node, MappingNode):
        for name, value in node.values.items():
            if isinstance(value, MappingNode) and value.values and all(map(is_secret, value.values)):
                yield place(node.keys[name])
            yield from _of_nothing_else(value)


def _first_after(key: Location, findings: list[Finding]) -> set[Location]:
    """Give the unknown key after a secret without a value: the value may be on this line, not indented."""
    after = [
        each.location
        for each in findings
        if each.message.startswith("unknown ") and each.location.file == key.file and each.location > key
    ]
    return {min(after)} if after else set()


def _without_quoted(finding: Finding) -> Finding:
    return replace(
        finding,
        message=_QUOTED.sub(NOT_SHOWN, finding.message),
        found=_QUOTED.sub(NOT_SHOWN, finding.found),
        accepted=_QUOTED.sub(NOT_SHOWN, finding.accepted),
    )


def _secrets(node: Node, path: Path) -> Iterator[tuple[Path, ScalarNode, Node]]:
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield from _secrets(item, (*path, index))
    if isinstance(node, MappingNode):
        # What is declared may have any name: a bucket can be called `token`.
        has_names = len(path) == 1 and path[0] in SINGULAR
        for name, value in node.values.items():
            if is_secret(name) and not has_names:
                yield (*path, name), node.keys[name], value
            else:
                yield from _secrets(value, (*path, name))


def _finding(path: Path, key: ScalarNode) -> Finding:
    what, those = (
        ("a password", "passwords") if _IS_PASSWORD.fullmatch(key.text) else ("a secret", "secrets and keys")
    )
    return Finding(
        place(key),
        f"{what} is never written in declarations",
        on_one_line(f"{subject(path)}, whose value is not shown"),
        f"no `{key.text}`: {those} are created in the account; change this one now if it is real",
    )
