"""Every kind of gain is found, in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import (
    AUDIENCE,
    HERE,
    MFA,
    OBJECTS,
    SUBJECT,
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
    web_identity,
)

if TYPE_CHECKING:
    from pathlib import Path

READ = allow("s3:GetObject", OBJECTS)
LAMBDA = trust({"Service": "lambda.amazonaws.com"})
ACCOUNT = trust({"AWS": HERE}, Condition=MFA)
BOUNDARY = {"Ref": "Boundary"}
WORKER = "arn:aws:iam::000000000000:role/worker"
ROLE = {"Fn::GetAtt": ["Worker", "Arn"]}
MEMBERSHIP = "IAM::UserToGroupAddition"


def alice(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Alice": user(*statements, **properties)}


def dated(version: str, *statements: dict[str, Any]) -> dict[str, Any]:
    found = alice(*statements)
    found["Alice"]["Properties"]["Policies"][0]["PolicyDocument"]["Version"] = version
    return found


def bounded(*statements: dict[str, Any]) -> dict[str, Any]:
    return alice(allow("s3:*"), PermissionsBoundary=BOUNDARY) | {
        "Boundary": managed(*statements, name="edge")
    }


def worker(trusted: dict[str, Any], *statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Worker": role(trusted, *(statements or (READ,)), **properties)}


def key(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Key": resource("KMS::Key", KeyPolicy=document(*statements))}


def permission(**properties: Any) -> dict[str, Any]:
    return {
        "May": resource(
            "Lambda::Permission", FunctionName="report", Action="lambda:InvokeFunction", **properties
        )
    }


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Bucket": resource("S3::Bucket", BucketName="acme-reports", **properties)}


def blocked(**guards: bool) -> dict[str, Any]:
    return bucket(PublicAccessBlockConfiguration=guards)


BUCKET_ARN = {"Fn::GetAtt": ["Bucket", "Arn"]}


def queue_policy(**elements: Any) -> dict[str, Any]:
    statement = to({"Service": "s3.amazonaws.com"}, "sqs:SendMessage", "*", **elements)
    return resource("SQS::QueuePolicy", Queues=["q"], PolicyDocument=document(statement))


def access_point(**properties: Any) -> dict[str, Any]:
    return {"Point": resource("S3::AccessPoint", Bucket="acme-reports", Name="point", **properties)}


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an access point answers outside of its network": (
        access_point(VpcConfiguration={"VpcId": "vpc-1"}),
        access_point(),
    ),
    "an access point answers in another network": (
        access_point(VpcConfiguration={"VpcId": "vpc-1"}),
        access_point(VpcConfiguration={"VpcId": "vpc-2"}),
    ),
    "an access point lets the public in": (
        access_point(),
        access_point(PublicAccessBlockConfiguration={"BlockPublicPolicy": False}),
    ),
    # What somebody may do
    "an action more": (alice(READ), alice(allow(["s3:GetObject", "s3:PutObject"], OBJECTS))),
    "a statement more": (alice(READ), alice(READ, allow("sqs:SendMessage", "*"))),
    "an action becomes a wildcard": (alice(READ), alice(allow("s3:Get*", OBJECTS))),
    "an action that nobody knows": (alice(READ), alice(READ, allow("s3:FutureAction", OBJECTS))),
    "a resource more": (alice(READ), alice(allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::other/*"]))),
    "a resource becomes wider": (alice(allow("s3:GetObject", "arn:aws:s3:::acme-reports/a/*")), alice(READ)),
    "everything": (alice(READ), alice(allow("*"))),
    "what looks like a variable becomes one": (
        dated("2008-10-17", allow("s3:GetObject", "arn:aws:s3:::home/${aws:username}/*")),
        dated("2012-10-17", allow("s3:GetObject", "arn:aws:s3:::home/${aws:username}/*")),
    ),
    "NotAction instead of Action": (
        alice(allow("s3:GetObject", OBJECTS)),
        alice({"Effect": "Allow", "NotAction": "iam:*", "Resource": OBJECTS}),
    ),
    "NotAction excludes less": (
        alice({"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}),
        alice({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
    ),
    "NotResource instead of Resource": (
        alice(READ),
        alice({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"}),
    ),
    "a condition goes": (alice(READ | {"Condition": MFA}), alice(READ)),
    "a condition asks for one of more": (
        alice(READ | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
        alice(READ | {"Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}}}),
    ),
    "Bool becomes BoolIfExists": (
        alice(READ | {"Condition": MFA}),
        alice(READ | {"Condition": {"BoolIfExists": MFA["Bool"]}}),
    ),
    "a network becomes wider": (
        alice(READ | {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/28"}}}),
        alice(READ | {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}),
    ),
    "a date becomes later": (
        alice(READ | {"Condition": {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}}),
        alice(READ | {"Condition": {"DateLessThan": {"aws:CurrentTime": "2028-01-01T00:00:00Z"}}}),
    ),
    "a denial goes": (alice(allow("s3:*"), deny("s3:DeleteObject")), alice(allow("s3:*"))),
    "a denial covers less": (
        alice(allow("s3:*"), deny("s3:Delete*")),
        alice(allow("s3:*"), deny("s3:DeleteBucket")),
    ),
    "a denial asks for a condition": (
        alice(allow("s3:*"), deny("s3:DeleteObject")),
        alice(
            allow("s3:*"),
            deny("s3:DeleteObject", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        ),
    ),
    "a boundary goes": (
        bounded(allow("s3:GetObject")),
        bounded(allow("s3:GetObject")) | alice(allow("s3:*")),
    ),
    "a boundary lets more through": (bounded(allow("s3:GetObject")), bounded(allow("s3:*"))),
    "a policy of AWS is attached": (
        alice(READ),
        alice(READ, ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ),
    "a managed policy attaches itself": (
        alice(READ) | {"Grants": managed(allow("sqs:*"))},
        alice(READ) | {"Grants": managed(allow("sqs:*"), Users=["alice"])},
    ),
    "a policy of its own resource is added": (
        alice(READ),
        alice(READ)
        | {
            "More": resource(
                "IAM::UserPolicy", UserName="alice", PolicyName="m", PolicyDocument=document(allow("sqs:*"))
            )
        },
    ),
    "an owner declared elsewhere gains": (
        {},
        {
            "More": resource(
                "IAM::Policy", Roles=["elsewhere"], PolicyName="m", PolicyDocument=document(allow("sqs:*"))
            )
        },
    ),
    "a managed policy that nobody bears": (
        {"Grants": managed(READ)},
        {"Grants": managed(READ, allow("s3:PutObject", OBJECTS))},
    ),
    "a group gains": (
        alice(Groups=[{"Ref": "Group"}]) | {"Group": group(READ)},
        alice(Groups=[{"Ref": "Group"}]) | {"Group": group(READ, allow("s3:PutObject", OBJECTS))},
    ),
    "a group without members gains": ({"Group": group(READ)}, {"Group": group(allow("s3:*"))}),
    "somebody joins a group": (
        alice() | {"Group": group(READ)},
        alice(Groups=[{"Ref": "Group"}]) | {"Group": group(READ)},
    ),
    "somebody joins by an addition": (
        alice() | {"Group": group(READ)},
        alice() | {"Group": group(READ), "In": resource(MEMBERSHIP, GroupName="analysts", Users=["alice"])},
    ),
    "somebody declared elsewhere joins": (
        {"Group": group(READ)},
        {"Group": group(READ), "In": resource(MEMBERSHIP, GroupName="analysts", Users=["mallory"])},
    ),
    "a guard's group is left": (
        alice(allow("s3:*"), Groups=[{"Ref": "Group"}]) | {"Group": group(deny("s3:DeleteObject"))},
        alice(allow("s3:*")) | {"Group": group(deny("s3:DeleteObject"))},
    ),
    "a new user": ({}, alice(READ)),
    "a new role": ({}, worker(LAMBDA)),
    "a user takes another name": (alice(READ), alice(READ, name="mallory")),
    "a new user of whom nothing is told": (alice(READ), alice(READ) | {"Bob": user(name="bob")}),
    "a boundary goes that held nothing back yet": (
        bounded(allow("s3:*")),
        bounded(allow("s3:*")) | alice(allow("s3:*")),
    ),
    "a boundary lets more through than anybody holds": (
        bounded(allow("s3:*")),
        bounded(allow("s3:*"), allow("iam:*")),
    ),
    "a boundary becomes one of AWS": (
        bounded(allow("s3:*")),
        bounded(allow("s3:*"))
        | alice(allow("s3:*"), PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    "sessions last longer": (worker(LAMBDA), worker(LAMBDA, MaxSessionDuration=43_200)),
    # Who can become a role
    "another service is trusted": (
        worker(LAMBDA),
        worker(trust({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})),
    ),
    "another account is trusted": (
        worker(ACCOUNT),
        worker(trust({"AWS": [HERE, "222222222222"]}, Condition=MFA)),
    ),
    "anybody is trusted": (worker(ACCOUNT), worker(trust("*", Condition=MFA))),
    "MFA is no longer required": (worker(ACCOUNT), worker(trust({"AWS": HERE}))),
    "an external ID is not asked any more": (
        worker(trust({"AWS": "222222222222"}, Condition={"StringEquals": {"sts:ExternalId": "x"}})),
        worker(trust({"AWS": "222222222222"})),
    ),
    "MFA may be older": (
        worker(trust({"AWS": HERE}, Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})),
        worker(trust({"AWS": HERE}, Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "7200"}})),
    ),
    "a subject becomes a pattern": (
        worker(
            web_identity(
                StringEquals={SUBJECT: "repo:acme/web:ref:refs/heads/main", AUDIENCE: "sts.amazonaws.com"}
            )
        ),
        worker(
            web_identity(
                StringLike={SUBJECT: "repo:acme/web:*"}, StringEquals={AUDIENCE: "sts.amazonaws.com"}
            )
        ),
    ),
    "the subject is not pinned any more": (
        worker(
            web_identity(
                StringEquals={SUBJECT: "repo:acme/web:ref:refs/heads/main", AUDIENCE: "sts.amazonaws.com"}
            )
        ),
        worker(web_identity(StringEquals={AUDIENCE: "sts.amazonaws.com"})),
    ),
    "another provider is trusted": (
        worker(LAMBDA),
        worker(
            document(
                *LAMBDA["Statement"], *web_identity(StringEquals={SUBJECT: "repo:acme/web:x"})["Statement"]
            )
        ),
    ),
    "sessions may be tagged": (
        worker(ACCOUNT),
        worker(document(*ACCOUNT["Statement"], *trust({"AWS": HERE}, Action="sts:TagSession")["Statement"])),
    ),
    "a trust's denial goes": (
        worker(
            document(
                *trust({"AWS": HERE})["Statement"],
                trust({"AWS": HERE})["Statement"][0]
                | {"Effect": "Deny", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
            )
        ),
        worker(trust({"AWS": HERE})),
    ),
    "an instance comes to carry a role": (
        worker(LAMBDA) | {"Profile": resource("IAM::InstanceProfile", InstanceProfileName="p", Roles=[])},
        worker(LAMBDA)
        | {"Profile": resource("IAM::InstanceProfile", InstanceProfileName="p", Roles=[{"Ref": "Worker"}])},
    ),
    "a function takes a stronger role": (
        worker(LAMBDA)
        | {"Fn": resource("Lambda::Function", FunctionName="f", Role="arn:aws:iam::111111111111:role/weak")},
        worker(LAMBDA) | {"Fn": resource("Lambda::Function", FunctionName="f", Role=ROLE)},
    ),
    # Who may reach a resource
    "a bucket opens to everybody": (
        {"Policy": bucket_policy(to({"AWS": "arn:aws:iam::111111111111:role/worker"}))},
        {"Policy": bucket_policy(to("*"))},
    ),
    "a boundary goes of a role that a bucket names": (
        worker(LAMBDA, PermissionsBoundary=BOUNDARY)
        | {"Boundary": managed(READ, name="edge"), "Policy": bucket_policy(to({"AWS": WORKER}, "s3:*"))},
        worker(LAMBDA)
        | {"Boundary": managed(READ, name="edge"), "Policy": bucket_policy(to({"AWS": WORKER}, "s3:*"))},
    ),
    "a bucket names a user where it named the account": (
        {"Policy": bucket_policy(to({"AWS": "000000000000"}))},
        {"Policy": bucket_policy(to({"AWS": "arn:aws:iam::000000000000:user/alice"}))},
    ),
    "a trust names a user where it named the account": (
        worker(trust({"AWS": HERE})),
        worker(trust({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/alice"}})),
    ),
    "a bucket opens to another account": (
        {},
        {"Policy": bucket_policy(to({"AWS": "222222222222"}))},
    ),
    "a bucket's denial goes": (
        {
            "Policy": bucket_policy(
                to("*", "s3:*") | {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
            )
        },
        {},
    ),
    "a bucket's denial excepts one more": (
        {
            "Policy": bucket_policy(
                to("*", "s3:*")
                | {
                    "Effect": "Deny",
                    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}},
                }
            )
        },
        {
            "Policy": bucket_policy(
                to("*", "s3:*")
                | {
                    "Effect": "Deny",
                    "Condition": {
                        "StringNotEquals": {"aws:PrincipalAccount": ["111111111111", "222222222222"]}
                    },
                }
            )
        },
    ),
    "a key opens to another account": (
        key(to({"AWS": HERE}, "kms:*", "*")),
        key(to({"AWS": HERE}, "kms:*", "*"), to({"AWS": "222222222222"}, "kms:Decrypt", "*")),
    ),
    "a function may be called by another service": (
        permission(
            Principal="events.amazonaws.com", SourceArn="arn:aws:events:eu-central-1:111111111111:rule/r"
        ),
        permission(Principal="events.amazonaws.com"),
    ),
    "a queue opens to a topic": (
        {},
        {
            "Policy": resource(
                "SQS::QueuePolicy",
                Queues=["q"],
                PolicyDocument=document(to({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", "*")),
            )
        },
    ),
    "a queue's condition on a bucket goes": (
        bucket() | {"Policy": queue_policy(Condition={"ArnLike": {"aws:SourceArn": BUCKET_ARN}})},
        bucket() | {"Policy": queue_policy()},
    ),
    "a bucket's list opens": (bucket(), bucket(AccessControl="PublicRead")),
    "a bucket blocks public policies no more": (
        blocked(BlockPublicPolicy=True, BlockPublicAcls=True),
        blocked(BlockPublicAcls=True),
    ),
    "a function's address opens": (
        {"Url": resource("Lambda::Url", AuthType="AWS_IAM", TargetFunctionArn="f")},
        {"Url": resource("Lambda::Url", AuthType="NONE", TargetFunctionArn="f")},
    ),
    # Ways to sign in
    "a person gets the console": (
        alice(READ),
        alice(READ, LoginProfile={"Password": "{{resolve:secretsmanager:p}}"}),
    ),
    "a key is made": (alice(READ), alice(READ) | {"Key": resource("IAM::AccessKey", UserName="alice")}),
    "a key is switched on": (
        alice(READ) | {"Key": resource("IAM::AccessKey", UserName="alice", Status="Inactive")},
        alice(READ) | {"Key": resource("IAM::AccessKey", UserName="alice", Status="Active")},
    ),
    "the MFA condition is removed": (
        alice(READ)
        | {"Device": resource("IAM::VirtualMFADevice", VirtualMfaDeviceName="d", Users=["alice"])},
        alice(READ),
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_widening_is_shown(pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    found = reviewed(tmp_path, *pair)
    assert (found.verdict, found.exit_code) == (Verdict.WIDENS, 1)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_the_way_back_narrows_by_as_much(pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    forth, back = reviewed(tmp_path, *pair), reviewed(tmp_path, *reversed(pair))
    gained = [(each.subject, each.name, each.gains) for each in forth.gains]
    lost = [(each.subject, each.name, each.losses) for each in back.losses]
    assert [(each[:2], len(each[2])) for each in gained] == [(each[:2], len(each[2])) for each in lost]
