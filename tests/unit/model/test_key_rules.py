"""Maximum age, readers and copies of access keys: what is refused, and where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read
from keywright.reporting.finding import Severity

HEAD = """\
account: {{id: "111111111111", region: eu-central-1, password_policy: {{}}, break_glass: role/rescue{more}}}
groups: {{helpers: {{}}, old: {{existing: true}}}}
roles:
  rescue:
    trusts: [{{group: helpers}}]
    policies: [{{managed: AdministratorAccess, because: somebody must be able to repair the account}}]
users:
  dora: {{person: {{email: dora@acme.example}}, groups: [helpers], console: true}}
  scanner:
    application: {{because: it cannot assume a role, review: 2027-05-01{settings}}}
    access_keys: [{{serial: 1, issued: 2026-11-20}}]
"""


def findings(tmp_path, monkeypatch, settings="", more=", handover: helpers"):
    monkeypatch.chdir(tmp_path)
    Path("access").mkdir()
    Path("access/all.yaml").write_text(HEAD.format(settings=settings, more=more))
    return read(Path("access"), date(2026, 11, 24)).findings


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        pytest.param(
            ", readers: [group/helper]",
            "10:83: group `helper` is not declared; found `group/helper`; accepted: `group/helpers`, `group/old`",
            id="a misspelled group",
        ),
        pytest.param(
            ", readers: [group/old]",
            (
                "10:83: existing `group/old` would need a policy to read the keys of user `scanner`; "
                "found `group/old`; accepted: a group without `existing`"
            ),
            id="a group that exists",
        ),
        pytest.param(
            ', readers: ["arn:aws:iam::222222222222:role/x"]',
            (
                "10:83: a reader of the keys of application `scanner` is in another account; found "
                "`arn:aws:iam::222222222222:role/x`; accepted: an ARN that begins with "
                "`arn:aws:iam::111111111111:`"
            ),
            id="somebody of another account",
        ),
        pytest.param(
            ", readers: [role/rescue, role/rescue]",
            (
                "10:96: `readers` of user `scanner` lists an item twice; found `role/rescue`; "
                "accepted: each once"
            ),
            id="an item twice",
        ),
        pytest.param(
            ", readers: [user/dora]",
            "10:83: item 1 of `readers` of user `scanner` is not a reader of keys; found `user/dora`; "
            "accepted: `group/` or `role/` and its name, or the ARN of a user or role of this account",
            id="a person by itself",
        ),
        pytest.param(
            ", maximum_age: {days: 60, because: the law wants a reason}",
            (
                "10:93: `maximum_age` of user `scanner` is not above the limit for all applications; "
                "found `60`; accepted: more than 90 days, or `maximum_age` under `access_keys` of "
                "the account"
            ),
            id="an age that needs no reason",
        ),
    ],
)
def test_refuses(tmp_path, monkeypatch, settings, line):
    assert [str(each) for each in findings(tmp_path, monkeypatch, settings)] == [f"access/all.yaml:{line}"]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        pytest.param(
            ", handover: helpers, access_keys: {replica: eu-central-1}",
            (
                "access keys of the account are replicated to their own region; found `eu-central-1`; "
                "accepted: another region, or no `replica`"
            ),
            id="a copy in the secret's own region",
        ),
        pytest.param(
            ", handover: helpers, access_keys: {replica: cn-north-1}",
            (
                "access keys of the account are replicated to another partition; found `cn-north-1`; "
                "accepted: a region of `aws`"
            ),
            id="a copy in another partition",
        ),
    ],
)
def test_refuses_in_an_account(tmp_path, monkeypatch, more, line):
    assert [str(each).split(": ", 1)[1] for each in findings(tmp_path, monkeypatch, more=more)] == [line]


def test_warns_of_a_key_without_readers(tmp_path, monkeypatch):
    found = findings(tmp_path, monkeypatch, more="")
    settings = [each for each in found if each.severity is Severity.WARNING]
    assert [str(each) for each in settings] == [
        (
            "access/all.yaml:10:5: nobody can read the keys of application `scanner`; found no "
            "`readers`, and no `handover` in the account; accepted: `readers` with a group or role, "
            "or `handover` with a group"
        )
    ]
