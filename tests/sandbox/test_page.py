"""The summary at the end of `make up`."""

from __future__ import annotations

from datetime import date
from io import StringIO

from rich.console import Console

from keywright.model.reading import read
from keywright.sandbox.up.page import show


def test_no_instance_to_check_is_reported(tmp_path):
    (tmp_path / "account.yaml").write_text('account: {id: "012345678901", region: eu-central-1}')
    declarations = read(tmp_path, date(2026, 11, 24)).declarations
    page = Console(file=StringIO(), width=120)
    show(page, declarations, proofs=())
    *_, title, text = page.file.getvalue().splitlines()
    assert title == "Checks on the instances"
    assert text == "no workload launches an instance that can read a bucket"
