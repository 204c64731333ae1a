"""The templates are those that were reviewed, the guardrails find nothing, and invariants hold."""

import difflib
import json
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT, synthesize

GOLDEN = ROOT / "tests" / "golden"
BROKEN_INVARIANT = """
groups:
  newcomers:
    grants:
      - statement: {effect: allow, actions: ["iam:CreateUser"], resources: ["*"]}
        because: this group exists in a test only
        wildcards: this group exists in a test only
"""


def keywright(*words):
    done = subprocess.run(
        [sys.executable, "-m", "keywright", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)


def without_metadata(template):
    """Give a template as text, without what only the CDK reads."""
    resources = {
        name: {key: value for key, value in resource.items() if key != "Metadata"}
        for name, resource in template["Resources"].items()
    }
    return json.dumps({**template, "Resources": resources}, indent=2, sort_keys=True) + "\n"


def test_the_declarations_have_no_mistakes():
    keywright("validate", "--strict")


def test_the_guardrails_find_nothing(assembly):
    keywright("check", str(assembly), "--strict")


def test_the_templates_are_as_reviewed(assembly, pytestconfig):
    made = {
        file.name: without_metadata(json.loads(file.read_text())) for file in assembly.glob("*.template.json")
    }
    if pytestconfig.getoption("update"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        GOLDEN.mkdir()
        for name, text in made.items():
            (GOLDEN / name).write_text(text)
    reviewed = {file.name: file.read_text() for file in GOLDEN.glob("*.json")}
    changes = [
        line
        for name in sorted(made.keys() | reviewed.keys())
        for line in difflib.unified_diff(
            reviewed.get(name, "").splitlines(),
            made.get(name, "").splitlines(),
            f"tests/golden/{name}",
            name,
            lineterm="",
        )
    ]
    if changes:
        advice = "The templates differ from tests/golden. If this is what you want: make golden, and commit the difference."
        pytest.fail("\n".join([*changes, "", advice]), pytrace=False)


def test_a_broken_invariant_is_refused(tmp_path):
    access = tmp_path / "access"
    shutil.copytree(ROOT / "access", access)
    (access / "broken.yaml").write_text(BROKEN_INVARIANT)
    done = synthesize(access, tmp_path / "assembly")
    assert done.returncode == 1, done.stdout
    assert "INV001" in done.stdout
    assert "iam:CreateUser" in done.stdout
