"""Hints for a denied question that is probably mistaken; the answer stays the same."""

import pytest
from typer.testing import CliRunner

from keywright.cli.ask.answers import hints
from keywright.cli.main import app
from tests.unit.cli.access import MFA, allow, inline, resource, write


@pytest.mark.parametrize(
    ("action", "on", "says"),
    [
        pytest.param("s3:GetObject", "arn:aws:s3:::b/x", [], id="an object"),
        pytest.param("S3:getobject", "arn:aws:s3:::b/*", [], id="in any case"),
        pytest.param("s3:ListBucket", "arn:aws:s3:::b", [], id="a bucket"),
        pytest.param("iam:PassRole", "arn:aws:iam::111111111111:role/a/b", [], id="a role with a path"),
        pytest.param("ec2:DescribeInstances", "*", [], id="no resource"),
        pytest.param(
            "ec2:DescribeInstances",
            "arn:aws:ec2:::x",
            ["`ec2:DescribeInstances` takes no resource; ask about `*`"],
            id="a resource that it does not take",
        ),
        pytest.param(
            "s3:DeleteObjectTagging",
            "arn:aws:s3:::b",
            [
                (
                    "`s3:DeleteObjectTagging` does not act on such a resource; it acts on"
                    " `arn:${Partition}:s3:::${BucketName}/${ObjectName}`, `arn:${Partition}:s3:${Region}:${Account}:"
                    "accesspoint/${AccessPointName}/object/${ObjectName}`"
                )
            ],
            id="a resource that it does not act on",
        ),
        pytest.param(
            "sqs:SendMesage",
            "*",
            [
                (
                    "AWS lists no action `sqs:SendMesage`; nearest: `sqs:SendMessage`, `sqs:DeleteMessage`,"
                    " `sqs:ReceiveMessage`"
                )
            ],
            id="mistyped",
        ),
        pytest.param(
            "lamda:Invoke",
            "*",
            ["AWS lists no action `lamda:Invoke`; nearest: `lambda:…`"],
            id="a mistyped service",
        ),
        pytest.param("qqqqqqqqqq:X", "*", ["AWS lists no action `qqqqqqqqqq:X`"], id="like no other"),
    ],
)
def test_prints_a_hint(action, on, says):
    found = list(hints(action, on))
    assert found == says


def test_prints_no_hint_for_a_denied_request(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    guarded = allow("*", "*", Condition=MFA) | {"Effect": "Deny"}
    write(tmp_path, Dave=resource("IAM::User", UserName="dave", Policies=inline(guarded)))
    words = ["can", "user/dave", "s3:GetObjct", "bucket/reports", "access.template.json"]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 1
    assert found.output.splitlines()[:2] == [
        "denied: user/dave: s3:GetObjct on bucket/reports arn:aws:s3:::acme-reports",
        (
            "  because no identity-based policy and no resource-based policy allows the action; whether a statement also denies it"
            " is undecided: the condition `Bool` on `aws:MultiFactorAuthPresent` cannot be evaluated"
        ),
    ]
    assert "nearest: `s3:GetObject`" in found.output
