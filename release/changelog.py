"""The sections of CHANGELOG.md ("Keep a Changelog" 1.1.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(r"^## (?P<title>.+?)(?: - (?P<date>\S+))?$", re.MULTILINE)
UNRELEASED = "Unreleased"


@dataclass(frozen=True)
class Section:
    """One version: its title as written, its date, its line, and what follows."""

    title: str
    date: str
    line: int
    text: str


def sections(changelog: str) -> list[Section]:
    """Split a changelog, the newest version first."""
    found = list(_HEADING.finditer(changelog))
    ends = [*(each.start() for each in found), len(changelog)][1:]
    return [
        Section(
            each["title"],
            each["date"] or "",
            changelog.count("\n", 0, each.start()) + 1,
            changelog[each.end() : end].strip(),
        )
        for each, end in zip(found, ends, strict=True)
    ]


def notes(changelog: str, version: str) -> str:
    """Give the text of one version, for the page of its release."""
    (section,) = [each for each in sections(changelog) if each.title == version]
    return f"{section.text}\n"
