"""The onboarding sheet for a new user: its text is a golden file and contains no secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

RUN = ["onboard", "--today", "2026-11-24"]


@pytest.mark.parametrize("user", ["alice", "scanner"])
def test_the_sheet_reads_as_reviewed(user: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    answer = CliRunner().invoke(app, [*RUN, user])
    assert answer.exit_code == 0, answer.output
    assert answer.output == (root / f"tests/golden/sheets/{user}.md").read_text()
    assert not re.search(r"AKIA[A-Z0-9]{16}|password: ", answer.output)


def test_suggests_the_nearest_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    answer = CliRunner().invoke(app, [*RUN, "alise"])
    assert answer.exit_code == 1
    assert "found `alise`; accepted: `alice`" in answer.output


def test_omits_expired_access(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    answer = CliRunner().invoke(app, ["onboard", "--today", "2027-03-01", "alice"])
    assert "operate" not in answer.output


DECLARED = """\
account: {id: "111111111111", region: eu-central-1, handover: operators}
groups:
  operators: {grants: [{assume: audit, account: "222222222222", mfa: {within: 15m}}]}
users:
  alice: {person: {email: a@acme.example}, console: true, cli: true, groups: [operators]}
roles:
  operate: {trusts: [{group: operators}], session: 4h}
"""


def test_a_profile_requests_the_longest_session_and_lists_other_accounts(tmp_path: Path) -> None:
    """The AWS CLI requests an hour unless the profile sets a duration."""
    (tmp_path / "all.yaml").write_text(DECLARED)
    printed = CliRunner().invoke(app, [*RUN, "alice", str(tmp_path)]).output
    profiles = [
        [line.strip() for line in each.splitlines() if "=" in line] for each in printed.split("[profile ")[1:]
    ]
    common = ["source_profile = default", "region = eu-central-1"]
    assert profiles == [
        ["role_arn = arn:aws:iam::111111111111:role/access/operate", "duration_seconds = 14400", *common],
        ["role_arn = arn:aws:iam::222222222222:role/access/audit", *common],
    ]
    assert "within the last 1h (`operate`), 15m (`audit-222222222222`)" in printed
