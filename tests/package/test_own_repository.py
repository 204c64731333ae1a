"""From `keywright init` to a deployment and back, outside the checkout, with the built wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from keywright.sandbox.processes import server_processes
from keywright.sandbox.removal import remove

pytestmark = pytest.mark.e2e

OPTIONS = [
    "--account",
    "111111111111",
    "--region",
    "eu-central-1",
    "--name",
    "alice",
    "--email",
    "alice@acme.example",
]
BOB = "users:\n  bob: {person: {email: bob@acme.example}, groups: [administrators], console: true}\n"


def provide(packages, folder):
    """Link the files of pinned packages from this environment, so that pip has nothing to download."""
    for name in packages:
        found = distribution(name)
        for file in found.files or ():
            source, target = Path(str(found.locate_file(file))), folder / file
            if ".." not in file.parts and source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                link(source, target)


def link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def made(installed, built_wheel, tmp_path_factory):
    """A new repository, moved since; pip gets Keywright from the wheel and everything else is there."""
    there = tmp_path_factory.mktemp("there") / "acme"
    done = installed.run("-m", "keywright", "init", str(there), *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "requirements-keywright.txt names a file of this machine" in done.stdout
    requirement = there / "requirements-keywright.txt"
    version = built_wheel.name.split("-")[1]
    text, replaced = re.subn(
        r"^keywright @ file:.*$", f"keywright=={version}", requirement.read_text(), flags=re.MULTILINE
    )
    assert replaced == 1
    requirement.write_text(text)
    here = tmp_path_factory.mktemp("here") / "my access"
    there.rename(here)
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    pinned = re.findall(
        r"^([\w.-]+)==(?!.*sys_platform == 'win32')", (here / "requirements.txt").read_text(), re.MULTILINE
    )
    provide(pinned, here / ".venv" / "lib" / python / "site-packages")
    yield here
    list(remove(here / ".sandbox"))


@pytest.fixture(scope="module")
def run(made, built_wheel):
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "CDK_", "JSII_", "PYTHON", "NODE_OPTIONS", "PIP_")) and key != "CI"
    }
    # Without the folders of this environment, and without uv.
    environment = kept | {
        "PATH": os.defpath,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(built_wheel.parent),
        "PYTHON": sys.executable,
        "NO_COLOR": "1",
    }

    def run(*words):
        return subprocess.run(words, cwd=made, env=environment, capture_output=True, text=True, check=False)

    return run


def test_from_nothing_to_a_deployment_and_back(made, run):
    deployed = run("make", "up")
    if "npm: the package registry can't be reached" in deployed.stderr and os.environ.get("CI") != "true":
        pytest.skip("the package registry cannot be reached")
    assert deployed.returncode == 0, deployed.stderr
    assert "keywright/first-password/alice" in deployed.stdout
    tested = run("make", "test")
    assert tested.returncode == 0, tested.stdout
    assert "4 passed" in tested.stdout
    assert {file.name for file in (made / "tests/golden").iterdir()} > {"access-people.template.json"}

    people = made / "access/people.yaml"
    people.write_text(people.read_text().replace("users:\n", BOB))
    changed = run("make", "up")
    assert changed.returncode == 0, changed.stderr
    assert "keywright/first-password/bob" in changed.stdout
    tested = run("make", "test")
    assert tested.returncode == 2
    assert '+        "UserName": "bob"' in tested.stdout
    assert "If this is what you want: make golden, and commit the difference." in tested.stdout
    assert "1 failed, 3 passed" in tested.stdout

    assert run(".venv/bin/cdk", "synth", "--quiet").returncode == 0
    checked = run(".venv/bin/keywright", "check", "cdk.out", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("0 errors, 0 warnings, 0 undecided, 3 accepted in ")

    assert run("make", "down").returncode == 0
    assert not (made / ".sandbox").exists()
    assert server_processes(made / ".sandbox") == []
