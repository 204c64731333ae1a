"""The hooks of .pre-commit-hooks.yaml work with the base install, as pre-commit makes it for `language: python`."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
import yaml


@pytest.fixture(scope="module")
def hooks(root):
    return {each["id"]: each for each in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())}


def run(installed, hook, *files):
    program, *words = shlex.split(hook["entry"])
    return installed.run(*words, *files, program=program)


def test_check_refuses_a_template(root, installed, hooks):
    for name in ("good", "bad"):
        shutil.copy(root / "tests" / "unit" / "github" / f"{name}.template.yaml", installed.folder)
    good = run(installed, hooks["keywright-check"], "good.template.yaml")
    assert (good.returncode, good.stderr) == (0, "")
    both = run(installed, hooks["keywright-check"], "good.template.yaml", "bad.template.yaml")
    assert both.returncode == 1
    assert "POL002" in both.stdout


def test_validate_reads_the_folder(root, installed, hooks):
    if not (installed.folder / "access").exists():
        shutil.copytree(root / "access", installed.folder / "access")
    hook = hooks["keywright-validate"]
    assert hook["pass_filenames"] is False
    done = run(installed, hook, "--today", "2026-11-24")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    "name", ["access.template.json", "templates/vpc.template.yaml", "a/template.yml", "x.template"]
)
def test_check_gets_templates(hooks, name):
    assert re.search(hooks["keywright-check"]["files"], name)


@pytest.mark.parametrize(
    "name", ["template.md", "package.json", "templates/readme.yaml", "my-template-notes.json"]
)
def test_check_gets_nothing_else(hooks, name):
    assert not re.search(hooks["keywright-check"]["files"], name)
