"""Accounts that are hard to write down: odd names, policies at their quotas, circles, what no declaration expresses."""

from __future__ import annotations

from datetime import date

from keywright.account.snapshot import snapshot_of
from keywright.adopt.adoption import Options
from keywright.adopt.run import adopt_account
from tests.unit.adopt.foreign_account import (
    ACCOUNT,
    OTHER,
    REGION,
    allow,
    document,
    group,
    policy,
    profile,
    role,
    text,
    trust,
    user,
)

LAMBDA = trust({"Service": "lambda.amazonaws.com"})
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"


def adopted(**parts):
    return adopt_account(
        snapshot_of(text(**parts), "account.json"), Options(date(2026, 12, 3), REGION), "account.json"
    )


def assumed_by(name):
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition={"ArnEquals": {"aws:PrincipalArn": arn}})


def assuming(name):
    return allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{name}")


def filling(size):
    """Give statements of almost this size."""
    one = len(str(allow("sqs:SendMessage", f"{QUEUE}-000")))
    return [allow("sqs:SendMessage", f"{QUEUE}-{number:03}") for number in range(size // one)]


def test_names_that_yaml_would_read_as_something_else():
    names = [
        "yes",
        "null",
        "1e3",
        "0x1f",
        "=",
        "@x",
        ",",
        "+",
        "-",
        "on",
        "1_000",
        "01",
        "2026-01-01",
        ".inf",
    ]
    found = adopted(
        UserDetailList=[user(each) for each in names], GroupDetailList=[group(each) for each in names]
    )
    assert found.adoption.left == {}
    assert len(found.adoption.adopted) == 2 * len(names)


def test_policies_at_their_quotas():
    found = adopted(
        UserDetailList=[user("alice", *filling(2048))],
        GroupDetailList=[group("some", *filling(5120))],
        RoleDetailList=[
            role("worker", LAMBDA, *filling(10_240), managed=(f"arn:aws:iam::{ACCOUNT}:policy/shared",))
        ],
        Policies=[policy("shared", *filling(6144))],
    )
    assert found.adoption.left == {}
    assert len(found.adoption.adopted) == 4


def test_circles_and_chains_of_trust():
    found = adopted(
        RoleDetailList=[
            role("itself", assumed_by("itself"), assuming("itself")),
            role("ping", assumed_by("pong"), assuming("pong")),
            role("pong", assumed_by("ping"), assuming("ping")),
            role("first", LAMBDA, assuming("second")),
            role("second", assumed_by("first")),
        ]
    )
    assert [*found.adoption.adopted] == ["roles/first", "roles/second"]
    assert "trusts:\n      - {role: first}" in found.files["roles.yaml"]
    assert {name: why[0].partition(";")[0] for name, why in found.adoption.left.items()} == {
        "roles/itself": "role `itself` can be assumed by its own sessions, which can renew themselves for ever",
        "roles/ping": "role `ping` can be assumed by its own sessions, which can renew themselves for ever",
        "roles/pong": f"no trust of the declarations is a trust in `arn:aws:iam::{ACCOUNT}:root` with a condition on `aws:principalarn`",
    }


def test_names_what_no_declaration_expresses():
    old = role("old", LAMBDA)
    old["RolePolicyList"] = [
        {
            "PolicyName": "old",
            "PolicyDocument": {
                **document(allow("s3:GetObject", "arn:aws:s3:::home/${aws:username}")),
                "Version": "2008-10-17",
            },
        }
    ]
    unclear = allow("s3:GetObject", "*", Condition={"StringMagic": {"aws:x": "y"}})
    found = adopted(
        UserDetailList=[
            user("many", groups=tuple(f"group-{number}" for number in range(10))),
            user("far", path=f"/{'p' * 510}/"),
        ],
        GroupDetailList=[group(f"group-{number}") for number in range(10)] + [group("g" * 128)],
        RoleDetailList=[
            old,
            role("all-but", LAMBDA, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            role("unclear", LAMBDA, unclear),
            role("nobody", document()),
            role("account", trust({"AWS": OTHER})),
            role(
                "two",
                trust({"Service": "ec2.amazonaws.com"}),
                InstanceProfileList=[profile("a"), profile("b")],
            ),
        ],
        Policies=[policy("nothing"), policy("wrong", {"Effect": "Perhaps", "Action": "*", "Resource": "*"})],
    )
    name = "its name has more than 64 characters, or other ones than declarations can have"
    assert {each: "; ".join(why) for each, why in sorted(found.adoption.left.items())} == {
        f"groups/{'g' * 128}": name,
        "policies/nothing": "`grants` of policy `nothing` is empty; found nothing",
        "policies/wrong": "`/Statement/0/Effect` is neither `Allow` nor `Deny`",
        "roles/account": f"no trust of the declarations is a trust in `{OTHER}` without a condition",
        "roles/all-but": "the policies of role all-but: `statement.not_actions`: a statement of the identity allows everything except `not_actions`",
        "roles/nobody": "its trust policy allows nobody",
        "roles/old": "the policies of role old: a document of version 2008-10-17 with `${`, which a newer one would read as a variable",
        "roles/two": "it has several instance profiles, and a declared workload has one",
        "roles/unclear": "the condition operator does not exist; found `StringMagic`; no condition key of AWS has this name; found `aws:x`",
        "users/many": "user `many` is in too many groups; found 10 declared and `mfa-guard`",
    }
    assert len(found.adoption.adopted) == 11
