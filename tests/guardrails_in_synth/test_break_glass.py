"""What a synthesis of declarations says about the break-glass role, and that its suggestions work when they are copied."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from access_stacks import app
from keywright.cli.main import app as command_line
from tests.offered import completed, offered

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = """\
  break_glass:
    role: role/break-glass
    because: it repairs everything, the boundary too; it can be assumed only with MFA within 15 minutes
    until: 2027-06-30
"""
RULES = ["AwsSolutions-IAM4", "LIF001", "POL013"]


@pytest.fixture
def access(root: Path, tmp_path: Path) -> Path:
    """Copy the sample, with the name of the break-glass role alone and without exceptions."""
    access = shutil.copytree(root / "access", tmp_path / "access")
    account = (access / "account.yaml").read_text()
    assert ACCEPTED in account
    (access / "account.yaml").write_text(account.replace(ACCEPTED, "  break_glass: role/break-glass\n"))
    (access / "exceptions.yaml").unlink()
    return access


def synthesize(root: Path, access: Path, today: str = "2026-11-24") -> int:
    context = json.dumps({"access": str(access), "today": today})
    with chdir(root):
        return app.run({"CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(access.parent / "cdk.out")})


def rules(report: str) -> list[str]:
    lines = [line.split() for line in report.splitlines() if line.startswith("  error ")]
    return sorted(rule.removesuffix(":") for _, rule, *_ in lines)


def test_each_suggestion_accepts_its_finding(
    root: Path, access: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert synthesize(root, access) == 1
    report = capfd.readouterr().err
    assert rules(report) == [*RULES[:1], *RULES]
    suggestions = dict.fromkeys(offered(report))
    on_role, on_vendor = suggestions
    assert on_role == (
        "break_glass:\n"
        "  role: role/break-glass\n"
        "  because: # why the role has administrator access and no boundary\n"
        "  until: 2027-05-25\n"
    )
    assert "on: role/vendor\n" in on_vendor

    def write(on_role: str, on_vendor: str) -> None:
        account = access / "account.yaml"
        indented = "".join(f"  {line}\n" for line in on_role.splitlines())
        account.write_text(account.read_text().replace("  break_glass: role/break-glass\n", indented))
        (access / "exceptions.yaml").write_text(f"exceptions:\n{on_vendor}")

    write(on_role, on_vendor)
    refused = CliRunner().invoke(command_line, ["validate", str(access), "--today", "2026-11-24"])
    assert refused.exit_code == 1
    assert refused.output.count("`because` of") == 2
    shutil.copy(root / "access/account.yaml", access)
    write(*completed([on_role, on_vendor]))
    assert synthesize(root, access) == 0
    assert "0 errors, 0 warnings, 0 undecided, 4 accepted by declared exceptions" in capfd.readouterr().err


def test_its_findings_come_back_after_its_last_day(
    root: Path, access: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(root / "access/account.yaml", access)
    shutil.copy(root / "access/exceptions.yaml", access)
    assert synthesize(root, access, "2027-07-01") == 1
    report = capfd.readouterr().err
    assert rules(report) == [*RULES[:1], *RULES]
    assert "acceptance of the findings on `role/break-glass` expired; found `until: 2027-06-30`" in report
