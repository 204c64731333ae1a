"""With only the account declared, no generated resource needs an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.stacks.guardrail_reports import checked_synthesis, faulty

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

EVERY_PACK = "AwsSolutions, NIST.800.53.R5, HIPAA.Security, PCI.DSS.321"


def test_every_pack_passes(root: Path, today: date, tmp_path: Path) -> None:
    folder = tmp_path / "access"
    folder.mkdir()
    account = f'account: {{id: "111111111111", region: eu-central-1, checks: [{EVERY_PACK}]}}\n'
    (folder / "account.yaml").write_text(account)
    assert faulty(checked_synthesis(folder, root, today, tmp_path / "cdk.out")["report"]) == set()
