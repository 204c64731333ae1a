"""What must hold before a version is released; everything that does not hold is reported at once."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from keywright.reporting.finding import Finding, Location
from release.changelog import UNRELEASED, sections

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
CHANGELOG = "CHANGELOG.md"
UPGRADE = "docs/how-to/upgrade-keywright.md"
PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Repository:
    """What a release is made from."""

    version: str
    changelog: str
    upgrade: str
    changed: tuple[str, ...]
    """Files that are not committed."""
    tags: tuple[str, ...]

    @classmethod
    def read(cls, root: Path) -> Repository:
        """Read the checkout."""
        project = tomllib.loads((root / PROJECT).read_text(encoding="utf-8"))["project"]
        return cls(
            project["version"],
            (root / CHANGELOG).read_text(encoding="utf-8"),
            (root / UPGRADE).read_text(encoding="utf-8") if (root / UPGRADE).is_file() else "",
            tuple(_git(root, "status", "--porcelain")),
            tuple(_git(root, "tag", "--list", "v*")),
        )


def _git(root: Path, *words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603, S607
    return done.stdout.splitlines()


def check(repository: Repository, today: date, tag: str | None = None) -> list[Finding]:
    """Report what is missing for a release; `tag` is the one that starts it."""
    if not _VERSION.fullmatch(repository.version):
        return [
            Finding(
                Location(PROJECT),
                "the version is none",
                found=f"`{repository.version}`",
                accepted="three numbers, such as `1.2.0`",
            )
        ]
    return [
        *_version(repository, tag),
        *_changelog(repository, today),
        *_upgrade(repository),
        *_tree(repository),
    ]


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _version(repository: Repository, tag: str | None) -> Iterator[Finding]:
    version, place = repository.version, Location(PROJECT)
    if tag is not None and tag != f"v{version}":
        yield Finding(place, "the tag is not that of the version", found=f"`{tag}`", accepted=f"`v{version}`")
    released = [each[1:] for each in repository.tags if each != tag and _VERSION.fullmatch(each[1:])]
    newest = max(released, key=_number, default="")
    if newest and _number(version) <= _number(newest):
        yield Finding(
            place, "the version is released already", found=f"`{version}`", accepted=f"one after `{newest}`"
        )


def _changelog(repository: Repository, today: date) -> Iterator[Finding]:
    version, found = repository.version, sections(repository.changelog)
    heading = f"`## {version} - {today}`"
    own = next((each for each in found if each.title == version), None)
    for each in found:
        if each.title == UNRELEASED and each.text:
            place = Location(CHANGELOG, each.line, 1)
            yield Finding(
                place, "changes are not in the version's section", found="`Unreleased`", accepted=heading
            )
    if own is None:
        yield Finding(Location(CHANGELOG), f"the version `{version}` has no section", accepted=heading)
        return
    place = Location(CHANGELOG, own.line, 1)
    day = _day(own.date)
    if day is None or day > today:
        day_found = f"`{own.date}`" if own.date else ""
        yield Finding(place, "the section has no day of release", found=day_found, accepted=heading)
    if not own.text:
        yield Finding(place, "the section is empty", accepted="what changes for users")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _upgrade(repository: Repository) -> Iterator[Finding]:
    heading = f"## To {repository.version}"
    if not re.search(rf"^{re.escape(heading)}$", repository.upgrade, re.MULTILINE):
        yield Finding(
            Location(UPGRADE),
            f"the version `{repository.version}` has no section",
            accepted=f"`{heading}`, with what to change, or that nothing has to be changed",
        )


def _tree(repository: Repository) -> Iterator[Finding]:
    for line in repository.changed:
        yield Finding(Location(line[3:]), "the file is not committed", accepted="a clean working tree")
