"""Time-limited access ends by itself, without a deployment, and does not block later deployments."""

from __future__ import annotations

from datetime import date

import pytest

from keywright.model.declarations import Declarations
from keywright.model.in_force import in_force
from tests.laws.insiders import ACCOUNT, EVERYTHING, Account, assembly_of
from tests.laws.random_declarations import with_dates

LAST = date(2027, 1, 31)
DECLARED = f"""\
account: {{id: "{ACCOUNT}", region: eu-central-1, handover: onboarders}}
groups: {{onboarders: {{}}, admins: {{{EVERYTHING}}}}}
users:
  temp: {{person: {{email: t@acme.example}}, console: true, cli: true, groups: [admins], until: {LAST}}}
  robot:
    application: {{because: the test wants software that holds everything, review: 2027-05-01}}
    access_keys: [{{serial: 1, issued: 2026-11-01}}]
    until: {LAST}
    {EVERYTHING}
  stays: {{person: {{email: s@acme.example}}, console: true, groups: [admins]}}
roles:
  project: {{trusts: [{{group: admins}}], until: {LAST}, {EVERYTHING}}}
  vendor: {{trusts: [{{account: "222222222222", external_id: of-the-vendor}}], until: {LAST}, {EVERYTHING}}}
workloads:
  trial: {{ec2: {{launch: instance, image: ami-0abcdef1234567890}}, until: {LAST}, {EVERYTHING}}}
"""
MFA = {"aws_MultiFactorAuthPresent": "true", "aws_MultiFactorAuthAge": "10"}
LAST_SECOND, FIRST_SECOND = "2027-01-31T23:59:59Z", "2027-02-01T00:00:00Z"
ENDING = ("user/temp", "user/robot", "role/project", "role/vendor", "workload/trial")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(assembly_of(DECLARED, tmp_path_factory.mktemp("ends")))


@pytest.mark.parametrize("who", [*ENDING, "user/stays"])
@pytest.mark.parametrize("action", ["s3:GetObject", "iam:ListRoles", "ec2:DescribeInstances"])
def test_access_lasts_until_the_last_second(account: Account, who, action):
    resource = "arn:aws:s3:::x/y" if action.startswith("s3") else "*"
    mfa = MFA if who in {"user/temp", "user/stays"} else {}
    assert account.does(who, action, resource, **mfa, aws_CurrentTime=LAST_SECOND)
    assert account.does(who, action, resource, **mfa, aws_CurrentTime=FIRST_SECOND) is (who == "user/stays")


@pytest.mark.parametrize("role", ["project", "vendor"])
def test_a_role_can_be_assumed_until_its_last_second(account: Account, role):
    for statement in account.actor(f"role/{role}").trust.statements:
        assert statement.conditions["DateLessThan"] == {"aws:CurrentTime": (FIRST_SECOND,)}
    arn = f"arn:aws:iam::{ACCOUNT}:role/access/{role}"
    assert account.may("user/stays", "sts:AssumeRole", arn, **MFA, aws_CurrentTime=LAST_SECOND) is (
        role == "project"
    )
    assert not account.may("user/stays", "sts:AssumeRole", arn, **MFA, aws_CurrentTime=FIRST_SECOND)


SAID = {
    "account": {"id": ACCOUNT, "region": "eu-central-1"},
    "buckets": {"reports": {}},
    "users": {"temp": {"person": {"email": "t@acme.example"}, "until": str(LAST)}},
    "roles": {
        "vendor": {"trusts": ({"account": "2" * 12, "external_id": "abc"},), "until": str(LAST)},
        "stays": {"trusts": ({"account": "2" * 12, "external_id": "abc"},)},
    },
    "never": (
        {"who": "user/temp", "can": "s3:*", "on": "bucket/reports"},
        {
            "who": "everyone",
            "except": ("role/vendor", "role/stays"),
            "can": "s3:*",
            "on": ("bucket/reports", "role/vendor"),
        },
        {"who": "everyone", "except": "role/vendor", "can": "s3:*", "on": "bucket/reports"},
    ),
    "always": ({"who": ("role/vendor", "role/stays"), "can": "s3:ListBucket", "on": "*"},),
    "exceptions": tuple(
        {
            "rule": "AwsSolutions-IAM4",
            "on": on,
            "because": "the test wants what is said of both",
            "until": "2027-06-30",
        }
        for on in ("user/temp", "role/vendor", "role/stays")
    ),
}


def test_references_to_the_expired_are_removed():
    whole = Declarations.model_validate(with_dates(SAID))
    left = in_force(whole, date(2027, 2, 1)).declarations
    assert (list(left.users), list(left.roles)) == ([], ["stays"])
    assert [each.on for each in left.exceptions] == ["role/stays"]
    assert [(each.who, each.excepting, each.on) for each in left.never] == [
        ("everyone", ("role/stays",), ("bucket/reports",)),
        ("everyone", (), "bucket/reports"),
    ]
    assert [each.who for each in left.always] == [("role/stays",)]
    assert in_force(whole, LAST).declarations == whole


WORKLOAD = {"ec2": {"launch": "instance", "image": "ami-0abcdef1234567890"}, "tags": {"team": "a"}}
GIVEN = {
    "grants": ({"s3": ("read",), "bucket": "reports"},),
    "policies": ({"managed": "SecurityAudit", "because": "the law wants a policy beside grants"},),
    "until": str(LAST),
}


def test_an_expired_workload_keeps_its_instance_without_access():
    always = {"can": "s3:GetObject", "on": "bucket/reports"}
    whole = Declarations.model_validate(
        with_dates(
            {
                "account": SAID["account"],
                "buckets": SAID["buckets"],
                "workloads": {"trial": WORKLOAD | GIVEN, "stays": WORKLOAD | GIVEN | {"until": None}},
                "always": ({"who": "workload/trial", **always}, {"who": "workload/stays", **always}),
            }
        )
    )
    left = in_force(whole, date(2027, 2, 1)).declarations
    assert left.workloads["stays"] == whole.workloads["stays"]
    assert (left.workloads["trial"].ec2, left.workloads["trial"].tags) == (
        whole.workloads["trial"].ec2,
        WORKLOAD["tags"],
    )
    assert (left.workloads["trial"].grants, left.workloads["trial"].policies) == ((), ())
    assert [each.who for each in left.always] == ["workload/stays"]
    assert in_force(whole, LAST).declarations == whole
