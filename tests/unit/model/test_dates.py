from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.reporting.finding import Severity

BASE = """\
account: {id: "111111111111", region: eu-central-1, password_policy: {}, handover: helpers, break_glass: role/rescue}
groups: {analysts: {}, helpers: {}}
roles:
  rescue:
    trusts: [{group: helpers}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
buckets: {reports: {}}
users:
  dora: {person: {email: dora@acme.example}, groups: [helpers], console: true}
"""
ALICE = "users:\n  alice:\n    person: {email: alice@acme.example}\n"
SCANNER = "users:\n  scanner:\n    application: {because: it cannot assume a role, review: 2027-05-01}\n"
TWO_KEYS = (
    SCANNER
    + "    access_keys:\n      - {serial: 2, issued: 2026-11-10}\n      - {serial: 1, issued: 2026-09-01}\n"
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()
    Path("access/base.yaml").write_text(BASE)


def reading_of(text, day):
    Path("access/case.yaml").write_text(text)
    return read(Path("access"), date.fromisoformat(day))


@pytest.mark.parametrize(
    ("text", "last_day", "next_day", "line"),
    [
        pytest.param(
            ALICE + "    until: 2027-01-31\n",
            "2027-01-31",
            "2027-02-01",
            "4:12: user `alice` expired; found `until: 2027-01-31`, today is 2027-02-01; "
            "accepted: its removal: delete it from line 2 on; or `kept` with the reason why it stays",
            id="a user",
        ),
        pytest.param(
            ALICE + "    groups:\n      - {name: analysts, until: 2027-01-31}\n",
            "2027-01-31",
            "2027-02-01",
            "5:33: membership of user `alice` in group `analysts` expired; found `until: 2027-01-31`, "
            "today is 2027-02-01; accepted: its removal: delete it from line 5 on; or `kept` with the reason why it stays",
            id="a membership",
        ),
        pytest.param(
            "groups:\n  readers:\n    grants:\n      - {s3: [read], bucket: reports, until: 2027-01-31}\n",
            "2027-01-31",
            "2027-02-01",
            "4:46: grant 1 of group `readers` expired; found `until: 2027-01-31`, today is 2027-02-01; "
            "accepted: its removal: delete it from line 4 on; or `kept` with the reason why it stays",
            id="a grant",
        ),
        pytest.param(
            "workloads:\n  trial:\n    ec2: {launch: none}\n    until: 2027-01-31\n",
            "2027-01-31",
            "2027-02-01",
            "4:12: workload `trial` expired; found `until: 2027-01-31`, today is 2027-02-01; "
            "accepted: a later day, or no workload: delete it from line 2 on, which also deletes its instance; or `kept` with the reason why it stays",
            id="a workload",
        ),
        pytest.param(
            SCANNER,
            "2027-05-01",
            "2027-05-02",
            (
                "3:61: the review of application `scanner` is overdue; found `2027-05-01`; accepted: "
                "a later date, after checking that a role still can't replace the user"
            ),
            id="a review",
        ),
        pytest.param(
            SCANNER + "    access_keys: [{serial: 3, issued: 2026-11-01}]\n",
            "2027-01-30",
            "2027-01-31",
            "4:39: key 3 of user `scanner` is 91 days old; found `2026-11-01`; "
            "accepted: at most 90 days: `keywright rotate scanner`",
            id="an old key",
        ),
        pytest.param(
            SCANNER.replace("}", ", maximum_age: {days: 100, because: the hall is far away}}")
            + "    access_keys: [{serial: 3, issued: 2026-11-01}]\n",
            "2027-02-09",
            "2027-02-10",
            "4:39: key 3 of user `scanner` is 101 days old; found `2026-11-01`; "
            "accepted: at most 100 days: `keywright rotate scanner`",
            id="an old key that may be older than others",
        ),
        pytest.param(
            TWO_KEYS,
            "2026-11-17",
            "2026-11-18",
            (
                "6:18: user `scanner` has two active keys for longer than 7 days; found key 1, and "
                "key 2 issued 2026-11-10; accepted: `status: inactive` for key 1 as of 2026-11-18"
            ),
            id="an overlap",
        ),
    ],
)
def test_a_date_in_the_past_is_a_warning(text, last_day, next_day, line):
    before = reading_of(text, last_day)
    assert [each for each in before.findings if each.severity is not Severity.ADVICE] == []
    after = reading_of(text, next_day)
    assert [str(finding) for finding in after.findings] == [f"access/case.yaml:{line}"]
    assert after.findings[0].severity is Severity.WARNING
    assert after.declarations is not None


@pytest.mark.parametrize(
    ("day", "messages"),
    [
        pytest.param("2027-01-15", [], id="in time"),
        pytest.param(
            "2027-01-16", ["key 3 of user `scanner` will be too old in 15 days"], id="two weeks before"
        ),
        pytest.param("2027-01-30", ["key 3 of user `scanner` will be too old in 1 days"], id="the last day"),
    ],
)
def test_warns_of_an_old_key(day, messages):
    found = reading_of(SCANNER + "    access_keys: [{serial: 3, issued: 2026-11-01}]\n", day).findings
    assert [(each.message, each.severity) for each in found] == [(each, Severity.ADVICE) for each in messages]


EXCEPTION = "exceptions:\n  - {rule: TRU004, on: role/rescue, because: it is as it is, until: 2027-06-30}\n"


@pytest.mark.parametrize(
    ("day", "severity", "line"),
    [
        (
            "2027-06-16",
            Severity.ADVICE,
            (
                "2:69: exception to TRU004 on `role/rescue` expires in 14 days, and its finding "
                "comes back; found `until: 2027-06-30`; accepted: the cause removed by that day"
            ),
        ),
        (
            "2027-06-30",
            Severity.ADVICE,
            (
                "2:69: exception to TRU004 on `role/rescue` expires in 0 days, and its finding "
                "comes back; found `until: 2027-06-30`; accepted: the cause removed by that day"
            ),
        ),
        (
            "2027-07-01",
            Severity.WARNING,
            (
                "2:69: exception to TRU004 on `role/rescue` expired; found `until: 2027-06-30`, today is 2027-07-01; "
                "accepted: its removal: delete it from line 2 on"
            ),
        ),
    ],
)
def test_warns_before_an_exception_expires(day, severity, line):
    assert reading_of(EXCEPTION, "2027-06-15").findings == []
    (finding,) = reading_of(EXCEPTION, day).findings
    assert finding.severity is severity
    assert str(finding) == f"access/case.yaml:{line}"


def test_warns_of_a_key_issued_in_the_future():
    (finding,) = reading_of(
        SCANNER + "    access_keys: [{serial: 1, issued: 2072-11-01}]\n", "2026-11-24"
    ).findings
    assert str(finding) == (
        "access/case.yaml:4:39: key 1 of user `scanner` has an issue date in the future; found "
        "`2072-11-01`, today is 2026-11-24; accepted: the day of its deployment"
    )


@pytest.mark.parametrize(("status", "warned"), [("active", True), ("inactive", False)])
def test_gives_no_warning_for_an_inactive_key(status, warned):
    text = TWO_KEYS.replace("issued: 2026-09-01", f"issued: 2026-01-01, status: {status}")
    assert bool(reading_of(text, "2026-11-24").findings) is warned


def declarations_on(text, day):
    declarations = reading_of(text, day).declarations
    assert declarations is not None
    return in_force(declarations, date.fromisoformat(day)).declarations


def test_declarations_in_force_omit_what_has_expired():
    text = (
        ALICE
        + "    groups: [analysts, {name: helpers, until: 2027-01-31}]\n"
        + "  bob:\n    person: {email: bob@acme.example}\n    until: 2027-01-31\n"
        + "groups:\n  readers:\n    grants:\n"
        + "      - {s3: [read], bucket: reports, until: 2027-01-31}\n      - {s3: [list], bucket: reports}\n"
        + "exceptions:\n  - {rule: TRU004, on: role/rescue, because: it is as it is, until: 2027-01-31}\n"
    )
    on_its_last_day = declarations_on(text, "2027-01-31")
    assert on_its_last_day == reading_of(text, "2027-01-31").declarations
    now = declarations_on(text, "2027-02-01")
    assert sorted(now.users) == ["alice", "dora"]
    assert [membership.name for membership in now.users["alice"].groups] == ["analysts"]
    assert [grant.s3 for grant in now.groups["readers"].grants] == [("list",)]
    assert now.exceptions == ()


def test_declarations_in_force_are_complete_again_at_an_earlier_date():
    text = ALICE + "    until: 2027-01-31\n"
    declarations = reading_of(text, "2027-06-01").declarations
    assert declarations is not None
    assert in_force(declarations, date(2027, 1, 1)).declarations is declarations


def test_warnings_name_lines_where_the_places_are_known():
    reading = reading_of(ALICE + "    until: 2027-01-31\n", "2027-02-01")
    (warning,) = in_force(reading.declarations, date(2027, 2, 1), reading.places).warnings
    assert [warning] == reading.findings
