"""What has ended: `validate` refuses it unless it is kept on purpose, and no deployment is refused or gives access by it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from keywright.model.in_force import in_force
from keywright.model.reading import Reading, read
from keywright.reporting.finding import Severity
from tests.unit.model.folders import BASE, TODAY

WITH_SETS = """\
identity_center:
  instance: arn:aws:sso:::instance/ssoins-1234567890abcdef
  identity_store: d-1234567890
  groups: {writers: {id: 12345678-1234-1234-1234-123456789012}}
permission_sets:
  Write: {grants: [{s3: [read], bucket: reports}]}
  Read: {grants: [{s3: [read], bucket: reports}]UNTIL1}
assignments:
  - {permission_set: Read, groups: [writers]}
  - {permission_set: Write, groups: [writers]UNTIL2}
"""
ENDS = {
    "a user": "users: {erin: {person: {email: e@acme.example}, UNTIL}}",
    "a membership": "users: {erin: {person: {email: e@acme.example}, groups: [{name: analysts, UNTIL}]}}",
    "a grant of a bucket": "groups: {readers: {grants: [{s3: [read], bucket: reports, UNTIL}]}}",
    "a grant of a service": (
        "groups: {readers: {grants: [{allow: {service: athena, levels: [read], resources: [workgroup/x]}, UNTIL}]}}"
    ),
    "a grant of a statement": (
        "groups: {readers: {grants: [{statement: {effect: allow, actions: ['s3:GetObject'],"
        " resources: ['arn:aws:s3:::x/y']}, because: it has no level, UNTIL}]}}"
    ),
    "a grant of a role": (
        "groups: {readers: {grants: [{assume: 'arn:aws:iam::222222222222:role/x', mfa: {within: 1h}, UNTIL}]}}"
    ),
    "a grant of a shell": (
        "workloads: {web: {ec2: {launch: none}, sessions: true}}\n"
        "groups: {readers: {grants: [{session_on: web, because: somebody must look, UNTIL}]}}"
    ),
    "a role": "roles: {guest: {trusts: [{group: analysts}], UNTIL}}",
    "a trust": "roles: {guest: {trusts: [{account: '222222222222', external_id: x-1, UNTIL}, {group: analysts}]}}",
    "a workload": "workloads: {web: {ec2: {launch: none}, UNTIL}}",
    "a permission set": WITH_SETS.replace("UNTIL1", ", UNTIL").replace("UNTIL2", ""),
    "an assignment": WITH_SETS.replace("UNTIL1", "").replace("UNTIL2", ", UNTIL"),
}
ENDED = "until: 2026-11-23"
KEPT = f"{ENDED}, kept: it comes back in spring"


def reading(text: str, dates: Severity = Severity.WARNING) -> Reading:
    with TemporaryDirectory() as name:
        Path(name, "base.yaml").write_text(BASE)
        Path(name, "case.yaml").write_text(text)
        return read(Path(name), TODAY, locked=False, dates=dates)


def severities(found: Reading) -> list[str]:
    return [each.severity for each in found.findings if each.severity is not Severity.ADVICE]


@pytest.mark.parametrize("thing", ENDS)
def test_what_has_ended_is_an_error_where_nothing_is_deployed(thing: str) -> None:
    text = ENDS[thing].replace("UNTIL", ENDED)
    assert severities(reading(text, Severity.ERROR)) == [Severity.ERROR]
    (found,) = [each for each in reading(text, Severity.ERROR).findings if each.severity is Severity.ERROR]
    assert found.message.endswith(" expired")
    assert found.found == "`until: 2026-11-23`, today is 2026-11-24"


@pytest.mark.parametrize("thing", ENDS)
def test_what_has_ended_never_refuses_a_deployment(thing: str) -> None:
    found = reading(ENDS[thing].replace("UNTIL", ENDED))
    assert severities(found) == [Severity.WARNING]
    assert found.declarations is not None


@pytest.mark.parametrize("thing", ENDS)
@pytest.mark.parametrize("dates", [Severity.WARNING, Severity.ERROR])
def test_what_is_kept_on_purpose_is_accepted(thing: str, dates: Severity) -> None:
    assert severities(reading(ENDS[thing].replace("UNTIL", KEPT), dates)) == []


@pytest.mark.parametrize("thing", ENDS)
def test_what_is_kept_has_no_effect(thing: str) -> None:
    """The declarations in force are those of what has ended without being kept."""
    ended, kept = (reading(ENDS[thing].replace("UNTIL", until)) for until in (ENDED, KEPT))
    assert ended.declarations is not None
    assert kept.declarations is not None
    in_force_now = in_force(kept.declarations, TODAY).declarations
    left = in_force(ended.declarations, TODAY).declarations
    # A trust and a workload stay, with a condition and without access; everything else is gone.
    dumped = in_force_now.model_dump_json().replace('"it comes back in spring"', "null")
    assert dumped == left.model_dump_json()


@pytest.mark.parametrize("thing", ENDS)
def test_a_last_day_of_today_or_later_is_no_mistake(thing: str) -> None:
    for until in (f"until: {TODAY}", "until: 2027-01-31", "until: 2027-01-31, kept: it comes back in spring"):
        assert severities(reading(ENDS[thing].replace("UNTIL", until), Severity.ERROR)) == []


@pytest.mark.parametrize("thing", ENDS)
def test_a_reason_to_keep_what_does_not_end_is_refused(thing: str) -> None:
    found = reading(ENDS[thing].replace("UNTIL", "kept: it comes back in spring"))
    assert [each.message for each in found.findings if each.severity is Severity.ERROR] == [
        "`kept` is for what has ended, and this has no end"
    ]


FUTURE = """\
users:
  scanner:
    application: {because: it cannot assume a role, review: 2027-05-01, considered: true}
    access_keys: [{serial: 1, issued: 2027-11-01STATUS}]
"""


@pytest.mark.parametrize("status", ["", ", status: inactive"])
def test_a_key_of_the_future_is_an_error_where_nothing_is_deployed(status: str) -> None:
    text = FUTURE.replace("STATUS", status)
    assert severities(reading(text)) == [Severity.WARNING]
    (found,) = reading(text, Severity.ERROR).findings
    assert found.severity is Severity.ERROR
    assert found.message == "key 1 of user `scanner` has an issue date in the future"


def test_a_key_of_tomorrow_may_be_of_another_time_zone() -> None:
    text = FUTURE.replace("STATUS", "").replace("2027-11-01", date(2026, 11, 25).isoformat())
    assert severities(reading(text, Severity.ERROR)) == []
