from __future__ import annotations

from datetime import date

import pytest

from keywright.model.account.settings import Account
from keywright.model.checks import people
from keywright.model.declarations import Declarations
from keywright.model.draft import draft_of
from keywright.model.grants.grant import AccessLevel, ManagedPolicyGrant, ServiceAccess, ServiceGrant
from keywright.model.people.groups import Group
from keywright.model.people.users import NamedMembership, Person, User
from keywright.model.roles import AccountTrust, Colleagues, GroupTrust, MfaAge, Role, SamlTrust
from keywright.model.trusts.tokens import GitHubTrust
from keywright.reporting.finding import Severity

TODAY = date(2026, 11, 24)
LATER = date(2027, 1, 31)
REASON = "somebody must be able to repair the account"
ADMINISTRATOR = (ManagedPolicyGrant(managed="AdministratorAccess", because=REASON),)
BY_GROUP = (GroupTrust(group="admins"),)


def repair(until=None):
    levels = (AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT)
    access = ServiceAccess(service="iam", levels=levels, resources=("user/*",))
    return (ServiceGrant(allow=access, until=until),)


def person(*, until=None, stays=True, console=True):
    membership = NamedMembership(name="admins", until=None if stays else LATER)
    return User(person=Person(email="dora@acme.example"), groups=(membership,), console=console, until=until)


def found(
    break_glass, *, role=None, group=None, dora=None, handover="admins", check=people.check_emergency_access
):
    account = Account(id="111111111111", region="eu-central-1", handover=handover, break_glass=break_glass)
    declarations = Declarations(
        account=account,
        groups={"admins": group or Group()},
        users={"dora": dora or person()},
        roles={"rescue": role} if role else {},
    )
    return list(check(draft_of(declarations, TODAY)))


def lines(*arguments, **more):
    return [str(finding).removeprefix("declarations: ") for finding in found(*arguments, **more)]


ROLE = Role(trusts=BY_GROUP, policies=ADMINISTRATOR)


@pytest.mark.parametrize(
    ("break_glass", "declared"),
    [
        pytest.param("role/rescue", {"role": ROLE}, id="a role by a group"),
        pytest.param(
            "role/rescue", {"role": Role(trusts=BY_GROUP, grants=repair())}, id="a role that repairs IAM"
        ),
        pytest.param(
            "role/rescue",
            {"role": Role(trusts=(SamlTrust(saml="okta"),), policies=ADMINISTRATOR)},
            id="a role by the identity provider",
        ),
        pytest.param(
            "role/rescue",
            {
                "role": Role(
                    trusts=(
                        AccountTrust(account="222222222222", people=Colleagues(mfa=MfaAge(within="1h"))),
                    ),
                    policies=ADMINISTRATOR,
                )
            },
            id="a role by people of another account",
        ),
    ],
)
def test_accepts_an_administrator_for_emergencies(break_glass, declared):
    assert lines(break_glass, **declared) == []


POWERLESS = (
    "the break-glass role `rescue` can't administer IAM; found no managed policy; accepted: "
    "`managed: AdministratorAccess`, without `until`"
)
UNREACHED = (
    "nobody can assume the break-glass role `rescue`; found `role/rescue`; accepted: a person with "
    "`console: true` in its group, without `until` or `retiring`"
)


@pytest.mark.parametrize(
    ("break_glass", "declared", "expected"),
    [
        pytest.param(
            "role/rescue", {"role": Role(trusts=BY_GROUP)}, [POWERLESS], id="a role without permissions"
        ),
        pytest.param(
            "role/rescue",
            {"role": Role(trusts=BY_GROUP, grants=repair(LATER))},
            [POWERLESS],
            id="access that expires",
        ),
        pytest.param(
            "role/rescue",
            {"role": ROLE, "dora": person(stays=False)},
            [UNREACHED],
            id="a membership that expires",
        ),
        pytest.param(
            "role/rescue", {"role": ROLE, "dora": person(until=LATER)}, [UNREACHED], id="a person who leaves"
        ),
        pytest.param(
            "role/rescue", {"role": ROLE, "dora": person(console=False)}, [UNREACHED], id="nobody signs in"
        ),
        pytest.param(
            "role/rescue",
            {"role": Role(trusts=(GitHubTrust(github="acme/shop", branch="main"),), policies=ADMINISTRATOR)},
            [UNREACHED],
            id="a workflow alone",
        ),
        pytest.param(
            "role/rescue",
            {"role": Role(existing=True)},
            [
                (
                    "`break_glass` names existing role `rescue`, whose policies are not known here; "
                    "found `role/rescue`; accepted: a role without `existing`"
                )
            ],
            id="a role that exists",
        ),
        *(
            pytest.param(
                reference,
                {"group": Group(policies=ADMINISTRATOR)},
                [
                    (
                        "`break_glass` of the account is not a role, and the permissions boundary limits users and groups; "
                        f"found `{reference}`; accepted: a `role/` that people assume"
                    )
                ],
                id=reference,
            )
            for reference in ("bucket/reports", "group/admins", "user/dora")
        ),
    ],
)
def test_refuses_an_emergency_that_cannot_work(break_glass, declared, expected):
    assert lines(break_glass, **declared) == expected


def test_warns_where_nobody_is_named():
    (finding,) = found(None)
    assert finding.severity is Severity.WARNING
    assert str(finding) == (
        "declarations: no role is declared for administration in an emergency; found no "
        "`break_glass`; accepted: `break_glass: role/…` with an administrator's role"
    )


def test_a_first_password_needs_a_handover_group():
    assert lines("role/rescue", role=ROLE, handover=None) == [
        (
            "nobody can read the first passwords of new users; found no `handover`, and `console: "
            "true` of `dora`; accepted: `handover` with the group that gives new users their "
            "passwords"
        )
    ]


def test_an_existing_group_is_no_handover_group():
    assert lines("role/rescue", group=Group(existing=True), check=people.check_existing_groups) == [
        (
            "`handover` of the account is an existing group, which would need a policy to read "
            "secrets; found `admins`; accepted: a group without `existing`"
        )
    ]


def test_an_account_without_people_needs_neither():
    declarations = Declarations(account=Account(id="111111111111", region="eu-central-1"))
    assert list(people.check_emergency_access(draft_of(declarations, TODAY))) == []


def test_the_emergency_role_does_not_expire():
    ending = Role(trusts=BY_GROUP, policies=ADMINISTRATOR, until=LATER)
    (line,) = lines("role/rescue", role=ending)
    assert line == (
        "the break-glass role `rescue` has a last day; found `until: 2027-01-31`; accepted: a role "
        "without `until`"
    )
