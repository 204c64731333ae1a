"""A release is refused with everything that is missing, and made from what is complete."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from release.changelog import notes, sections
from release.checks import Repository, check

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 12, 3)
CHANGELOG = """# Changelog

## Unreleased

## 1.2.0 - 2026-12-03

### Added
- Something new.

## 1.1.0 - 2026-11-01

### Fixed
- Something old.
"""
GOOD = Repository("1.2.0", CHANGELOG, "# Upgrade\n\n## To 1.2.0\n\nNothing.\n", (), ("v1.0.0", "v1.1.0"))


def messages(repository: Repository, tag: str | None = "v1.2.0") -> list[str]:
    return [str(each) for each in check(repository, TODAY, tag)]


def test_nothing_is_missing() -> None:
    assert messages(GOOD) == []
    assert messages(replace(GOOD, tags=(*GOOD.tags, "v1.2.0"))) == [], "the tag that starts the release"


@pytest.mark.parametrize(
    ("repository", "tag", "message"),
    [
        pytest.param(
            GOOD,
            "v1.3.0",
            "pyproject.toml: the tag is not that of the version; found `v1.3.0`; accepted: `v1.2.0`",
            id="another tag",
        ),
        pytest.param(
            replace(GOOD, version="1.2"),
            None,
            "pyproject.toml: the version is none; found `1.2`; accepted: three numbers, such as `1.2.0`",
            id="version",
        ),
        pytest.param(
            replace(GOOD, tags=("v1.2.0", "v1.1.0")),
            None,
            "pyproject.toml: the version is released already; found `1.2.0`; accepted: one after `1.2.0`",
            id="not bumped",
        ),
        pytest.param(
            replace(GOOD, tags=("v1.10.0",)),
            "v1.2.0",
            "pyproject.toml: the version is released already; found `1.2.0`; accepted: one after `1.10.0`",
            id="numbers are compared as numbers",
        ),
        pytest.param(
            replace(GOOD, changelog=CHANGELOG.replace("## Unreleased\n", "## Unreleased\n\n- Late.\n")),
            None,
            "CHANGELOG.md:3:1: changes are not in the version's section; found `Unreleased`; accepted: `## 1.2.0 - 2026-12-03`",
            id="changes are left",
        ),
        pytest.param(
            replace(GOOD, changelog=CHANGELOG.replace("## 1.2.0 - 2026-12-03", "## 1.2.0")),
            None,
            "CHANGELOG.md:5:1: the section has no day of release; accepted: `## 1.2.0 - 2026-12-03`",
            id="no day",
        ),
        pytest.param(
            replace(GOOD, changelog=CHANGELOG.replace("2026-12-03", "2026-12-04")),
            None,
            "CHANGELOG.md:5:1: the section has no day of release; found `2026-12-04`; accepted: `## 1.2.0 - 2026-12-03`",
            id="a day in the future",
        ),
        pytest.param(
            replace(GOOD, changelog=CHANGELOG.replace("### Added\n- Something new.\n", "")),
            None,
            "CHANGELOG.md:5:1: the section is empty; accepted: what changes for users",
            id="nothing written",
        ),
        pytest.param(
            replace(GOOD, upgrade="# Upgrade\n\n## To 1.1.0\n"),
            None,
            "docs/how-to/upgrade-keywright.md: the version `1.2.0` has no section; "
            "accepted: `## To 1.2.0`, with what to change, or that nothing has to be changed",
            id="no upgrade notes",
        ),
        pytest.param(
            replace(GOOD, changed=(" M app.py",)),
            None,
            "app.py: the file is not committed; accepted: a clean working tree",
            id="changed file",
        ),
    ],
)
def test_refuses(repository: Repository, tag: str | None, message: str) -> None:
    assert messages(repository, tag) == [message]


def test_reports_everything_at_once() -> None:
    assert (
        len(messages(Repository("1.3.0", "# Changelog\n", "", ("?? a", " M b"), ("v1.3.0",)), "v2.0.0")) == 6
    )


def test_the_notes_are_the_section_of_the_version() -> None:
    assert notes(CHANGELOG, "1.2.0") == "### Added\n- Something new.\n"
    assert notes(CHANGELOG, "1.1.0") == "### Fixed\n- Something old.\n"


def test_reads_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for words in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"],
        ["tag", "v1.1.0"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "new.py").write_text("")
    assert Repository.read(tmp_path) == Repository("1.2.0", CHANGELOG, "", ("?? new.py",), ("v1.1.0",))


def test_our_changelog_has_sections_of_known_kinds(root: Path) -> None:
    found = sections((root / "CHANGELOG.md").read_text())
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    for each in found:
        headings = [line[4:] for line in each.text.splitlines() if line.startswith("### ")]
        assert set(headings) <= kinds
        assert len(set(headings)) == len(headings), f"{each.title} has a heading twice"


def test_the_version_has_one_source(root: Path) -> None:
    version = Repository.read(root).version
    tracked = subprocess.run(
        ["git", "grep", "-lF", f'"{version}"', "--", "*.py", "*.toml", "*.yaml"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert [each for each in tracked if each.startswith(("keywright/", "stacks/", "constructs/"))] == []
