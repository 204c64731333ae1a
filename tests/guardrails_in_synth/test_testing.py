"""The guardrails in tests and as pre-commit hooks: the same findings as `keywright check`."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template
from ruamel.yaml import YAML
from typer.testing import CliRunner

from keywright.cli.main import COMMANDS
from keywright.cli.main import app as command_line
from keywright.guardrails.testing import assert_least_privilege

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def new_app(folder: Path) -> cdk.App:
    return cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False, analytics_reporting=False)


class Reader(cdk.Stack):
    """A stack with one role and its trusted principal."""

    def __init__(self, scope: Any, name: str, *, trusts: str) -> None:
        super().__init__(scope, name, env=cdk.Environment(account="111111111111", region="eu-central-1"))
        self.role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document={
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"AWS": trusts}, "Action": "sts:AssumeRole"}],
            },
        )


OWN, OTHER = f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:root", "arn:aws:iam::222222222222:root"
SUBJECTS: dict[str, Callable[[Reader], Any]] = {
    "stack": lambda stack: stack,
    "app": lambda stack: stack.node.root,
    "template": Template.from_stack,
    "mapping": lambda stack: Template.from_stack(stack).to_json(),
    "folder": lambda stack: stack.node.root.synth().directory,  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("of", [pytest.param(each, id=name) for name, each in SUBJECTS.items()])
def test_accepts_least_privilege(tmp_path: Path, of: Callable[[Reader], Any]) -> None:
    assert_least_privilege(of(Reader(new_app(tmp_path), "Own", trusts=OWN)))


@pytest.mark.parametrize("of", [pytest.param(each, id=name) for name, each in SUBJECTS.items()])
def test_fails_with_the_report(tmp_path: Path, of: Callable[[Reader], Any]) -> None:
    subject = of(Reader(new_app(tmp_path), "Vendor", trusts=OTHER))
    with pytest.raises(
        AssertionError,
        match=r"error TRU002: role `.*` trusts another account without an external ID, MFA or organization condition",
    ):
        assert_least_privilege(subject)


def test_checks_a_stack(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    own, other = Reader(app, "Own", trusts=OWN), Reader(app, "Vendor", trusts=OTHER)
    assert_least_privilege(own)
    with pytest.raises(AssertionError, match="TRU002"):
        assert_least_privilege(other)


def test_checks_the_stacks_of_a_stage(tmp_path: Path) -> None:
    stage = cdk.Stage(new_app(tmp_path), "Prod")
    Reader(stage, "Vendor", trusts=OTHER)
    with pytest.raises(AssertionError, match="TRU002"):
        assert_least_privilege(stage)


def test_checks_nested_stacks_with_their_stack(tmp_path: Path) -> None:
    stack = Reader(new_app(tmp_path), "Own", trusts=OWN)
    nested = cdk.NestedStack(stack, "Inner")
    trust = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    iam.CfnRole(nested, "Open", assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]})
    with pytest.raises(AssertionError, match="TRU001"):
        assert_least_privilege(stack)


def test_warnings_fail_in_strict_mode(tmp_path: Path) -> None:
    stack = Reader(new_app(tmp_path), "Own", trusts=OWN)
    with pytest.raises(AssertionError, match="warning LIF001"):
        assert_least_privilege(stack, strict=True)


def test_applies_exceptions(tmp_path: Path) -> None:
    file = tmp_path / "accepted.yaml"
    file.write_text(
        "exceptions:\n  - {rule: TRU002, on: Vendor/Role, finding: account 222222222222, because: it is meant, owner: me, "
        "until: 2027-01-31}\n"
    )
    stack = Reader(new_app(tmp_path / "out"), "Vendor", trusts=OTHER)
    assert_least_privilege(stack, exceptions=file, today=date(2027, 1, 31))
    with pytest.raises(AssertionError, match="expired on 2027-01-31"):
        assert_least_privilege(stack, exceptions=file, today=date(2027, 2, 1))


def test_ignores_an_exception_for_another_stack(tmp_path: Path) -> None:
    file = tmp_path / "accepted.yaml"
    file.write_text(
        "exceptions:\n  - {rule: TRU002, on: Vendor/Role, finding: account 222222222222, because: it is meant, owner: me, "
        "until: 2027-01-31}\n"
    )
    app, today = new_app(tmp_path / "out"), date(2027, 1, 31)
    own, _ = Reader(app, "Own", trusts=OWN), Reader(app, "Vendor", trusts=OTHER)
    assert_least_privilege(own, exceptions=file, today=today)
    assert_least_privilege(app, exceptions=file, today=today)
    with pytest.raises(AssertionError, match="matches no finding"):
        assert_least_privilege(
            Reader(new_app(tmp_path / "o"), "Own", trusts=OWN).node.root, exceptions=file, today=today
        )


def test_unusable_input_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="there is no such file or folder"):
        assert_least_privilege(tmp_path / "nowhere")
    with pytest.raises(AssertionError, match=r"template\.json:1:1: the file is not a template"):
        assert_least_privilege({"Type": "AWS::IAM::Role"})


@pytest.mark.parametrize("subject", [None, 7, object()])
def test_an_argument_of_another_type_is_a_type_error(subject: Any) -> None:
    with pytest.raises(TypeError, match="accepted: an app, a stage, a stack, a template or a path"):
        assert_least_privilege(subject)


# Hooks before a commit


def hooks(root: Path) -> dict[str, dict[str, Any]]:
    listed = YAML(typ="safe").load((root / ".pre-commit-hooks.yaml").read_text())
    return {each["id"]: each for each in listed}


def test_each_hook_runs_a_verb(root: Path) -> None:
    for hook in hooks(root).values():
        program, verb, *_ = hook["entry"].split()
        assert (program, hook["language"]) == ("keywright", "python")
        assert verb in COMMANDS


@pytest.mark.parametrize(
    ("name", "is_checked"),
    [
        ("template.yaml", True),
        ("infra/template.yml", True),
        ("cdk.out/access.template.json", True),
        ("old/network.template", True),
        ("my-template.yaml", True),
        ("package.json", False),
        ("templates.json", False),
        ("template.html", False),
    ],
)
def test_a_hook_matches_templates_only(root: Path, name: str, is_checked: bool) -> None:
    assert bool(re.search(hooks(root)["keywright-check"]["files"], name)) is is_checked


def test_the_hook_refuses_what_check_refuses(root: Path, tmp_path: Path) -> None:
    _, *arguments = hooks(root)["keywright-check"]["entry"].split()
    codes = []
    for name, who in (("own", OWN), ("other", OTHER)):
        path = tmp_path / f"{name}.template.json"
        stack = Reader(new_app(tmp_path / name), "S", trusts=who)
        path.write_text(json.dumps(Template.from_stack(stack).to_json()))
        codes.append(CliRunner().invoke(command_line, [*arguments, str(path)]).exit_code)
    assert codes == [0, 1]
