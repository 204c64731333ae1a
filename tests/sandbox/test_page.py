"""The summary at the end of `make up`."""

from __future__ import annotations

from datetime import date
from io import StringIO
from itertools import pairwise

from rich.console import Console

from keywright.model.reading import read
from keywright.sandbox.up.page import show

ACCOUNT = 'account: {id: "012345678901", region: eu-central-1}\n'


def shown(folder, declared):
    (folder / "all.yaml").write_text(ACCOUNT + declared)
    reading = read(folder, date(2026, 11, 24))
    assert reading.findings == []
    page = Console(file=StringIO(), width=150)
    show(page, reading.declarations, proofs=())
    return page.file.getvalue().splitlines()


def test_no_instance_to_check_is_reported(tmp_path):
    lines = shown(tmp_path, "workloads: {web: {ec2: {launch: none}}}")
    assert lines[-2:] == [
        "Checks on the instances",
        "no workload launches an instance that can read a bucket",
    ]
    assert "Workloads on EC2 (a role, no access key)" in [line.strip() for line in lines]


def test_what_is_not_declared_has_no_table(tmp_path):
    lines = shown(
        tmp_path,
        """
identity_providers: {github: {oidc: github}}
roles: {ci: {trusts: [{github: acme/shop, ids: {owner: 1, repository: 2}, branch: main}]}}
""",
    )
    titles = [line for before, line in pairwise(lines) if not before]
    assert titles == ["Roles to assume", "First sign-in"]
