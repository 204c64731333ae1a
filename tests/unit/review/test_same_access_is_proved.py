"""Rewritten policies are no new access, and an unchanged assembly gets a one-line comment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.assembly.templates.reader import read_assembly
from keywright.review.report.markdown import render_markdown
from keywright.review.result import Verdict
from keywright.review.review import Given, review
from tests.unit.review.templates import (
    HERE,
    MFA,
    OBJECTS,
    TODAY,
    allow,
    bucket_policy,
    deny,
    document,
    group,
    managed,
    resource,
    reviewed,
    role,
    to,
    trust,
    user,
)

if TYPE_CHECKING:
    from pathlib import Path

READ, WRITE = allow("s3:GetObject", OBJECTS), allow("s3:PutObject", OBJECTS)
BOTH = allow(["s3:GetObject", "s3:PutObject"], OBJECTS)
JOIN = {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Bucket"}, "/*"]]}
SUB = {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}
BUCKET = {"Bucket": resource("S3::Bucket")}
OWN = trust({"AWS": HERE}, Condition=MFA)
SNS = {"Service": "sns.amazonaws.com"}
FROM_BUCKET = {"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": ["Bucket", "Arn"]}}}
FROM_BUCKET_JOINED = {
    "arnlike": {"AWS:SourceArn": [{"Fn::Join": [":::", ["arn:aws:s3", {"Ref": "Bucket"}]]}]}
}


def alice(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Alice": user(*statements, **properties)}


def dated(version: str, *statements: dict[str, Any]) -> dict[str, Any]:
    found = alice(*statements)
    found["Alice"]["Properties"]["Policies"][0]["PolicyDocument"]["Version"] = version
    return found


def queue_policy(*statements: dict[str, Any], to: list[str] | None = None) -> dict[str, Any]:
    queues = [{"Ref": each} for each in to] if to else ["q"]
    return resource("SQS::QueuePolicy", Queues=queues, PolicyDocument=document(*statements))


JOBS = to(SNS, "sqs:SendMessage", "*", Condition={"StringEquals": {"aws:SourceAccount": "222222222222"}})
PROVIDER = resource("IAM::OIDCProvider", Url="https://token.example", ClientIdList=["sts.amazonaws.com"])


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "statements in another order": (
        alice(READ, deny("s3:GetObject", "*"), WRITE),
        alice(WRITE, READ, deny("s3:GetObject", "*")),
    ),
    "actions in another order": (alice(BOTH), alice(allow(["s3:PutObject", "s3:GetObject"], OBJECTS))),
    "actions in another case": (alice(BOTH), alice(allow(["S3:getobject", "s3:PUTOBJECT"], OBJECTS))),
    "another version, without variables": (dated("2008-10-17", BOTH), dated("2012-10-17", BOTH)),
    "a statement split": (alice(BOTH), alice(READ, WRITE)),
    "statements joined": (alice(READ, WRITE), alice(BOTH)),
    "a sid renamed": (alice(READ | {"Sid": "One"}), alice(READ | {"Sid": "Another"})),
    "one in a list": (alice(READ), alice(allow(["s3:GetObject"], [OBJECTS]))),
    "a redundant statement more": (alice(allow("s3:*", "*")), alice(allow("s3:*", "*"), READ)),
    "inline to managed": (
        alice(READ),
        alice(ManagedPolicyArns=[{"Ref": "Grants"}]) | {"Grants": managed(READ)},
    ),
    "managed to inline": (
        alice(ManagedPolicyArns=[{"Ref": "Grants"}]) | {"Grants": managed(READ)},
        alice(READ),
    ),
    "a policy split over two": (
        alice(READ, WRITE),
        {
            "Alice": resource(
                "IAM::User",
                UserName="alice",
                Policies=[
                    {"PolicyName": "a", "PolicyDocument": document(READ)},
                    {"PolicyName": "b", "PolicyDocument": document(WRITE)},
                ],
            )
        },
    ),
    "inline to a policy resource": (
        alice(READ),
        alice()
        | {
            "More": resource(
                "IAM::Policy", Users=["alice"], PolicyName="grants", PolicyDocument=document(READ)
            )
        },
    ),
    "a policy resource renamed": (
        alice()
        | {"More": resource("IAM::Policy", Users=["alice"], PolicyName="g", PolicyDocument=document(READ))},
        alice()
        | {"Less": resource("IAM::Policy", Users=["alice"], PolicyName="h", PolicyDocument=document(READ))},
    ),
    "a managed policy renamed": (
        alice(ManagedPolicyArns=[{"Ref": "Grants"}]) | {"Grants": managed(READ)},
        alice(ManagedPolicyArns=[{"Ref": "Others"}]) | {"Others": managed(READ, name="others")},
    ),
    "managed to inline, and the policy stays": (
        alice(ManagedPolicyArns=[{"Ref": "Grants"}]) | {"Grants": managed(READ)},
        alice(READ) | {"Grants": managed(READ)},
    ),
    "a queue's logical id": (
        {"Q": resource("SQS::Queue", QueueName="jobs"), "Policy": queue_policy(JOBS, to=["Q"])},
        {"R": resource("SQS::Queue", QueueName="jobs"), "Policy": queue_policy(JOBS, to=["R"])},
    ),
    "what a provider's stack keeps": (
        {"P": PROVIDER},
        {"P": PROVIDER | {"DeletionPolicy": "Retain", "Metadata": {"note": "kept"}}},
    ),
    "own grants to a group": (
        alice(READ, Groups=[{"Ref": "Group"}]) | {"Group": group(READ)},
        alice(Groups=[{"Ref": "Group"}]) | {"Group": group(READ)},
    ),
    "Join to Sub": (alice(allow("s3:GetObject", JOIN)) | BUCKET, alice(allow("s3:GetObject", SUB)) | BUCKET),
    "Sub to Join in a trust": (
        {"Worker": role(trust({"AWS": HERE}))},
        {
            "Worker": role(
                trust({"AWS": {"Fn::Join": [":", ["arn:aws:iam:", {"Ref": "AWS::AccountId"}, "root"]]}})
            )
        },
    ),
    "an account by number and by ARN": (
        {"Worker": role(trust({"AWS": "222222222222"}))},
        {"Worker": role(trust({"AWS": "arn:aws:iam::222222222222:root"}))},
    ),
    "a trust in another order": (
        {"Worker": role(document(*OWN["Statement"], *trust({"Service": "ec2.amazonaws.com"})["Statement"]))},
        {"Worker": role(document(*trust({"Service": "ec2.amazonaws.com"})["Statement"], *OWN["Statement"]))},
    ),
    "a bucket's policy split": (
        {"Policy": bucket_policy(to({"AWS": "222222222222"}, ["s3:GetObject", "s3:PutObject"]))},
        {
            "Policy": bucket_policy(
                to({"AWS": "222222222222"}, "s3:GetObject"), to({"AWS": "222222222222"}, "s3:PutObject")
            )
        },
    ),
    "an identifier in a condition beside a rewritten statement": (
        {"Policy": queue_policy(to(SNS, ["sqs:SendMessage"], "*", Condition=FROM_BUCKET))} | BUCKET,
        {"Policy": queue_policy(to(SNS, "SQS:sendmessage", ["*"], Condition=FROM_BUCKET_JOINED))} | BUCKET,
    ),
    "a tag that no policy asks for": (
        alice(READ, Tags=[{"Key": "costs", "Value": "one"}]),
        alice(READ, Tags=[{"Key": "costs", "Value": "another"}]),
    ),
    "resources in another order": (alice(READ) | BUCKET, BUCKET | alice(READ)),
    "keys of statements in another order": (
        alice(READ),
        alice(dict(reversed(READ.items()))),
    ),
    "a condition's operator in another case": (
        alice(READ | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
        alice(READ | {"Condition": {"stringequals": {"AWS:requestedregion": ["eu-central-1"]}}}),
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("way", [1, -1], ids=["forth", "back"])
def test_no_new_access(pair: tuple[dict[str, Any], dict[str, Any]], way: int, tmp_path: Path) -> None:
    found = reviewed(tmp_path, *pair[::way])
    assert found.gains == found.losses == ()
    assert found.open_questions == ()
    assert found.verdict in {Verdict.NO_NEW_ACCESS, Verdict.NOTHING}
    assert found.exit_code == 0


NARROWING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an action fewer": (alice(BOTH), alice(READ)),
    "a condition more": (alice(READ), alice(READ | {"Condition": MFA})),
    "a denial more": (alice(BOTH), alice(BOTH, deny("s3:PutObject"))),
    "a user goes": (alice(READ), {}),
    "a boundary comes": (
        alice(BOTH),
        alice(BOTH, PermissionsBoundary={"Ref": "Edge"}) | {"Edge": managed(READ, name="edge")},
    ),
    "a trust policy requires MFA": ({"Worker": role(trust({"AWS": HERE}))}, {"Worker": role(OWN)}),
    "a bucket closes": ({"Policy": bucket_policy(to("*"))}, {}),
}


@pytest.mark.parametrize("pair", NARROWING.values(), ids=NARROWING)
def test_narrows(pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    found = reviewed(tmp_path, *pair)
    assert (found.verdict, found.exit_code) == (Verdict.NARROWS, 0)


def test_nothing_changed_takes_one_line(tmp_path: Path) -> None:
    same = alice(BOTH) | {"Worker": role(OWN, READ), "Policy": bucket_policy(to({"AWS": "222222222222"}))}
    found = reviewed(tmp_path, same, same)
    assert render_markdown(found).splitlines()[1:] == [
        "### Access review: **nothing changed** · 2 principals unchanged (proved)"
    ]


def test_the_sample_is_the_same_as_itself(tmp_path: Path) -> None:
    from tests.unit.cli.access import write

    path = write(tmp_path)
    snapshot = Given(read_assembly(path), str(path))
    assert review(snapshot, snapshot, TODAY).verdict is Verdict.NOTHING


STATEMENTS = st.lists(
    st.builds(
        lambda effect, actions, resources, condition: (
            {"Effect": effect, "Action": actions, "Resource": resources}
            | ({"Condition": condition} if condition else {})
        ),
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.lists(
            st.sampled_from(["s3:GetObject", "s3:*", "s3:Put*", "iam:PassRole", "*"]), min_size=1, max_size=3
        ),
        st.lists(
            st.sampled_from(["*", OBJECTS, "arn:aws:s3:::acme-*/a/*", JOIN, {"Ref": "Anything"}]),
            min_size=1,
            max_size=2,
        ),
        st.sampled_from([None, MFA, {"StringNotEquals": {"aws:username": "bob"}}]),
    ),
    min_size=1,
    max_size=4,
)


@given(statements=STATEMENTS, order=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_policy_is_the_same_in_any_order(
    statements: list[dict[str, Any]], order: Any, tmp_path: Path
) -> None:
    shuffled = json.loads(json.dumps(statements))
    order.shuffle(shuffled)
    parameters = {"Parameters": {"Anything": {"Type": "String"}}}
    found = reviewed(tmp_path, alice(*statements) | BUCKET, alice(*shuffled) | BUCKET, before=parameters)
    assert found.verdict in {Verdict.NO_NEW_ACCESS, Verdict.NOTHING, Verdict.UNDECIDED}
    if "Anything" not in json.dumps(statements):
        assert found.verdict is not Verdict.UNDECIDED


@given(statements=STATEMENTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_template_is_the_same_as_itself(statements: list[dict[str, Any]], tmp_path: Path) -> None:
    parameters = {"Parameters": {"Anything": {"Type": "String"}}}
    same = alice(*statements) | BUCKET
    assert reviewed(tmp_path, same, same, before=parameters).verdict is Verdict.NOTHING
