from __future__ import annotations

from datetime import date

import pytest

from keywright.model.account.settings import Account
from keywright.model.checks import check, quotas
from keywright.model.declarations import Declarations
from keywright.model.draft import draft_of
from keywright.model.grants.grant import OwnPolicy
from keywright.model.people.groups import Group
from keywright.model.people.users import NamedMembership, Person, User
from keywright.model.roles import Role
from keywright.model.trusts.identity_provider import IdentityProvider
from keywright.model.workloads import Ec2, Workload
from keywright.reporting.finding import Severity

TODAY = date(2026, 11, 24)
ACCOUNT = Account(id="111111111111", region="eu-central-1")


def messages(severity=Severity.ERROR, **sections):
    found = quotas.check_quotas(draft_of(Declarations(account=ACCOUNT, **sections), TODAY))
    return [str(finding) for finding in found if finding.severity is severity]


def numbered(count, thing):
    return {f"n{number}": thing for number in range(count)}


@pytest.mark.parametrize(
    ("section", "thing", "most", "line"),
    [
        pytest.param(
            "users",
            User(existing=True),
            5_000,
            "declarations: the account exceeds the quota for users; found 5,001; accepted: at most 5,000",
            id="users",
        ),
        pytest.param(
            "groups",
            Group(),
            297,
            (
                "declarations: the account exceeds the quota for groups; found 301 (298 declared, 0 for "
                "memberships that end, 3 of Keywright); accepted: at most 300"
            ),
            id="groups",
        ),
        pytest.param(
            "roles",
            Role(existing=True),
            999,
            (
                "declarations: the account exceeds the quota for roles; found 1,001 (1000 roles, 0 "
                "workloads, 1 of Keywright); accepted: at most 1,000"
            ),
            id="roles",
        ),
        pytest.param(
            "workloads",
            Workload(ec2=Ec2()),
            999,
            (
                "declarations: the account exceeds the quota for roles; found 1,001 (0 roles, 1000 "
                "workloads, 1 of Keywright); accepted: at most 1,000"
            ),
            id="roles of workloads",
        ),
        pytest.param(
            "identity_providers",
            IdentityProvider(saml="", existing=True),
            100,
            (
                "declarations: the account exceeds the quota for SAML providers; found 101; accepted: at "
                "most 100"
            ),
            id="SAML providers",
        ),
        pytest.param(
            "identity_providers",
            IdentityProvider(oidc="https://gitlab.com"),
            100,
            (
                "declarations: the account exceeds the quota for OIDC providers; found 101; accepted: at "
                "most 100"
            ),
            id="OIDC providers",
        ),
    ],
)
def test_refuses_one_more_than_the_quota_of_an_account(section, thing, most, line):
    assert messages(**{section: numbered(most, thing)}) == []
    assert messages(**{section: numbered(most + 1, thing)}) == [line]


@pytest.mark.parametrize(
    ("section", "thing", "few", "line"),
    [
        pytest.param(
            "users",
            User(existing=True),
            4_000,
            (
                "declarations: the account comes near the quota for users; found 4,001; accepted: at "
                "most 5,000"
            ),
            id="users",
        ),
        pytest.param(
            "groups",
            Group(),
            237,
            (
                "declarations: the account comes near the quota for groups; found 241 (238 declared, 0 "
                "for memberships that end, 3 of Keywright); accepted: at most 300"
            ),
            id="groups",
        ),
        pytest.param(
            "workloads",
            Workload(ec2=Ec2()),
            799,
            (
                "declarations: the account comes near the quota for roles; found 801 (0 roles, 800 "
                "workloads, 1 of Keywright); accepted: at most 1,000"
            ),
            id="roles of workloads",
        ),
        pytest.param(
            "policies",
            OwnPolicy(existing="arn:aws:iam::111111111111:policy/audit"),
            1_195,
            (
                "declarations: the account comes near the quota for managed policies; found 1,201 (1196 "
                "declared, 5 of Keywright); accepted: at most 1,500"
            ),
            id="policies",
        ),
    ],
)
def test_warns_near_the_quota_of_an_account(section, thing, few, line):
    assert messages(Severity.ADVICE, **{section: numbered(few, thing)}) == []
    assert messages(Severity.ADVICE, **{section: numbered(few + 1, thing)}) == [line]


def member(*groups, until=None):
    memberships = tuple(NamedMembership(name=group, until=until) for group in groups)
    return User(person=Person(email="alice@acme.example"), groups=memberships)


def test_a_membership_that_expires_counts_as_a_separate_group():
    groups = numbered(297, Group())
    assert messages(groups=groups, users={"alice": member("n0", until=date(2026, 11, 23))}) == []
    assert messages(
        groups=groups, users={"alice": member("n0", until=TODAY), "bob": member("n0", until=TODAY)}
    ) == [
        (
            "declarations: the account exceeds the quota for groups; found 301 (297 declared, 1 for "
            "memberships that end, 3 of Keywright); accepted: at most 300"
        )
    ]


@pytest.mark.parametrize(
    ("declared", "more", "refused"),
    [
        pytest.param(9, {}, False, id="nine and the guard"),
        pytest.param(10, {}, True, id="ten and the guard"),
        pytest.param(8, {"console": True, "cli": True}, False, id="eight, the guard, the command line"),
        pytest.param(9, {"console": True, "cli": True}, True, id="nine, the guard, the command line"),
    ],
)
def test_generated_groups_count_towards_the_ten_of_a_user(declared, more, refused):
    names = [f"n{number}" for number in range(declared)]
    alice = User(**{**dict(member(*names)), "tags": {}, **more})
    assert bool(messages(groups=numbered(10, Group()), users={"alice": alice})) is refused


def test_checks_declarations_made_in_python():
    declarations = Declarations(account=ACCOUNT, users={"alice": member("analysts")})
    assert str(check(draft_of(declarations, TODAY))[0]).startswith(
        "declarations: group `analysts` is not declared"
    )
