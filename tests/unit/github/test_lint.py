"""Linters find nothing in the workflows, the action, the starter's files and the documentation's examples."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema.validators import validator_for
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
STARTER = ROOT / "keywright" / "starter" / "repository"
EXAMPLE = re.compile(
    r"^```ya?ml (?:\S+/)?(\.github/workflows/[\w-]+\.ya?ml)\n(.+?)^```$", re.DOTALL | re.MULTILINE
)
DIGEST = "0123456789abcdef0123456789abcdef01234567"


def example_files(folder: Path) -> None:
    """Write each workflow that a page shows, in a repository for each page."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for name, text in EXAMPLE.findall(page.read_text()):
            file = folder / page.stem / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("OWNER/keywright@COMMIT", f"acme/keywright@{DIGEST}"))


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders as they are on GitHub: this repository, the starter's, and one for each page."""
    folder = tmp_path_factory.mktemp("linted")
    here = folder / "here"
    shutil.copytree(ROOT / ".github", here / ".github")
    for name in ("action.yml", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, here / name)
    shutil.copytree(ROOT / "tests" / "unit" / "github", here / "tests" / "unit" / "github")
    if STARTER.is_dir():
        shutil.copytree(STARTER, folder / "starter")
    example_files(folder)
    found = sorted(folder.iterdir())
    for each in found:
        (each / ".git").mkdir()  # a linter searches the root of the repository
    return found


def lint(program: str, *words: str, folder: Path) -> str:
    """Run a linter, and give what it found; it must say nothing and exit with 0."""
    path = Path(sysconfig.get_path("scripts")) / program
    done = subprocess.run([path, *words], cwd=folder, capture_output=True, text=True, check=False)
    return f"{folder.name}:\n{done.stdout}{done.stderr}" if done.returncode else ""


def test_zizmor_finds_nothing(repositories: list[Path]) -> None:
    words = ("--offline", "--no-progress", "--quiet", "--persona=auditor", "--strict-collection", ".")
    assert [found for each in repositories if (found := lint("zizmor", *words, folder=each))] == []


def test_jactionlint_finds_nothing(repositories: list[Path]) -> None:
    # It starts these two programs for scripts if it finds them, so that the result would depend on the machine.
    words = ("--shellcheck=", "--pyflakes=", "--strict-exit", "--no-color")
    assert [found for each in repositories if (found := lint("jactionlint", *words, folder=each))] == []


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("github-workflows", ".github/workflows/*.yaml"),
        ("github-actions", "action.yml"),
        ("dependabot", ".github/dependabot.yml"),
        ("gitlab-ci", ".gitlab-ci.yml"),
    ],
)
def test_files_fit_their_schemas(repositories: list[Path], schema: str, pattern: str) -> None:
    files = [file for each in repositories for file in each.glob(pattern)]
    if schema == "gitlab-ci":
        files.append(ROOT / "docs" / "review.gitlab-ci.yml")
    described = get_builtin_schema(f"vendor.{schema}")
    validator = validator_for(described)(described)
    assert files
    errors = [(str(file), error.message) for file in files for error in validator.iter_errors(read(file))]
    assert errors == []


def read(file: Path) -> object:
    """Read YAML 1.2, in which `on` is a text."""
    return YAML(typ="safe", pure=True).load(file)


def test_ignored_findings_have_a_reason() -> None:
    files = [*(ROOT / ".github").rglob("*.y*ml"), *STARTER.rglob("*.y*ml"), ROOT / "action.yml"]
    ignored = [
        line.strip()
        for file in files
        for line in file.read_text().splitlines()
        if "zizmor: ignore" in line or "jactionlint ignore" in line or "disable: true" in line
    ]
    assert [
        line for line in ignored if not re.search(r"(ignore\[[\w-]+\] |disable: true # )\S+ \S+ \S+", line)
    ] == []
