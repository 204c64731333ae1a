"""Denials for the whole account: what they deny, and what they must leave possible."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read

ACCOUNT = 'account: {id: "111111111111", region: eu-central-1, '


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("access").mkdir()


def report(denied, more="", account=ACCOUNT):
    Path("access/all.yaml").write_text(f"{account}deny: {denied}}}\n{more}")
    findings = read(Path("access"), date(2026, 11, 24)).findings
    return [str(each).split(": ", 1)[1] for each in findings]


@pytest.mark.parametrize(
    ("denied", "lines"),
    [
        pytest.param(
            "{}",
            ["`deny` of the account denies nothing; found nothing; accepted: such as `without_tls: true`"],
            id="nothing",
        ),
        pytest.param(
            "{outside_networks: {instances: true}}",
            [
                (
                    "`outside_networks` of the account has no network; found nothing; accepted: "
                    "`addresses`, `vpcs`, or both"
                )
            ],
            id="no network",
        ),
        pytest.param(
            "{outside_networks: {addresses: [203.0.113.0/33, 203.0.113.1/24, 10.0.0.0/8, 0.0.0.0/0, fd00::/8]}}",
            [
                (
                    "a network of the account is not a valid CIDR range; found `203.0.113.0/33`; "
                    "accepted: its first address and prefix length"
                ),
                (
                    "a network of the account is not a valid CIDR range; found `203.0.113.1/24`; "
                    "accepted: its first address and prefix length"
                ),
                (
                    "a network of the account is private: requests to AWS never come from its addresses; "
                    "found `10.0.0.0/8`; accepted: its public addresses, or `vpcs`"
                ),
                "a network of the account is the whole internet; found `0.0.0.0/0`; accepted: a narrower range",
                (
                    "a network of the account is private: requests to AWS never come from its addresses; "
                    "found `fd00::/8`; accepted: its public addresses, or `vpcs`"
                ),
            ],
            id="invalid networks",
        ),
        pytest.param(
            "{outside_regions: [eu-central-1, eu-central-1], outside_organizations: [acme]}",
            [
                "item 1 of `outside_organizations` of the account is not an organization; found `acme`; accepted: such as `o-a1b2c3d4e5`"
            ],
            id="no organization",
        ),
        pytest.param(
            "{outside_regions: [eu-central-1, eu-central-1]}",
            [
                (
                    "`outside_regions` of the account lists an item twice; found `eu-central-1`; accepted: "
                    "each once"
                )
            ],
            id="a region twice",
        ),
        pytest.param(
            "{outside_regions: [eu-west-1]}",
            [
                (
                    "`outside_regions` denies requests in the account's own region; found `eu-west-1`; "
                    "accepted: `eu-central-1` in the list"
                )
            ],
            id="without its own region",
        ),
        pytest.param(
            "{outside_regions: [eu-central-1]}, access_keys: {replica: eu-west-1}",
            [
                (
                    "`outside_regions` denies reading the replicated access keys; found `eu-central-1`; "
                    "accepted: `eu-west-1` in the list"
                )
            ],
            id="without the copies' region",
        ),
        pytest.param(
            "{outside_networks: {vpcs: [vpc-0123abcd]}, outside_organizations: [o-a1b2c3d4e5]}",
            [
                f"a mistake in `{key}` would lock everybody out, with no way back in; found no `break_glass`; accepted: "
                "`break_glass: role/…` with an administrator's role, which the denial does not apply to"
                for key in ("outside_networks", "outside_organizations")
            ],
            id="no way to repair",
        ),
    ],
)
def test_refuses(denied, lines):
    assert report(denied) == lines


def test_warns_of_roles_without_declaration_unless_they_are_excepted():
    more = """\
groups: {administrators: {}}
users:
  dora: {person: {email: d@acme.example}, groups: [administrators], console: true}
  scanner:
    application: {because: the machine cannot assume a role, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
roles:
  break-glass:
    trusts: [{group: administrators}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
  partner: {trusts: [{account: "222222222222", external_id: acme-7f3a}]}
"""
    account = f"{ACCOUNT}handover: administrators, break_glass: role/break-glass, password_policy: {{}}, "
    warnings = {
        f"{kind}/{name}": (
            f"{kind} `{name}` {why} and may send requests from another network; found `{name}`; accepted: "
            f"`{kind}/{name}` in `except`, or its network in `addresses`"
        )
        for kind, name, why in (
            ("role", "partner", "is assumed from outside the account"),
            ("user", "scanner", "is an application"),
        )
    }
    networks = "vpcs: [vpc-0123abcd]"
    assert report(f"{{outside_networks: {{{networks}}}}}", more, account) == list(warnings.values())
    allowed = f"{{outside_networks: {{{networks}, except: [role/partner, user/scanner]}}}}"
    assert report(allowed, more, account) == []
    wrong = f"{{outside_networks: {{{networks}, except: [role/partners, user/scanner]}}}}"
    # The misspelled name may be the role's, so that the role is not reported too.
    assert report(wrong, more, account) == [
        "role `partners` is not declared; found `role/partners`; accepted: `role/partner`, `role/break-glass`",
    ]
