"""The composite action: what its steps get, and that they run as written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.unit.github.server import TOKEN

if TYPE_CHECKING:
    from tests.unit.github.conftest import Step
    from tests.unit.github.server import GitHub

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
RUN = [each for each in STEPS if "keywright.github" in each.get("run", "")]
EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")
PINNED = re.compile(r"uses: (?:\./|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")


def mode(step: dict[str, Any]) -> str:
    return str(step["run"]).rsplit(" ", 1)[-1]


def test_every_mode_has_its_step() -> None:
    assert sorted(map(mode, RUN)) == ["check", "comment", "download", "find", "install", "review"]


def test_no_expression_is_part_of_a_script() -> None:
    assert not any("${{" in each.get("run", "") for each in STEPS)


def test_a_token_reaches_only_the_steps_that_ask_github() -> None:
    assert {mode(each) for each in RUN if "token" in str(each).lower()} == {"find", "download", "comment"}


def test_every_input_is_used_and_every_use_is_an_input() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", str(STEPS)))
    assert used == set(ACTION["inputs"])


def test_the_steps_read_what_the_action_sets() -> None:
    sent = {name for each in RUN for name in each["env"] if name.startswith("KEYWRIGHT_")}
    code = "".join(file.read_text() for file in (ROOT / "keywright" / "github").glob("*.py"))
    read = set(re.findall(r'runner\.(?:given|is_set|lines)\("([a-z-]+)"', code))
    read |= {
        name
        for names in re.findall(r"^_FILES = \((.+)\)$", code, re.MULTILINE)
        for name in re.findall(r"\w+", names)
    }
    assert sent == {f"KEYWRIGHT_{each.upper().replace('-', '_')}" for each in read}


def test_what_reads_untrusted_data_comes_last() -> None:
    names = [each.get("id", each.get("uses", "")) for each in STEPS]
    assert names[names.index("download") + 1] == "review"


def used_actions() -> list[str]:
    folders = (ROOT / ".github", ROOT / "keywright" / "starter" / "repository" / ".github")
    files = [ROOT / "action.yml", *(file for each in folders for file in each.glob("workflows/*.yaml"))]
    return [
        line.strip()
        for file in files
        for line in file.read_text().splitlines()
        if re.search(r"\buses:", line)
    ]


def test_every_action_is_pinned_by_digest_with_its_version() -> None:
    assert [each for each in used_actions() if not PINNED.search(each)] == []


def test_an_action_has_one_digest_everywhere() -> None:
    pins = {}
    for line in used_actions():
        if found := re.search(r"uses: ([\w-]+/[\w-]+)[\w/-]*@(\w+ # \S+)", line):
            assert pins.setdefault(found[1], found[2]) == found[2]
    assert len(pins) >= 5


# The steps, run by a shell as the runner would


def played(name: str, step: Step, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step of action.yml, with the values that its expressions have."""
    (found,) = [each for each in RUN if mode(each) == name]
    given = {key: str(each.get("default", "")) for key, each in ACTION["inputs"].items()} | inputs

    def value(expression: str) -> str:
        first = expression.split(" || ", maxsplit=1)[0]
        if first.startswith("inputs."):
            return TOKEN if first == "inputs.token" else given[first.removeprefix("inputs.")]
        assert first.startswith("steps.")
        return sys.executable

    variables = {key: EXPRESSION.sub(lambda each: value(each[1]), text) for key, text in found["env"].items()}
    environment = step.environment() | {"GITHUB_TOKEN": ""} | {"GITHUB_ACTION_PATH": str(ROOT)} | variables
    return subprocess.run(  # the runner starts `shell: bash` like this
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]],
        env={"PATH": "/usr/bin:/bin"} | environment,
        cwd=step.folder,
        capture_output=True,
        text=True,
        check=False,
    )


HOSTILE = "$(touch pwned) `touch pwned` \"; touch pwned; '"


def test_finds_reviews_and_comments(step: Step, github: GitHub) -> None:
    from tests.unit.github.test_review import READ, WRITE, template

    sides = {
        "base": template(step.folder / "base.json", READ),
        "head": template(step.folder / "head.json", READ, WRITE),
    }
    assert played("find", step).returncode == 0
    reviewed = played("review", step, **sides)
    assert (reviewed.returncode, reviewed.stderr) == (0, "")
    commented = played("comment", step)
    assert (commented.returncode, commented.stderr) == (0, "")
    assert step.outputs["number"] == "7"
    assert "s3:PutObject" in github.comments[0]["body"]
    assert github.labels == ["access: widens", "access: write"]


@pytest.mark.parametrize("name", ["check", "review"])
def test_a_hostile_input_is_never_run(step: Step, name: str) -> None:
    done = played(name, step, paths=HOSTILE, base=HOSTILE, head=HOSTILE, baseline=HOSTILE, approvers=HOSTILE)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert not (step.folder / "pwned").exists()


def test_what_holds_a_token_needs_no_installed_package(step: Step, github: GitHub) -> None:
    # `-S` leaves out all installed packages.
    command = [sys.executable, "-S", "-P", "-m", "keywright.github", "find"]
    done = subprocess.run(
        command,
        env=step.environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert github.asked == ["GET pulls"]


def pins(file: Path) -> dict[str, list[str]]:
    """Give each pinned package with its hashes."""
    found = re.findall(r"^([\w.-]+==\S+).*((?:\n +--hash=\S+(?: \\)?)+)", file.read_text(), re.MULTILINE)
    return {package: re.findall(r"--hash=(\S+)", hashes) for package, hashes in found}


def test_the_action_installs_what_the_tests_ran_with() -> None:
    installed = pins(ROOT / ".github" / "action" / "requirements.txt")
    assert len(installed) > 20
    assert installed.items() <= pins(ROOT / "requirements.txt").items(), "run `make lock`"
