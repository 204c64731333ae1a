"""Delegations: what is refused, and where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read

HEAD = """\
account: {id: "111111111111", region: eu-central-1, password_policy: {}, break_glass: role/rescue, handover: helpers}
groups: {helpers: {}, leads: {}, old: {existing: true}}
buckets: {reports: {}}
roles:
  rescue:
    trusts: [{group: helpers}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
users:
  dora: {person: {email: dora@acme.example}, groups: [helpers], console: true}
delegations:
"""
GRANTS = "grants: [{s3: [read], bucket: reports}]"


@pytest.mark.parametrize(
    ("delegation", "line"),
    [
        pytest.param(
            f"{{to: [group/lead], {GRANTS}}}",
            "11:17: group `lead` is not declared; found `group/lead`; accepted: `group/leads`, `group/old`, `group/helpers`",
            id="a misspelled group",
        ),
        pytest.param(
            f"{{to: [user/dora], {GRANTS}}}",
            "11:17: item 1 of `to` of delegation `team-a` is not a delegate; found `user/dora`; "
            "accepted: `group/` or `role/` and its name",
            id="a person by itself",
        ),
        pytest.param(
            f"{{to: [group/old], {GRANTS}}}",
            (
                "11:17: existing `group/old` would need a policy to create roles by delegation "
                "`team-a`; found `group/old`; accepted: a group without `existing`"
            ),
            id="a group that exists",
        ),
        pytest.param(
            f"{{to: [role/rescue], {GRANTS}}}",
            (
                "11:17: delegation `team-a` names the break-glass role, which can create roles "
                "anyway; found `role/rescue`; accepted: another role, or a group"
            ),
            id="the break-glass",
        ),
        pytest.param(
            f"{{to: [group/leads, group/leads], {GRANTS}}}",
            (
                "11:30: `to` of delegation `team-a` lists an item twice; found `group/leads`; "
                "accepted: each once"
            ),
            id="an item twice",
        ),
        pytest.param(
            "{to: [group/leads], grants: []}",
            "11:31: `grants` of delegation `team-a` is empty; found nothing; accepted: at least 1",
            id="nothing",
        ),
        pytest.param(
            "{to: [group/leads], grants: [{s3: [read], bucket: reports, prefix_by: {tag: team}}]}",
            (
                "11:40: a grant of delegation `team-a` depends on a principal tag, which its roles "
                "can't have; found a tag; accepted: a prefix, or resources by name"
            ),
            id="by tag",
        ),
        pytest.param(
            "{to: [group/leads], grants: [{allow: {service: s9, levels: [read]}}]}",
            "11:58: no AWS service has this prefix; found `s9`; accepted: `s3`",
            id="no service",
        ),
    ],
)
def test_refuses(tmp_path, monkeypatch, delegation, line):
    monkeypatch.chdir(tmp_path)
    Path("access").mkdir()
    Path("access/all.yaml").write_text(f"{HEAD}  team-a: {delegation}\n")
    found = read(Path("access"), date(2026, 11, 24)).findings
    assert [str(each) for each in found] == [f"access/all.yaml:{line}"]
