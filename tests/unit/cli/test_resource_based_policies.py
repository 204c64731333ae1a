"""Questions about resources with resource-based policies, and about resources that match a pattern."""

import json

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, document, inline, resource, trust

ALLOWED, DENIED, OPEN = 0, 1, 3
USER = {"AWS": {"Fn::GetAtt": ["U", "Arn"]}}
ROOT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
QUEUE = {"Fn::GetAtt": ["Q", "Arn"]}
A_KEY = "arn:aws:kms:eu-central-1:111111111111:key/elsewhere"


def user(*statements, **properties):
    policies = {"Policies": inline(*statements)} if statements else {}
    return resource("IAM::User", UserName="u", **policies, **properties)


def of(principal, action, on="*", effect="Allow", **elements):
    return allow(action, on, Principal=principal, **elements) | {"Effect": effect}


def queue(statement, **properties):
    policy = resource("SQS::QueuePolicy", Queues=[{"Ref": "Q"}], PolicyDocument=document(statement))
    return {"Q": resource("SQS::Queue", **properties), "Policy": policy}


def key(*statements):
    return {"K": resource("KMS::Key", KeyPolicy=document(*statements))}


def bucket(*statements):
    return {"B": resource("S3::BucketPolicy", Bucket="b", PolicyDocument=document(*statements))}


def role(principal):
    return {"R": resource("IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust(principal))}


def permission(principal):
    return {
        "F": resource("Lambda::Function", FunctionName="f"),
        "P": resource(
            "Lambda::Permission", FunctionName="f", Action="lambda:InvokeFunction", Principal=principal
        ),
    }


def codes(folder, resources, action, on):
    """Return what `can` and `who-can` answer."""
    file = folder / "t.json"
    file.write_text(json.dumps({"Resources": resources}))
    questions = ["can", "arn:aws:iam::111111111111:user/u", action, on], ["who-can", action, on]
    return [CliRunner().invoke(app, [*question, str(file)]).exit_code for question in questions]


def deny(action, on):
    return allow(action, on) | {"Effect": "Deny"}


@pytest.mark.parametrize(
    ("resources", "action", "on", "code"),
    [
        pytest.param(
            {"U": user(allow("sqs:*"))} | queue(of("*", "sqs:*", QUEUE, "Deny"), QueueName="q"),
            "sqs:SendMessage",
            "queue/q",
            DENIED,
            id="a queue denies",
        ),
        pytest.param(
            {"U": user()} | queue(of(USER, "sqs:*", QUEUE)),
            "sqs:SendMessage",
            "queue/Q",
            ALLOWED,
            id="a queue without a name allows",
        ),
        pytest.param(
            {"U": user()} | permission(USER["AWS"]),
            "lambda:InvokeFunction",
            "function/f",
            ALLOWED,
            id="a function allows",
        ),
        pytest.param(
            {"U": user()} | bucket(of(USER, "s3:*", "arn:aws:s3:::b/*")),
            "s3:GetObject",
            "arn:aws:s3:::b/x",
            ALLOWED,
            id="a bucket allows",
        ),
        pytest.param(
            {"U": user(allow("kms:Decrypt"))} | key(of(ROOT, "kms:*")),
            "kms:Decrypt",
            "key/K",
            ALLOWED,
            id="a key delegates",
        ),
        pytest.param(
            {"U": user(allow("kms:Decrypt"))} | key(of({"Service": "s3.amazonaws.com"}, "kms:Describe*")),
            "kms:Decrypt",
            "key/K",
            DENIED,
            id="a key does not delegate",
        ),
        pytest.param(
            {"U": user(allow("kms:Decrypt"))}, "kms:Decrypt", A_KEY, OPEN, id="a key declared elsewhere"
        ),
        pytest.param(
            {"U": user(allow("s3:*"))}, "kms:Decrypt", A_KEY, DENIED, id="a key that nobody may use"
        ),
        pytest.param(
            {"U": user(allow("sts:AssumeRole"))},
            "sts:AssumeRole",
            "arn:aws:iam::222222222222:role/x",
            OPEN,
            id="a role declared elsewhere",
        ),
        pytest.param(
            {"U": user(allow("sts:*"))} | role(ROOT), "sts:AssumeRole", "role/r", ALLOWED, id="a role trusts"
        ),
        pytest.param(
            {"U": user(allow("sts:*"))} | role({"Service": "ec2.amazonaws.com"}),
            "sts:AssumeRole",
            "role/r",
            [DENIED, ALLOWED],
            id="a role trusts a service, which is no user",
        ),
    ],
)
def test_one_resource(tmp_path, resources, action, on, code):
    asked = codes(tmp_path, resources, action, on)
    assert asked == (code if isinstance(code, list) else [code, code])


def test_a_table_of_another_account_may_have_a_policy_that_allows(tmp_path):
    table = "arn:aws:dynamodb:eu-central-1:222222222222:table/x"
    assert codes(tmp_path, {"U": user(allow("dynamodb:*"))}, "dynamodb:GetItem", table)[0] == OPEN


OBJECTS = "arn:aws:s3:::b/*"
HARD = "?" * 14


@pytest.mark.parametrize(
    ("resources", "action", "on", "code"),
    [
        pytest.param(
            {
                "U": user(
                    allow("s3:GetObject", OBJECTS),
                    deny("s3:GetObject", "arn:aws:s3:::b/?*"),
                    allow("s3:GetObject", "arn:aws:s3:::c/one"),
                )
            },
            "s3:GetObject",
            "arn:aws:s3:::*/?*",
            ALLOWED,
            id="only one resource is left",
        ),
        pytest.param(
            {
                "U": user(
                    allow(
                        "s3:GetObject",
                        "arn:aws:s3:::b/a*",
                        Condition={"Bool": {"aws:SecureTransport": "false"}},
                    ),
                    allow("s3:GetObject", "arn:aws:s3:::b/b*"),
                )
            },
            "s3:GetObject",
            OBJECTS,
            ALLOWED,
            id="the first pattern asks for something else",
        ),
        pytest.param(
            {
                "U": user(allow("s3:*"), PermissionsBoundary={"Ref": "Within"}),
                "Within": resource(
                    "IAM::ManagedPolicy", PolicyDocument=document(allow("s3:GetObject", "arn:aws:s3:::b/c/*"))
                ),
            },
            "s3:GetObject",
            OBJECTS,
            ALLOWED,
            id="what a boundary allows",
        ),
        pytest.param(
            {"U": user(allow("s3:*"))} | bucket(of("*", "s3:*", "arn:aws:s3:::b/e*", "Deny")),
            "s3:GetObject",
            OBJECTS,
            ALLOWED,
            id="what a bucket's policy allows",
        ),
        pytest.param(
            {"U": user(allow("s3:*"))} | bucket(of("*", "s3:*", OBJECTS, "Deny")),
            "s3:GetObject",
            OBJECTS,
            DENIED,
            id="a bucket allows nothing",
        ),
        pytest.param(
            {"U": user(allow("s3:*"))}
            | bucket(of({"AWS": "arn:aws:iam::111111111111:user/v"}, "s3:*", OBJECTS, "Deny")),
            "s3:GetObject",
            OBJECTS,
            ALLOWED,
            id="a bucket denies somebody else",
        ),
        pytest.param(
            {"U": user(allow("s3:*", "arn:aws:s3:::b/${aws:username}/*"))},
            "s3:GetObject",
            OBJECTS,
            ALLOWED,
            id="a variable that is known",
        ),
        pytest.param(
            {"U": user(allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"))},
            "s3:GetObject",
            OBJECTS,
            OPEN,
            id="a variable that is not",
        ),
        pytest.param(
            {"U": user(allow("kms:Decrypt"))} | key(of(ROOT, "kms:*")),
            "kms:Decrypt",
            "arn:aws:kms:*:*:key/*",
            ALLOWED,
            id="any key",
        ),
        pytest.param(
            {"U": user(allow("sts:*", "arn:aws:iam::*:role/r"))} | role(ROOT),
            "sts:AssumeRole",
            "arn:aws:iam::*:role/*",
            ALLOWED,
            id="any role, of an unknown account",
        ),
        pytest.param(
            {
                "U": user(
                    allow("s3:GetObject", f"arn:aws:s3:::b/*a{HARD}b*"),
                    *(
                        deny("s3:GetObject", f"arn:aws:s3:::b/*{each}*")
                        for each in (f"b{HARD}a", f"a{HARD[1:]}c", f"{HARD}a*{HARD}b")
                    ),
                )
            },
            "s3:GetObject",
            OBJECTS,
            OPEN,
            id="patterns that overlap in too many ways",
        ),
        pytest.param(
            {
                "U": user(
                    *(
                        allow(
                            "s3:GetObject",
                            f"arn:aws:s3:::b/{n}*",
                            Condition={"Bool": {"aws:SecureTransport": "false"}},
                        )
                        for n in range(80)
                    )
                )
            },
            "s3:GetObject",
            OBJECTS,
            DENIED,
            id="many patterns that do not apply",
        ),
        pytest.param(
            {"U": user(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"))},
            "s3:ListAllMyBuckets",
            "*",
            ALLOWED,
            id="every bucket",
        ),
    ],
)
def test_a_pattern_covers_each_matching_resource(tmp_path, resources, action, on, code):
    assert codes(tmp_path, resources, action, on) == [code, code]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        pytest.param({"Ref": "B"}, DENIED, id="the bucket"),
        pytest.param("b", DENIED, id="the bucket by name"),
        pytest.param("other", ALLOWED, id="another"),
        pytest.param({"Ref": "Other"}, ALLOWED, id="another, without a name"),
        pytest.param({"Fn::ImportValue": "which"}, OPEN, id="any"),
        pytest.param({"Fn::Sub": "logs-${P}"}, ALLOWED, id="any of a name that the bucket does not have"),
    ],
)
def test_a_policy_may_deny_on_a_bucket_known_only_at_deployment(tmp_path, target, code):
    denying = document(of("*", "s3:*", "*", "Deny"))
    resources = {
        "U": user(allow("s3:*")),
        "B": resource("S3::Bucket", BucketName="b"),
        "Other": resource("S3::Bucket"),
        "P": resource("S3::BucketPolicy", Bucket=target, PolicyDocument=denying),
        "Q": resource("SQS::QueuePolicy", Queues=[{"Fn::ImportValue": "q"}], PolicyDocument=denying),
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": resources, "Parameters": {"P": {"Type": "String"}}}))
    words = ["can", "user/u", "s3:GetObject", "arn:aws:s3:::b/x", str(file)]
    assert CliRunner().invoke(app, words).exit_code == code


def test_a_policy_may_allow_on_a_bucket_known_only_at_deployment(tmp_path):
    policy = resource(
        "S3::BucketPolicy",
        Bucket={"Fn::ImportValue": "which"},
        PolicyDocument=document(of(USER, "s3:GetObject", "*")),
    )
    assert codes(tmp_path, {"U": user(), "P": policy}, "s3:GetObject", "arn:aws:s3:::b/x") == [OPEN, OPEN]
    assert codes(tmp_path, {"U": user(), "P": policy}, "s3:PutObject", "arn:aws:s3:::b/x") == [DENIED, DENIED]
