"""`keywright can` and `keywright who-can` answer with the statement that decides, and where it is defined."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import BUCKET, MFA, allow, inline, resource, trust, write

GOLDEN = Path(__file__).parents[2] / "golden" / "access_questions"
OBJECT = "arn:aws:s3:::acme-reports/monthly/x"
TEMPLATE = "access.template.json"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    return tmp_path


def ask(*arguments):
    return CliRunner().invoke(app, [*arguments, "--today", "2026-11-24"])


@pytest.mark.parametrize(
    ("question", "code"),
    [
        pytest.param(["user/alice", "s3:GetObject", OBJECT], 0, id="through a group"),
        pytest.param(["user/alice", "s3:PutObject", OBJECT], 1, id="not allowed"),
        pytest.param(["user/carol", "s3:DeleteObject", OBJECT], 3, id="with MFA only"),
        pytest.param(
            ["user/carol", "s3:DeleteObject", OBJECT, "--context", "aws:MultiFactorAuthPresent=true"],
            0,
            id="with MFA",
        ),
        pytest.param(
            ["user/carol", "s3:DeleteObject", OBJECT, "--context", "aws:multifactorauthpresent=false"],
            1,
            id="without MFA",
        ),
        pytest.param(
            ["user/alice", "s3:GetObject", OBJECT, "--context", "aws:SecureTransport=false"],
            1,
            id="denied by the bucket",
        ),
        pytest.param(["user/nobody", "s3:GetObject", OBJECT], 2, id="no such principal"),
        pytest.param(["group/analysts", "s3:GetObject", OBJECT], 2, id="a group is no principal"),
        pytest.param(["user/alice", "s3:GetObject", "bucket/nothing"], 2, id="no such resource"),
        pytest.param(["user/alice", "s3", OBJECT], 2, id="no action"),
        pytest.param(["user/alice", "s3:GetObject", OBJECT, "--context", "mfa"], 2, id="no context"),
    ],
)
def test_the_exit_code_is_the_answer(question, code):
    principal, action, on, *options = question
    assert ask("can", principal, action, on, TEMPLATE, *options).exit_code == code


@pytest.mark.parametrize(
    "principal",
    [
        "user/alice",
        "user/Alice",
        "arn:aws:iam::111111111111:user/alice",
    ],
)
@pytest.mark.parametrize(
    "on",
    [
        "bucket/reports",
        "bucket/acme-reports",
        "bucket/reports/monthly/x",
        "bucket/reports/monthly/*",
        "arn:aws:s3:::acme-reports/*",
        OBJECT,
    ],
)
def test_accepts_names_and_arns(principal, on):
    assert ask("can", principal, "s3:GetObject", on, TEMPLATE).exit_code == 0


def test_answers_for_a_session_as_for_its_role():
    session = "arn:aws:sts::111111111111:assumed-role/writer/ci"
    assert ask("can", session, "s3:PutObject", OBJECT, TEMPLATE).exit_code == 0


@pytest.mark.parametrize(
    ("question", "golden"),
    [
        pytest.param(
            ["can", "user/alice", "s3:GetObject", "bucket/reports/monthly/x"], "can_group.txt", id="allowed"
        ),
        pytest.param(
            ["can", "user/bob", "s3:DeleteObject", "bucket/reports/x"], "can_role.txt", id="by a role"
        ),
        pytest.param(["who-can", "s3:DeleteObject", "bucket/reports"], "who_can.txt", id="who"),
    ],
)
def test_text_names_the_deciding_statement_and_its_line(question, golden):
    assert ask(*question, TEMPLATE).output == (GOLDEN / golden).read_text("utf-8")


def test_json_has_the_deciding_statement():
    found = json.loads(ask("can", "user/alice", "s3:GetObject", OBJECT, TEMPLATE, "--format", "json").output)
    (deciding,) = found["deciding"]
    assert (found["verdict"], deciding["through"], deciding["holder"]) == (
        "allowed",
        "group/analysts",
        "Analysts",
    )
    assert deciding["at"].startswith(f"{TEMPLATE}:")


def test_a_value_known_only_at_deployment_is_undecided(here):
    policies = inline(allow("s3:GetObject", {"Fn::ImportValue": "which"}))
    write(here, Dave=resource("IAM::User", UserName="dave", Policies=policies))
    found = ask("can", "user/dave", "s3:GetObject", OBJECT, TEMPLATE)
    assert found.exit_code == 3
    assert "known only at deployment" in found.output


def test_an_unknown_policy_is_undecided(here):
    arns = ["arn:aws:iam::111111111111:policy/elsewhere"]
    write(here, Dave=resource("IAM::User", UserName="dave", ManagedPolicyArns=arns))
    found = ask("can", "user/dave", "s3:GetObject", OBJECT, TEMPLATE)
    assert found.exit_code == 3


def test_a_time_bound_depends_on_the_day(here):
    until = {"DateLessThan": {"aws:CurrentTime": "2026-11-25T00:00:00Z"}}
    policies = inline(allow("s3:GetObject", BUCKET, Condition=until))
    write(here, Dave=resource("IAM::User", UserName="dave", Policies=policies))
    question = ["can", "user/dave", "s3:GetObject", OBJECT, TEMPLATE]
    assert ask(*question).exit_code == 0
    assert CliRunner().invoke(app, [*question, "--today", "2026-11-25"]).exit_code == 1


@pytest.mark.parametrize(
    ("question", "code"),
    [
        pytest.param(["s3:DeleteObject", "bucket/reports"], 0, id="somebody may"),
        pytest.param(["s3:DeleteBucket", "bucket/reports"], 0, id="the administrator"),
        pytest.param(["s3", "bucket/reports"], 2, id="no action"),
        pytest.param(["s3:GetObject", "bucket/nothing"], 2, id="no such resource"),
    ],
)
def test_the_exit_code_of_who_can_is_the_answer(question, code):
    assert ask("who-can", *question, TEMPLATE).exit_code == code


def test_who_can_without_principals_exits_with_1(here):
    write(here, Admin=None, Deployer=None)
    found = ask("who-can", "s3:DeleteBucket", "bucket/reports", TEMPLATE)
    assert (found.exit_code, found.output.splitlines()[-1]) == (1, "  nobody in this assembly")


def test_who_can_with_undecided_principals_only_exits_with_3(here):
    write(here, Admin=None, Deployer=None, Writer=None, Bob=None)
    assert ask("who-can", "s3:DeleteObject", "bucket/reports", TEMPLATE).exit_code == 3


def test_json_lists_who_can_assume_a_role():
    found = json.loads(ask("who-can", "s3:PutObject", "bucket/reports", TEMPLATE, "--format", "json").output)
    acting = {each["principal"]["name"]: [one["principal"] for one in each["acting_as_it"]] for each in found}
    assert acting == {"role/writer": ["user/bob", "role/admin"], "role/admin": []}


MACRO = "access.template.json:2:2: `Expand` changes the template at deployment; what it adds is not known"


@pytest.fixture
def expanded(here):
    template = json.loads((here / TEMPLATE).read_text())
    (here / TEMPLATE).write_text(json.dumps({"Transform": "Expand"} | template, indent=1))


@pytest.mark.parametrize(
    ("question", "says"),
    [
        pytest.param(["can", "user/alice", "s3:GetObject", OBJECT], "as written: allowed", id="can"),
        pytest.param(["can", "user/alice", "s3:PutObject", OBJECT], "as written: implicitly", id="denied"),
        pytest.param(["who-can", "s3:GetObject", OBJECT], "can, as written: ", id="who-can"),
        pytest.param(["who-can", "s3:GetObject", OBJECT, "--format", "json"], '"undecided"', id="data"),
        pytest.param(["explain", "user/alice"], "can read", id="explain"),
    ],
)
def test_resources_that_a_macro_adds_are_undecided(expanded, question, says):
    options = question[question.index("--format") :] if "--format" in question else []
    today = [] if question[0] == "explain" else ["--today", "2026-11-24"]
    words = [*question[: len(question) - len(options)], TEMPLATE, *options, *today]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 3
    assert MACRO in found.output
    assert says in found.output


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param({"AWS": {"Ref": "AWS::AccountId"}}, id="account"),
        pytest.param({"AWS": {"Fn::Sub": "${AWS::AccountId}"}}, id="account written into a text"),
        pytest.param({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, id="root"),
        pytest.param({"AWS": {"Fn::GetAtt": ["Bob", "Arn"]}}, id="user"),
    ],
)
def test_recognizes_the_account_of_a_trust_in_any_spelling(here, principal):
    role = resource(
        "IAM::Role",
        RoleName="writer",
        AssumeRolePolicyDocument=trust(principal),
        Policies=inline(allow("s3:PutObject", BUCKET)),
    )
    write(here, Writer=role, Admin=None)
    found = ask("who-can", "s3:PutObject", "bucket/reports", TEMPLATE).output
    assert "  user/bob: by assuming role/writer" in found.splitlines()


def test_lists_both_principals_of_one_name(here):
    write(here, alice=resource("IAM::User", UserName="other"))
    found = ask("can", "user/alice", "s3:GetObject", OBJECT, TEMPLATE)
    assert (found.exit_code, found.output.count("user/other` (access.template.json:")) == (2, 1)


TAGGING = "sts:TagSession"
FROM_EC2 = {"Service": "ec2.amazonaws.com"}


@pytest.mark.parametrize(
    ("tags", "trusting", "code"),
    [
        pytest.param([{"Key": "app", "Value": "fleet"}], trust(FROM_EC2), 0, id="the tag"),
        pytest.param([{"Key": "App", "Value": "fleet"}], trust(FROM_EC2), 0, id="in any case"),
        pytest.param([{"Key": "app", "Value": "vault"}], trust(FROM_EC2), 1, id="another value"),
        pytest.param([], trust(FROM_EC2), 3, id="no tag, which others can set"),
        pytest.param({"Ref": "Tags"}, trust(FROM_EC2), 3, id="tags that only deployment knows"),
        pytest.param(
            [{"Key": "app", "Value": "fleet"}],
            trust(FROM_EC2, Action=["sts:AssumeRole", TAGGING]),
            3,
            id="the tag, and sessions may bring another",
        ),
    ],
)
def test_the_tags_of_a_role_are_tags_of_its_sessions(here, tags, trusting, code):
    decided = {"StringEquals": {"aws:PrincipalTag/app": "fleet"}}
    root = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
    target = {"Fn::GetAtt": ["Writer", "Arn"]}
    write(
        here,
        Fleet=resource(
            "IAM::Role",
            RoleName="fleet",
            Tags=tags,
            AssumeRolePolicyDocument=trusting,
            Policies=inline(allow("sts:AssumeRole", target)),
        ),
        Writer=resource(
            "IAM::Role", RoleName="writer", AssumeRolePolicyDocument=trust(root, Condition=decided)
        ),
        Admin=None,
    )
    assert ask("can", "role/fleet", "sts:AssumeRole", "role/writer", TEMPLATE).exit_code == code


@pytest.mark.parametrize(
    ("tags", "who"),
    [
        pytest.param([{"Key": "app", "Value": "fleet"}], "user/ida possibly", id="by the tag that is set"),
        pytest.param([{"Key": "app", "Value": "vault"}], "", id="by another value of it"),
        pytest.param([], "user/ida possibly", id="by a tag that others can set"),
    ],
)
def test_a_shell_on_an_instance_has_the_access_of_its_role(here, tags, who):
    decided = {"StringEquals": {"ssm:resourceTag/app": "fleet"}} | MFA
    write(
        here,
        Fleet=resource(
            "IAM::Role",
            RoleName="fleet",
            AssumeRolePolicyDocument=trust(FROM_EC2),
            Policies=inline(allow("s3:PutObject", BUCKET)),
        ),
        Profile=resource("IAM::InstanceProfile", Roles=[{"Ref": "Fleet"}]),
        Machine=resource("EC2::Instance", IamInstanceProfile={"Ref": "Profile"}, Tags=tags),
        Ida=resource(
            "IAM::User", UserName="ida", Policies=inline(allow("ssm:StartSession", Condition=decided))
        ),
        Deployer=None,
        Admin=None,
    )
    expected_line = f"    and who can open a shell on its instances: {who}"
    lines = ask("who-can", "s3:PutObject", "bucket/reports", TEMPLATE).output.splitlines()
    assert (expected_line in lines) is bool(who)
    assert any("can open a shell" in line for line in lines) is bool(who)
    answers = json.loads(
        ask("who-can", "s3:PutObject", "bucket/reports", TEMPLATE, "--format", "json").stdout
    )
    shells = {each["principal"]["name"]: each["shells"] for each in answers}
    assert shells["role/fleet"] == ([{"principal": "user/ida", "sure": False}] if who else [])
    assert shells["role/writer"] == []
