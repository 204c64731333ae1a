"""Where no template states its account, an account in an ARN may be the same one, so no answer relies on a difference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, document, inline, resource, trust

ROLE = "arn:aws:iam::111111111111:role/app"
OBJECT = "arn:aws:s3:::acme-data/x"
QUEUE = "arn:aws:sqs:eu-central-1:111111111111:q"
EC2 = trust({"Service": "ec2.amazonaws.com"})


def app_role(*statements: dict[str, Any], trusting: Any = EC2, name: str = "app") -> dict[str, Any]:
    policies = {"Policies": inline(*statements)} if statements else {}
    return resource("IAM::Role", RoleName=name, AssumeRolePolicyDocument=trusting, **policies)


def on_bucket(effect: str, principal: Any, **elements: Any) -> dict[str, Any]:
    statement = allow("s3:GetObject", OBJECT, Principal=principal, **elements) | {"Effect": effect}
    bucket = resource("S3::Bucket", BucketName="acme-data")
    return {
        "B": bucket,
        "P": resource("S3::BucketPolicy", Bucket={"Ref": "B"}, PolicyDocument=document(statement)),
    }


CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "the bucket's policy names the role": (
        {"R": app_role(), **on_bucket("Allow", {"AWS": ROLE})},
        "s3:GetObject",
        OBJECT,
    ),
    "it denies the role": (
        {"R": app_role(allow("s3:GetObject", OBJECT)), **on_bucket("Deny", {"AWS": ROLE})},
        "s3:GetObject",
        OBJECT,
    ),
    "it requires the account": (
        {
            "R": app_role(),
            **on_bucket("Allow", "*", Condition={"StringEquals": {"aws:PrincipalAccount": "111111111111"}}),
        },
        "s3:GetObject",
        OBJECT,
    ),
    "it denies all but the account": (
        {
            "R": app_role(allow("s3:GetObject", OBJECT)),
            **on_bucket(
                "Deny", "*", Condition={"StringNotEquals": {"aws:PrincipalAccount": ["111111111111"]}}
            ),
        },
        "s3:GetObject",
        OBJECT,
    ),
    "the role's policy names the resource": (
        {"R": app_role(allow("sqs:SendMessage", QUEUE)), "Q": resource("SQS::Queue", QueueName="q")},
        "sqs:SendMessage",
        "queue/q",
    ),
    "a trust names the role": (
        {
            "R": app_role(allow("sts:AssumeRole", "*")),
            "Other": app_role(trusting=trust({"AWS": ROLE}), name="other"),
        },
        "sts:AssumeRole",
        "role/other",
    ),
    "a trust names the account": (
        {
            "R": app_role(allow("sts:AssumeRole", "*")),
            "Other": app_role(trusting=trust({"AWS": "111111111111"}), name="other"),
        },
        "sts:AssumeRole",
        "role/other",
    ),
}


def ask(folder: Any, resources: dict[str, Any], *words: str) -> Any:
    file = folder / "t.template.json"
    file.write_text(json.dumps({"Resources": resources}))
    return CliRunner().invoke(app, [*words, str(file), "--today", "2026-11-24"])


@pytest.mark.parametrize(("resources", "action", "on"), CASES.values(), ids=CASES)
def test_can_is_undecided(tmp_path, resources, action, on):
    done = ask(tmp_path, resources, "can", "role/app", action, on)
    assert done.exit_code == 3, done.output
    assert "no template states its account" in done.output


@pytest.mark.parametrize(("resources", "action", "on"), CASES.values(), ids=CASES)
def test_who_can_lists_it(tmp_path, resources, action, on):
    done = ask(tmp_path, resources, "who-can", action, on)
    assert done.exit_code == 3, done.output
    assert "role/app" in done.output


def test_the_requested_account_decides(tmp_path):
    resources = {"R": app_role(), **on_bucket("Allow", {"AWS": ROLE})}
    assert ask(tmp_path, resources, "can", ROLE, "s3:GetObject", OBJECT).exit_code == 0
    other = ROLE.replace("1" * 12, "2" * 12)
    assert ask(tmp_path, resources, "can", other, "s3:GetObject", OBJECT).exit_code == 1


def test_the_requested_region_may_be_the_stacks_own(tmp_path):
    own = {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:q"}
    done = ask(
        tmp_path, {"R": app_role(allow("sqs:SendMessage", own))}, "can", ROLE, "sqs:SendMessage", QUEUE
    )
    assert done.exit_code == 3
    assert "no template states its region: allowed in eu-central-1" in done.output


def test_an_account_without_effect_leaves_nothing_undecided(tmp_path):
    resources = {"R": app_role(), **on_bucket("Allow", {"AWS": "arn:aws:iam::333333333333:role/vendor"})}
    assert ask(tmp_path, resources, "can", "role/app", "s3:GetObject", OBJECT).exit_code == 1


def test_more_accounts_than_the_limit_leave_all_undecided(tmp_path):
    many = [f"arn:aws:iam::{number:012}:role/vendor" for number in range(40)]
    resources = {"R": app_role(), **on_bucket("Allow", {"AWS": many})}
    done = ask(tmp_path, resources, "can", "role/app", "s3:GetObject", OBJECT)
    assert done.exit_code == 3
    assert "name more than can be tried" in done.output
