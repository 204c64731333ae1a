"""`adopted:` keeps a path for good; what it excepts has a reason and a last day, after which the findings come back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from keywright.model.accepted_findings import accepted_findings
from keywright.model.identity_arns import identity_arn, users_elsewhere
from keywright.model.in_force import in_force
from keywright.model.sheets.sign_in import sign_in_sheet
from keywright.reporting.finding import Severity
from tests.unit.cli.in_process import keywright
from tests.unit.model.folders import reading_of, report_of

if TYPE_CHECKING:
    from pathlib import Path

LATER = "mfa: later, because: she registers a device at the next visit, until: 2027-01-31"
ERIN = (
    "users: {{erin: {{person: {{email: e@acme.example}}, console: true{more}, adopted: {{path: /{kept}}}}}}}"
)
USER = ERIN.format(more="", kept="team/, boundary: none, " + LATER)
SCANNER = "application: {because: it cannot assume a role itself, review: 2027-05-01}"


def refusals(text: str) -> list[str]:
    return [str(each).partition(": ")[2] for each in report_of(text) if each.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            ERIN.format(more="", kept=", boundary: none"),
            "`boundary` of user `erin` needs a reason and a last day; found no `because`; "
            "accepted: `because` with the reason and `until` with the last day",
            id="no reason",
        ),
        pytest.param(
            ERIN.format(more="", kept=", until: 2027-01-31"),
            "`until` of user `erin` has nothing to explain; found no `boundary: none`, no `mfa: later`; "
            "accepted: no `until`",
            id="nothing to explain",
        ),
        pytest.param(
            ERIN.format(more="", kept="aws-reserved/"),
            "user `erin` is managed by AWS and can't be adopted; found `/aws-reserved/`; "
            "accepted: no declaration: AWS creates and changes it",
            id="a path of AWS",
        ),
        pytest.param(
            ERIN.format(more="", kept="team*/"),
            "`path` of user `erin` is not the IAM path of something that exists; found `/team*/`; "
            "accepted: `/`, or such as `/team/`: a slash at both ends, at most 512 characters",
            id="a pattern",
        ),
        pytest.param(
            ERIN.format(
                more=", cli: {session_token: {because: the laboratory has no browser}}", kept=", " + LATER
            ),
            "user `erin` can create access keys, and is not in the group of the MFA guard; "
            "found `mfa: later`; accepted: `mfa: required`, or no personal access keys",
            id="keys before MFA",
        ),
        pytest.param(
            f"users: {{scan: {{{SCANNER}, adopted: {{path: /, {LATER}}}}}}}",
            "user `scan` is an application, which has no MFA; found `mfa: later`; accepted: no `mfa`",
            id="an application with MFA",
        ),
        pytest.param(
            f"users: {{scan: {{{SCANNER}, access_keys: [{{serial: 1, issued: 2026-11-01}}], "
            "adopted: {path: /, access_keys: 2}}}",
            "user `scan` would have more access keys than IAM allows; found 2 from before and 1 declared; "
            "accepted: at most 2: delete one of the former keys first",
            id="too many keys",
        ),
        pytest.param(
            "groups: {old: {existing: true, adopted: {path: /}}}",
            "group `old` exists already and is never changed; found `adopted`; "
            "accepted: `existing: true` without `adopted`",
            id="an existing group",
        ),
        pytest.param(
            "workloads:\n  a: {ec2: {}, adopted: {path: /, role: web}}\n  b: {ec2: {}, adopted: {path: /, role: Web}}",
            "workload `b` keeps a role that workload `a` has; found `Web`; accepted: each in one declaration",
            id="a role declared twice",
        ),
    ],
)
def test_refuses_what_cannot_be_meant(text: str, expected: str) -> None:
    assert expected in refusals(text)


def test_the_findings_are_accepted_until_the_last_day() -> None:
    declarations = reading_of(USER).declarations
    assert declarations is not None
    assert [(each.rule, each.on, each.until) for each in accepted_findings(declarations)] == [
        ("LIF001", "user/erin", date(2027, 1, 31)),
        ("USR002", "user/erin", date(2027, 1, 31)),
    ]
    later = in_force(declarations, date(2027, 2, 1)).declarations
    assert not accepted_findings(later)
    # The identity stays as it is.
    adopted = later.users["erin"].adopted
    assert adopted is not None
    assert (adopted.path, adopted.boundary, adopted.mfa) == ("/team/", "none", "later")


def test_the_expired_acceptance_is_reported_at_its_line() -> None:
    (found,) = [
        each for each in report_of(USER.replace("2027-01-31", "2026-11-01")) if "adopted" in each.message
    ]
    assert (found.location.line, found.severity) == (1, Severity.WARNING)
    assert found.message == "acceptance of the findings on adopted user `erin` expired"
    assert found.accepted == "the account's boundary and MFA, or a later day after a review"


def test_an_adopted_identity_has_its_own_path_in_its_arn() -> None:
    declarations = reading_of(USER).declarations
    assert declarations is not None
    assert identity_arn(declarations, "user/erin") == "arn:aws:iam::111111111111:user/team/erin"
    assert users_elsewhere(declarations) == ("/team/erin",)


def test_the_exceptions_are_listed_at_their_line(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(f'account: {{id: "111111111111", region: eu-central-1}}\n{USER}\n')
    printed = keywright("exceptions", ".", "--today", "2026-12-03", folder=tmp_path).output.decode()
    assert printed.splitlines() == [
        "2027-01-31 59 days left  LIF001 on user/erin: no PermissionsBoundary",
        "    she registers a device at the next visit",
        "    at all.yaml:2:64",
        "2027-01-31 59 days left  USR002 on user/erin: no Deny without aws:MultiFactorAuthPresent",
        "    she registers a device at the next visit",
        "    at all.yaml:2:64",
        "2 exceptions: 0 ended, 0 within 14 days of the end",
    ]


def test_the_sign_in_sheet_names_no_first_password() -> None:
    declarations = reading_of(USER).declarations
    assert declarations is not None
    sheet = sign_in_sheet("erin", declarations)
    assert "Your password and MFA devices stay as they are: https://" in sheet
    assert "first-password" not in sheet


def test_many_users_are_named_by_their_path() -> None:
    many = "\n".join(f"  u{number}: {{{SCANNER}, adopted: {{path: /team/}}}}" for number in range(21))
    declarations = reading_of(f"users:\n{many}").declarations
    assert declarations is not None
    assert users_elsewhere(declarations) == ("/team/*",)
