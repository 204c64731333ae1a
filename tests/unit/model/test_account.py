from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read
from keywright.reporting.finding import with_severity


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()


def report(account):
    Path("access/a.yaml").write_text(f"account: {account}\n")
    return [str(finding) for finding in read(Path("access"), date(2026, 11, 24)).findings]


def test_number_and_region_are_enough():
    assert report('{id: "111111111111", region: us-gov-west-1}') == []


@pytest.mark.parametrize(
    ("account", "lines"),
    [
        pytest.param(
            '{id: "111111111111"}',
            ["1:1: `region` is missing in the account; found `id`; accepted: `region: …`"],
            id="no region",
        ),
        pytest.param(
            "",
            ["1:9: the account is empty; found nothing; accepted: keys such as `id`, `region`"],
            id="nothing",
        ),
        pytest.param(
            '"111111111111"',
            [
                "1:10: the account is not a mapping; found `111111111111`; accepted: a mapping with keys such as `id`, `region`"
            ],
            id="the number alone",
        ),
        pytest.param(
            '{id: "1111-1111-1111", region: Frankfurt}',
            [
                (
                    "1:15: `id` of the account is not an account number; found `1111-1111-1111`; "
                    'accepted: twelve digits in quotes, such as `"111111111111"`'
                ),
                "1:41: `region` of the account is not a region; found `Frankfurt`; accepted: such as `eu-central-1`",
            ],
            id="neither number nor region",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, path: access}',
            [
                (
                    "1:59: `path` of the account is not an IAM path; found `access`; accepted: "
                    "such as `/access/`: a slash at both ends, at most 512 characters"
                )
            ],
            id="a path without slashes",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, path: /aws-reserved/}',
            [
                "1:59: `path` of the account is reserved for AWS; found `/aws-reserved/`; accepted: such as `/access/`"
            ],
            id="a path of AWS",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, path: /acme/keywright/}',
            [
                (
                    "1:59: `path` of the account is reserved for the roles of `keywright "
                    "deployer`; found `/acme/keywright/`; accepted: a path without "
                    "`/keywright/`, such as `/access/`"
                )
            ],
            id="the path of what deploys",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, alias: "222222222222"}',
            [
                (
                    "1:60: `alias` of the account looks like an account number; found "
                    "`222222222222`; accepted: a name with a letter"
                )
            ],
            id="a number as alias",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, checks: [AwsSolutions, AwsSolutions]}',
            [
                (
                    "1:76: `checks` of the account lists an item twice; found `AwsSolutions`; "
                    "accepted: each once"
                )
            ],
            id="an item twice",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, checks: []}',
            ["1:53: `checks` of the account is empty; found nothing; accepted: at least 1"],
            id="no pack",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, checks: [HIPAA]}',
            [
                (
                    "1:62: item 1 of `checks` of the account has an unknown value; found "
                    "`HIPAA`; accepted: `HIPAA.Security`, `PCI.DSS.321`, `AwsSolutions`"
                )
            ],
            id="an unknown pack",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, mfa: optional}',
            ["1:58: `mfa` of the account has an unknown value; found `optional`; accepted: `required`"],
            id="an unknown value of mfa",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, password_policy: {minimum_length: 14.5, symbols: 1}}',
            [
                (
                    "1:87: `minimum_length` of the account is not a whole number; found `14.5`; "
                    "accepted: a whole number, without quotes"
                ),
                (
                    "1:102: `symbols` of the account is not true or false; found `1`; accepted: "
                    "`true` or `false`"
                ),
            ],
            id="a password policy of other types",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, password_policy: {minimum_length: 12, remember: 5, maximum_age_days: 7}}',
            [
                (
                    "1:87: `minimum_length` of `password_policy` is too low without a reason; found "
                    "`12`; accepted: at least 14, or `because` with the reason"
                ),
                (
                    "1:101: `remember` of `password_policy` is too low without a reason; found `5`; "
                    "accepted: at least 24, or `because` with the reason"
                ),
                (
                    "1:122: `maximum_age_days` of `password_policy` is too low without a reason; "
                    "found `7`; accepted: at least 30, or `because` with the reason"
                ),
            ],
            id="a weak password policy",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, password_policy: {minimum_length: 7}}',
            ["1:87: `minimum_length` of the account is out of range; found `7`; accepted: at least 8"],
            id="a password policy without an exception",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, password_policy: {hard_expiry: true}}',
            [
                (
                    "1:84: `hard_expiry` of `password_policy` has no effect; found no "
                    "`maximum_age_days`; accepted: `maximum_age_days`, or no `hard_expiry`"
                ),
                (
                    "1:84: `hard_expiry` of `password_policy` needs a reason: it locks out people "
                    "whose password expired; found `hard_expiry: true`; accepted: no `hard_expiry`, "
                    "or `because` with the reason"
                ),
            ],
            id="a condition that never locks out",
        ),
        pytest.param(
            '{id: "111111111111", region: eu-central-1, password_policy: {because: it is as it is here}}',
            [
                (
                    "1:80: `because` of `password_policy` has nothing to explain; found a policy as "
                    "strict as CIS requires, without `hard_expiry`; accepted: no `because`"
                ),
            ],
            id="a reason for a strict policy",
        ),
    ],
)
def test_reports_a_mistake(account, lines):
    assert report(account) == [f"access/a.yaml:{line}" for line in lines]


def test_no_account_at_all():
    Path("access/a.yaml").write_text("groups: {readers: {}}\n")
    assert [str(finding) for finding in read(Path("access"), date(2026, 11, 24)).findings] == [
        (
            "access/a.yaml:1:1: `account` is missing in the declarations; found `groups`; "
            'accepted: `account: {id: "111111111111", region: eu-central-1}`'
        )
    ]


@pytest.mark.parametrize(
    "policy",
    [
        "{}",
        "{symbols: false, minimum_length: 20}",
        "{maximum_age_days: 90, change_own: false}",
        "{minimum_length: 8, remember: 1, because: a machine that nobody can replace types eight characters}",
        "{maximum_age_days: 60, hard_expiry: true, because: the contract asks for it}",
    ],
)
def test_accepts_password_policies(policy):
    assert report(f'{{id: "111111111111", region: eu-central-1, password_policy: {policy}}}') == []


PEOPLE = """groups: {team: {}}
roles:
  rescue:
    trusts: [{group: team, mfa: {within: 15m}}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
users:
  alice: {person: {email: alice@acme.example}, groups: [team], CONSOLE}
"""


def report_with_people(sign_in, policy=""):
    account = (
        f'{{id: "111111111111", region: eu-central-1, handover: team, break_glass: role/rescue{policy}}}'
    )
    Path("access/people.yaml").write_text(PEOPLE.replace("CONSOLE", sign_in))
    Path("access/a.yaml").write_text(f"account: {account}\n")
    return [with_severity(finding) for finding in read(Path("access"), date(2026, 11, 24)).findings]


def test_advises_a_password_policy_where_people_have_passwords():
    assert report_with_people("console: true") == [
        (
            "access/a.yaml:1:1: advice: no password policy is declared; by default AWS accepts 8 characters of three "
            "classes, and earlier passwords again; found `console: true` of `alice`; "
            "accepted: `password_policy: {}`, for 14 characters of every class and none of the last 24 passwords"
        )
    ]


def test_gives_no_advice_where_a_password_policy_is_declared():
    assert report_with_people("console: true", ", password_policy: {}") == []
