"""What `make up` ends with."""

from __future__ import annotations

from datetime import date
from io import StringIO

from rich.console import Console

from keywright.model.reading import read
from sandbox.up.page import show


def test_no_instance_to_ask_is_said(tmp_path):
    (tmp_path / "account.yaml").write_text('account: {id: "012345678901", region: eu-central-1}')
    declarations = read(tmp_path, date(2026, 11, 24)).declarations
    page = Console(file=StringIO(), width=120)
    show(page, declarations, proofs=())
    *_, title, said = page.file.getvalue().splitlines()
    assert title == "Proof from the instance itself"
    assert said == "no workload here launches an instance that may read a bucket, so none is asked"
