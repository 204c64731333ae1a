"""An undecided answer prints the context that would decide it and the command to run, and both are correct."""

import json
import shlex

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import BUCKET, MFA, allow, inline, resource, write

TEMPLATE = "access.template.json"
HOME = {"Fn::Sub": "arn:${AWS::Partition}:s3:::acme-reports/${!aws:PrincipalTag/team}/*"}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments):
    return CliRunner().invoke(app, [*arguments, "--today", "2026-11-24"])


def denied(action, **condition):
    return allow(action, "*", Condition=condition) | {"Effect": "Deny"}


READ = allow("s3:GetObject", BUCKET)
IN_OFFICE = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}
OUTSIDE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
TEAM = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
GIVEN = {
    "MFA": (
        [allow("s3:GetObject", BUCKET, Condition=MFA)],
        ["--context aws:MultiFactorAuthPresent=true", "--absent aws:MultiFactorAuthPresent"],
    ),
    "an address": (
        [allow("s3:GetObject", BUCKET, Condition=IN_OFFICE)],
        ["--context aws:SourceIp=203.0.113.10", "--absent aws:SourceIp"],
    ),
    "an address that is not denied": (
        [READ, denied("s3:*", **OUTSIDE)],
        ["--context aws:SourceIp=203.0.113.10", "--absent aws:SourceIp"],
    ),
    "two keys at once": (
        [allow("s3:GetObject", BUCKET, Condition=MFA | IN_OFFICE)],
        [
            "--context aws:MultiFactorAuthPresent=true --context aws:SourceIp=203.0.113.10",
            "--absent aws:MultiFactorAuthPresent",
        ],
    ),
    "a key that is better absent": (
        [READ, denied("s3:*", StringEquals={"aws:PrincipalTag/state": "left"})],
        ["--absent aws:PrincipalTag/state", "--context aws:PrincipalTag/state=left"],
    ),
    "several values": (
        [
            allow(
                "s3:GetObject",
                BUCKET,
                Condition={"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}},
            )
        ],
        ["--context aws:CalledVia=athena.amazonaws.com", "--absent aws:CalledVia"],
    ),
    "a variable of the resource": (
        [allow("s3:GetObject", HOME)],
        ["--context aws:PrincipalTag/team=monthly"],
    ),
    "a tag that equals a tag": (
        [allow("s3:GetObject", BUCKET, Condition=TEAM)],
        [
            "--context aws:PrincipalTag/team=example --context aws:ResourceTag/team=example",
            "--context aws:PrincipalTag/team=example --absent aws:ResourceTag/team",
        ],
    ),
    "a value with a space": (
        [allow("s3:GetObject", BUCKET, Condition={"StringEquals": {"aws:PrincipalTag/cost": "a b"}})],
        ["--context 'aws:PrincipalTag/cost=a b'", "--absent aws:PrincipalTag/cost"],
    ),
}


@pytest.mark.parametrize(("statements", "options"), GIVEN.values(), ids=GIVEN)
def test_prints_the_context_that_decides(here, statements, options):
    write(here, Dave=resource("IAM::User", UserName="dave", Policies=inline(*statements)))
    lines = ask("can", "user/dave", "s3:GetObject", "bucket/reports/monthly/x", TEMPLATE).output.splitlines()
    expected = [
        f"  {verdict} with {each}" for verdict, each in zip(verdicts(statements), options, strict=False)
    ]
    assert [line for line in lines if " with " in line] == expected


def verdicts(statements):
    is_denying = any(each["Effect"] == "Deny" for each in statements)
    return "allowed", "explicitly-denied" if is_denying else "implicitly-denied"


@pytest.mark.parametrize(("statements", "options"), GIVEN.values(), ids=GIVEN)
def test_the_printed_command_gives_the_printed_answer(here, statements, options):
    write(here, Dave=resource("IAM::User", UserName="dave", Policies=inline(*statements)))
    asked = ask("can", "user/dave", "s3:GetObject", "bucket/reports/monthly/x", TEMPLATE)
    again = next(line for line in asked.output.splitlines() if line.startswith("ask again: "))
    assert asked.exit_code == 3
    assert CliRunner().invoke(app, shlex.split(again)[3:]).exit_code == 0


def test_json_has_the_same_content(here):
    write(here)
    found = ask("can", "user/carol", "s3:DeleteObject", "bucket/reports", TEMPLATE, "--format", "json").output
    assert json.loads(found)["decided_with"] == [
        {"context": {"aws:MultiFactorAuthPresent": ["true"]}, "verdict": "allowed"},
        {"context": {"aws:MultiFactorAuthPresent": []}, "verdict": "implicitly-denied"},
    ]


def test_an_undecided_principal_has_its_deciding_context(here):
    write(here)
    found = ask("who-can", "s3:DeleteObject", "bucket/reports", TEMPLATE).output
    assert "    allowed with --context aws:MultiFactorAuthPresent=true" in found.splitlines()


def test_no_context_decides_what_the_deployment_decides(here):
    policies = inline(allow("s3:GetObject", {"Fn::ImportValue": "which"}))
    write(here, Dave=resource("IAM::User", UserName="dave", Policies=policies))
    found = ask("can", "user/dave", "s3:GetObject", "bucket/reports/monthly/x", TEMPLATE).output
    assert " with " not in found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--absent", "mfa"], "not a condition key; found `mfa`", id="no key"),
        pytest.param(
            ["--absent", "aws:SourceIp", "--context", "aws:sourceip=192.0.2.1"],
            "the key is absent and has a value; found `aws:SourceIp`",
            id="both",
        ),
    ],
)
def test_accepts_an_absent_context_key(here, options, message):
    write(here)
    found = ask("can", "user/carol", "s3:DeleteObject", "bucket/reports", TEMPLATE, *options)
    assert (found.exit_code, message in found.stderr) == (2, True)
