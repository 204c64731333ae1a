"""`retiring:` is refused where it would lock everybody out, and its day is not in the future."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.model.sheets.sign_in import sign_in_sheet
from keywright.reporting.finding import Severity
from tests.unit.model.folders import TODAY, reading_of, report_of

RETIRING = "retiring: {since: 2026-11-20, because: not used since spring}"
USER = f"users: {{erin: {{person: {{email: e@acme.example}}, console: true, {RETIRING}}}}}"
ROLE = f"roles: {{guest: {{trusts: [{{group: analysts}}], {RETIRING}}}}}"


def refusals(text: str) -> list[str]:
    return [str(each).partition(": ")[2] for each in report_of(text) if each.severity is not Severity.ADVICE]


@pytest.mark.parametrize("text", [USER, ROLE], ids=["a user", "a role"])
def test_an_identity_that_is_retiring_stays_declared(text: str) -> None:
    reading = reading_of(text)
    assert reading.declarations is not None
    later = in_force(reading.declarations, date(2036, 1, 1)).declarations
    assert "erin" in later.users or "guest" in later.roles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            USER.replace("2026-11-20", "2026-11-26"),
            "user `erin` is retiring from a day in the future; found `2026-11-26`, today is 2026-11-24; "
            "accepted: the day of the deployment",
            id="a user in the future",
        ),
        pytest.param(
            ROLE.replace("2026-11-20", "2026-11-26"),
            "role `guest` is retiring from a day in the future; found `2026-11-26`, today is 2026-11-24; "
            "accepted: the day of the deployment",
            id="a role in the future",
        ),
        pytest.param(
            "users: {scan: {application: {because: it cannot assume a role, review: 2027-05-01}, "
            "access_keys: [{serial: 1, issued: 2026-11-01, status: inactive, since: 2026-12-01}]}}",
            "key 1 of user `scan` is inactive from a day in the future; found `2026-12-01`, today is 2026-11-24; "
            "accepted: the day of the deployment",
            id="a key in the future",
        ),
        pytest.param(
            "users: {scan: {application: {because: it cannot assume a role, review: 2027-05-01}, "
            "access_keys: [{serial: 1, issued: 2026-11-01, since: 2026-11-20}]}}",
            "`since` of an active key of user `scan` has no meaning; found `2026-11-20`; "
            "accepted: `status: inactive` with it, or no `since`",
            id="an active key with a day",
        ),
        pytest.param(
            f"users: {{erin: {{existing: true, {RETIRING}}}}}",
            "user `erin` exists already and is never changed; found `retiring`; "
            "accepted: `existing: true` without `retiring`",
            id="an existing user",
        ),
    ],
)
def test_refuses_what_cannot_be_meant(text: str, expected: str) -> None:
    assert expected in refusals(text)


def test_the_sign_in_sheet_says_that_everything_is_denied() -> None:
    declarations = reading_of(USER).declarations
    assert declarations is not None
    assert (
        "Everything is denied since 2026-11-20, because the user is retiring: not used since spring"
        in sign_in_sheet("erin", declarations)
    )


def test_the_break_glass_role_cannot_retire(root, tmp_path) -> None:
    shutil.copytree(root / "access", tmp_path / "access")
    file = tmp_path / "access/federation.yaml"
    file.write_text(file.read_text().replace("  break-glass:\n", f"  break-glass:\n    {RETIRING}\n"))
    found = [each.message for each in read(tmp_path / "access", TODAY).findings]
    assert "the break-glass role `break-glass` is retiring, and could do nothing in an emergency" in found
