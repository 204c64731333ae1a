"""One faulty app through every entry point: synthesis, `keywright check`, pytest and pre-commit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from ruamel.yaml import YAML
from typer.testing import CliRunner

from keywright.cli.main import app as command_line
from keywright.guardrails.cdk.plugin import attach, conclude
from keywright.guardrails.testing import assert_least_privilege
from keywright.guardrails.verdict import report

if TYPE_CHECKING:
    from collections.abc import Callable

Found = set[tuple[str, str]]
"""A finding as its rule and the logical id of what it is about."""

EXPECTED: Found = {
    ("TRU001", "Everyone"),
    ("LIF001", "Everyone"),
    ("TRU002", "Vendor"),
    ("LIF001", "Vendor"),
    ("TRU001", "Nested"),
    ("LIF001", "Nested"),
}


def role(scope: Any, name: str, principal: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.CfnRole(scope, name, assume_role_policy_document=document)


def faulty(folder: Path) -> cdk.App:
    """Make an app with a fault in a stack, one in a stage's stack, and one in a nested stack."""
    app = cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False, analytics_reporting=False)
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    first = cdk.Stack(app, "First", env=env)
    role(first, "Everyone", "*")
    role(cdk.NestedStack(first, "Inner"), "Nested", "*")
    role(cdk.Stack(cdk.Stage(app, "Prod"), "Second", env=env), "Vendor", "arn:aws:iam::222222222222:root")
    return app


def in_synth(app: cdk.App, _root: Path) -> Found:
    attach(app, packs=[])
    assert conclude(app) == 1
    return {(each.rule, each.resource) for each in report(_folder(app)).findings}


def by_check(app: cdk.App, _root: Path) -> Found:
    app.synth()
    return _checked("check", str(_folder(app)))


def before_a_commit(app: cdk.App, root: Path) -> Found:
    """Give the hook the files that it asks for."""
    app.synth()
    hook = next(
        each
        for each in YAML(typ="safe").load((root / ".pre-commit-hooks.yaml").read_text())
        if each["id"] == "keywright-check"
    )
    files = [str(each) for each in sorted(_folder(app).rglob("*")) if re.search(hook["files"], str(each))]
    return _checked(*hook["entry"].split()[1:], *files)


def in_pytest(app: cdk.App, _root: Path) -> Found:
    with pytest.raises(AssertionError) as refused:
        assert_least_privilege(app, strict=True)
    lines = re.findall(r"(?:error|warning) (\w+): .*\n    at \S+ in (\w+)", str(refused.value))
    return set(lines)


def _folder(app: cdk.App) -> Path:
    return Path(app.outdir)


def _checked(*arguments: str) -> Found:
    answer = CliRunner().invoke(command_line, [*arguments, "--profile", "strict", "--format", "json"])
    assert answer.exit_code == 1
    return {(each["rule"], each["resource"]) for each in json.loads(answer.output)["findings"]}


@pytest.mark.parametrize(
    "entry_point",
    [
        pytest.param(in_synth, id="inside synth"),
        pytest.param(by_check, id="keywright check"),
        pytest.param(in_pytest, id="pytest"),
        pytest.param(before_a_commit, id="before a commit"),
    ],
)
def test_every_entry_point_reports_the_same(
    tmp_path: Path, root: Path, entry_point: Callable[[cdk.App, Path], Found]
) -> None:
    assert entry_point(faulty(tmp_path / "cdk.out"), root) == EXPECTED
