"""`keywright escalations` lists paths, shortest first, as text or as data."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import ACCOUNT, allow, inline, resource, trust, write

MANIFEST = {
    "artifacts": {
        "access": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111111111111/eu-central-1",
            "properties": {"templateFile": "access.template.json"},
        }
    }
}
GOLDEN = Path(__file__).parents[2] / "golden" / "access_questions"


def escalations(*arguments):
    return CliRunner().invoke(app, ["escalations", *map(str, arguments)])


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_text_has_the_escalation_paths(here):
    write(here)
    assert escalations("access.template.json").output == (GOLDEN / "escalations.txt").read_text("utf-8")


def test_programs_read_the_same(here):
    write(here)
    found = json.loads(escalations("access.template.json", "--format", "json").output)
    assert found == json.loads((GOLDEN / "escalations.json").read_text("utf-8"))


def test_reads_each_argument_separately(here):
    (here / "one").mkdir()
    (here / "two").mkdir()
    write(here / "one")
    write(here / "two", Deployer=None)
    found = json.loads(escalations("one", "two/access.template.json", "--format", "json").output)
    assert [(path["template"], path["principal"]) for path in found["paths"]] == [
        ("one/access.template.json", "role/deployer"),
        ("one/access.template.json", "role/admin"),
        ("two/access.template.json", "role/admin"),
    ]


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        pytest.param({}, 1, id="somebody escalates"),
        pytest.param({"Deployer": None, "Admin": None}, 3, id="somebody might"),
        pytest.param({"Deployer": None, "Helpdesk": None}, 1, id="an administrator alone"),
        pytest.param(dict.fromkeys(ACCOUNT), 0, id="nobody"),
    ],
)
def test_the_exit_code_is_the_answer(here, resources, code):
    assert escalations(write(here, **resources)).exit_code == code


@pytest.mark.parametrize("name", ["role/admin", "arn:aws:iam::111111111111:role/admin"])
def test_an_intended_administrator_is_no_finding(here, name):
    (here / "manifest.json").write_text(json.dumps(MANIFEST))
    write(here, Deployer=None, Helpdesk=None)
    assert escalations(".", "--except", name).exit_code == 0


def test_an_unknown_name_exits_with_2(here):
    found = escalations(write(here), "--except", "role/adimn")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "found `role/adimn`; accepted: `role/admin`" in found.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "t.json:1:", id="broken"),
        pytest.param(None, "there is no such file or folder", id="missing"),
    ],
)
def test_unusable_input_exits_with_2(here, content, message):
    if content is not None:
        (here / "t.json").write_text(content)
    found = escalations("t.json")
    assert found.exit_code == 2
    assert message in found.stderr


def test_answers_for_valid_templates_beside_a_broken_one(here):
    (here / "broken.json").write_text("{")
    found = escalations(write(here), "broken.json", "--format", "json")
    assert found.exit_code == 2
    assert json.loads(found.stdout)["paths"]


def test_expired_access_is_no_path(here):
    until = {"DateLessThan": {"aws:CurrentTime": "2026-11-25T00:00:00Z"}}
    policies = inline(allow("iam:CreateAccessKey", Condition=until))
    file = write(here, U=resource("IAM::User", Policies=policies), Deployer=None, Helpdesk=None)
    assert escalations(file, "--today", "2026-11-24").exit_code == 1
    assert escalations(file, "--today", "2026-11-25", "--except", "role/admin").exit_code == 0


def test_escapes_control_characters_of_a_name(here):
    policies = inline(allow("iam:CreateAccessKey"))
    user = resource("IAM::User", UserName="x\x1b[31m", Policies=policies)
    assert "\x1b" not in escalations(write(here, U=user)).output


def test_an_unfinished_search_is_reported_beside_a_path(here):
    hard = "?" * 14
    keys = [allow("iam:CreateAccessKey", f"arn:aws:iam::111111111111:user/*a{hard}b*")] + [
        allow("iam:CreateAccessKey", f"arn:aws:iam::111111111111:user/*{each}*") | {"Effect": "Deny"}
        for each in (f"b{hard}a", f"a{hard[1:]}c", f"{hard}a*{hard}b")
    ]
    own = allow("iam:PutUserPolicy", {"Fn::GetAtt": ["U", "Arn"]})
    user = resource("IAM::User", UserName="u", Policies=inline(own, *keys))
    (here / "manifest.json").write_text(json.dumps(MANIFEST))
    write(here, **dict.fromkeys(ACCOUNT), U=user)
    found = json.loads(escalations(".", "--format", "json").output)
    assert found["paths"][0]["via"] == ["iam:PutUserPolicy"]
    assert found["undecided"][0]["because"][0].startswith(
        "create an access key for another user: the patterns"
    )
    assert escalations(".").output.endswith(": 1 can escalate · 1 undecided\n")


def test_an_unknown_account_may_be_the_one_that_a_trust_names(here):
    named = {"AWS": "arn:aws:iam::111111111111:role/app"}
    everything = inline(allow("*"))
    roles = {
        "App": resource(
            "IAM::Role", RoleName="app", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"})
        ),
        "Other": resource(
            "IAM::Role", RoleName="other", AssumeRolePolicyDocument=trust(named), Policies=everything
        ),
    }
    (here / "t.template.json").write_text(json.dumps({"Resources": roles}))
    done = escalations("t.template.json")
    assert (
        "undecided: no template states its account; in account 111111111111 it may be able to escalate"
        in done.output
    )
