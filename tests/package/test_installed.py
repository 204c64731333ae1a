"""The wheel works outside the checkout, without the extras, and says what an extra is needed for."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.unit.cli.in_process import keywright

SYNTHESIS = "import sys; from access_stacks.app import main; sys.exit(main())"
CONSTRUCT = "from access_constructs.people.group import AccessGroup"
WITHOUT_CDK = 'the CDK is not installed; found no package `aws_cdk`; accepted: `pip install "keywright[cdk]"`'
WITHOUT_SANDBOX = (
    'the sandbox is not installed; found no package `ministack`; accepted: `pip install "keywright[sandbox]"`'
)
TEMPLATE = "test_is_as_reviewed[access-people][access-people].json"


@pytest.fixture(scope="module")
def here(root, installed):
    """The environment, whose folder has the sample's declarations and two versions of a template."""
    shutil.copytree(root / "access", installed.folder / "access")
    template = root / "tests/stacks/__snapshots__/test_templates" / TEMPLATE
    before = json.loads(template.read_text(encoding="utf-8"))
    (installed.folder / "before.template.json").write_text(json.dumps(before))
    after = {**before, "Resources": dict(list(before["Resources"].items())[:1])}
    (installed.folder / "after.template.json").write_text(json.dumps(after))
    return installed


def test_says_its_version(here, built_wheel):
    by_program = here.run("--version", program="keywright")
    by_module = here.run("-m", "keywright", "--version")
    assert by_program.stdout == by_module.stdout == f"keywright {built_wheel.name.split('-')[1]}\n"


def test_nothing_is_imported_from_the_checkout(here, root):
    printing = (
        "import keywright, access_stacks, sys; print(keywright.__file__, access_stacks.__file__, *sys.path)"
    )
    assert str(root) not in here.run("-c", printing).stdout


@pytest.mark.parametrize(
    "command",
    [
        "validate --today 2026-11-24",
        "schema",
        "lock --check",
        "onboard alice --today 2026-11-24",
        "check before.template.json",
        "review before.template.json after.template.json",
        "explain user/alice before.template.json",
        "can user/alice s3:GetObject arn:aws:s3:::acme/key before.template.json",
        "who-can iam:CreateUser * before.template.json",
        "escalations before.template.json",
        "map before.template.json",
        "compliance before.template.json --today 2026-11-24",
        "unknown",
    ],
)
def test_answers_as_in_the_checkout(here, command):
    """The checkout has the pinned versions of the dependencies, this environment the lowest."""
    wanted = keywright(*command.split(), folder=here.folder, environment={"NO_COLOR": "1"})
    done = here.run("-m", "keywright", *command.split())
    shown = (done.returncode, done.stdout, done.stderr)
    assert shown == (wanted.returncode, wanted.stdout.decode(), wanted.stderr.decode())


def test_verify_has_its_dependencies(here):
    done = here.run("-m", "keywright", "verify")
    assert (done.returncode, "credentials" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param(["-c", SYNTHESIS], 2, WITHOUT_CDK, id="synthesis"),
        pytest.param(["-c", CONSTRUCT], 1, f"ImportError: {WITHOUT_CDK}", id="construct"),
        pytest.param(["-m", "keywright", "up"], 2, WITHOUT_SANDBOX, id="up"),
    ],
)
def test_missing_extra_is_named(here, words, code, message):
    done = here.run(*words)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (code, message)
    assert code == 1 or "Traceback" not in done.stderr


def test_nothing_of_the_sandbox_is_left_by_down(here):
    done = here.run("-m", "keywright", "down")
    assert (done.returncode, done.stderr) == (0, "")


def test_old_python_is_refused_in_a_sentence(here):
    program = "import sys, runpy; sys.version_info = (3, 10, 13); runpy.run_module('keywright', run_name='__main__')"
    done = here.run("-c", program)
    wanted = "keywright needs a newer Python; found 3.10.13; accepted: 3.11 and newer\n"
    assert (done.returncode, done.stderr) == (2, wanted)
