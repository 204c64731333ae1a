"""Advice to use a role in place of a user: where it is reported, what it proposes, and when it stops."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.model.reading import read
from keywright.reporting.finding import Severity

TODAY = date(2026, 11, 24)
ROOT = Path(__file__).parents[3]
BASE = """\
account: {id: "111111111111", region: eu-central-1, password_policy: {}, handover: team, break_glass: role/rescue}
buckets: {inbox: {}}
groups:
  team: {}
  analysts: {grants: [{s3: [read], bucket: inbox, prefix: a/}]}
workloads:
  importer: {ec2: {}, grants: [{s3: [list, read], bucket: inbox}]}
roles:
  rescue:
    trusts: [{group: team}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
users:
  dora: {person: {email: dora@acme.example}, groups: [team], console: true}
"""
OKTA = "identity_providers: {okta: {saml: true, existing: true}}\n"
GITHUB = "identity_providers: {github: {oidc: github}}\n"
OUTSIDE = "IAM Roles Anywhere, with a certificate instead of a key"
QUIET = "or `considered: true` next to the reason"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()
    Path("access/base.yaml").write_text(BASE)


def application(reason="it was always so", name="up", more="", **keys):
    extra = "".join(f", {key}: {value}" for key, value in keys.items())
    return f"users:\n  {name}:\n    application: {{because: {reason}, review: 2027-05-01{extra}}}\n{more}"


WRITES = "    grants: [{s3: [list, write], bucket: inbox, prefix: up/}]\n"


def advice(text, today=TODAY):
    Path("access/case.yaml").write_text(text)
    reading = read(Path("access"), today)
    assert reading.declarations is not None, reading.findings
    return [each for each in reading.findings if each.severity is Severity.ADVICE]


def user_advice(text, today=TODAY):
    return [
        each
        for each in advice(text, today)
        if "role would do" in each.message or "same grants as workload" in each.message
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            application(runs_on="ec2"),
            (
                "3:75: application `up` has a user where a role would do; found `runs_on: ec2`; "
                f"accepted: a workload, whose instance gets a role; {QUIET}"
            ),
            id="declared to run on EC2",
        ),
        pytest.param(
            application(runs_on="outside"),
            f"3:75: application `up` has a user where a role would do; found `runs_on: outside`; accepted: {OUTSIDE}; {QUIET}",
            id="declared to run outside",
        ),
        pytest.param(
            application("a task on Fargate needs it"),
            (
                "3:28: application `up` has a user where a role would do; found `Fargate` in the reason; "
                f"accepted: a role that its tasks run with; {QUIET}"
            ),
            id="a reason that names what it runs on",
        ),
        pytest.param(
            application("it is a pod on Kubernetes"),
            (
                "3:28: application `up` has a user where a role would do; found `Kubernetes` in the reason; "
                f"accepted: a role that its pods run with; {QUIET}"
            ),
            id="a reason that names a cluster",
        ),
        pytest.param(
            application(name="importer"),
            (
                "2:3: application `importer` has a user where a role would do; found workload `importer`; "
                f"accepted: a workload, whose instance gets a role; {QUIET}"
            ),
            id="the name of a workload",
        ),
        pytest.param(
            application(more="    grants: [{s3: [list, read], bucket: inbox}]\n"),
            (
                "2:3: application `up` has a user with the same grants as workload `importer`; "
                f"found the grants at access/base.yaml:7:3; accepted: no user, if it runs there; {QUIET}"
            ),
            id="the grants of a workload",
        ),
    ],
)
def test_reports_the_line_and_the_alternative(text, line):
    assert [str(each) for each in user_advice(text)] == [f"access/case.yaml:{line}"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(application(), id="no hint where it runs"),
        pytest.param(application("a scanner that runs not on EC2 but on the floor"), id="it runs elsewhere"),
        pytest.param(application(runs_on="ec2", considered="true"), id="a role was considered"),
        pytest.param("users: {up: {existing: true}}\n", id="an existing user"),
    ],
)
def test_gives_no_advice(text):
    assert user_advice(text) == []


@pytest.mark.parametrize(("day", "count"), [("2027-04-16", 0), ("2027-04-17", 1), ("2027-06-01", 1)])
def test_gives_advice_again_two_weeks_before_the_review(day, count):
    text = application(runs_on="ec2", considered="true")
    assert len(user_advice(text, date.fromisoformat(day))) == count


PROPOSALS = [
    pytest.param(application(runs_on="ec2", more=WRITES), id="on EC2"),
    pytest.param(application(name="Up.Loader", runs_on="ec2", more=WRITES), id="on EC2, by a name of IAM's"),
    pytest.param(application(name='"7"', runs_on="ec2", more=WRITES), id="on EC2, by a number"),
    pytest.param(application(name="importer", runs_on="ec2", more=WRITES), id="on EC2, by a workload's name"),
    pytest.param(application(name="Up.Loader", runs_on="eks", more=WRITES), id="on EKS"),
    pytest.param(application(runs_on="codebuild", more=WRITES), id="in CodeBuild"),
    pytest.param(application(runs_on="ecs", more="    groups: [analysts]\n"), id="on ECS, by a group"),
    pytest.param(application(name="RESCUE", runs_on="lambda", more=WRITES), id="on Lambda, by a role's name"),
    pytest.param(application(runs_on="outside", more=WRITES), id="outside"),
    *(
        pytest.param(application(runs_on=ci, more=WRITES), id=f"on {ci}")
        for ci in ("gitlab", "terraform", "buildkite", "circleci", "bitbucket")
    ),
    pytest.param(
        application("GitLab runs it", more=WRITES)
        + 'identity_providers: {gitlab: {oidc: "https://git.example"}}\n',
        id="on GitLab, whose name another provider has",
    ),
    pytest.param(application(runs_on="github", more=WRITES), id="on GitHub"),
    pytest.param(application(runs_on="github", more=WRITES) + GITHUB, id="on GitHub, which is declared"),
    pytest.param(
        application(
            runs_on="lambda",
            more='    grants: [{s3: [read], bucket: inbox, prefix: "a, b: c/", until: 2027-03-01}]\n'
            '    policies: [{managed: SecurityAudit, because: "it reads: all of it"}]\n',
        ),
        id="with what needs quotes",
    ),
]


@pytest.mark.parametrize("text", PROPOSALS)
def test_proposed_text_is_valid_yaml_for_the_file(text):
    """The proposed text, in its own file in place of the user, is valid and grants what the user had."""
    (found,) = user_advice(text)
    document = yaml.safe_load(text)
    name, user = next(iter(document.pop("users").items()))
    if document:
        Path("access/case.yaml").write_text(yaml.safe_dump(document))
    else:
        Path("access/case.yaml").unlink()
    base = yaml.safe_load(BASE)
    proposed = yaml.safe_load(found.instead)
    for there in set(proposed.get("workloads", {})) & set(base["workloads"]):
        del base["workloads"][there]
    Path("access/base.yaml").write_text(yaml.safe_dump(base))
    Path("access/instead.yaml").write_text(found.instead + "\n")
    assert [str(each) for each in read(Path("access"), TODAY).findings] == []
    (thing,) = (each for section in ("workloads", "roles") for each in proposed.get(section, {}).values())
    for key in ("grants", "policies"):
        assert all(grant in thing[key] for grant in user.get(key, ()))
    assert str(name)


ALICE = "users:\n  alice: {person: {email: a@acme.example}, groups: [analysts], console: true}\n"


def test_advice_about_people_beside_a_provider_comes_once():
    bob = "  bob: {person: {email: b@acme.example}, groups: [analysts], console: true}\n"
    (found,) = advice(ALICE + bob + OKTA)
    assert str(found) == (
        "access/case.yaml:2:3: 2 people have passwords of this account although `okta` can sign "
        "people in; found `alice`, `bob`; accepted: roles for the users of `okta`; or `own_users` "
        "under `account`, with a reason and a review date"
    )
    assert found.instead == (
        "roles:\n  analysts:\n    trusts: [{saml: okta}]\n    grants:\n    - {s3: [read], bucket: inbox, prefix: a/}"
    ).replace("    - ", "      - ")


CENTER = """\
identity_center:
  instance: arn:aws:sso:::instance/ssoins-1234567890abcdef
  identity_store: d-1234567890
  groups: {analysts: {id: 906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50}}
"""


def test_advice_names_identity_center_before_other_providers():
    (found,) = advice(ALICE + OKTA + CENTER)
    assert str(found) == (
        "access/case.yaml:2:3: one person has a password of this account although IAM Identity "
        "Center can sign people in; found `alice`; accepted: permission sets for groups of IAM "
        "Identity Center; or `own_users` under `account`, with a reason and a review date"
    )
    assert found.instead == (
        "permission_sets:\n  analysts:\n    grants:\n      - {s3: [read], bucket: inbox, prefix: a/}\n"
        "# in `assignments`: {permission_set: analysts, groups: [analysts]}, "
        "with the id of `analysts` under `identity_center`"
    )
    given = "assignments: [{permission_set: analysts, groups: [analysts]}]\n"
    Path("access/instead.yaml").write_text(found.instead + "\n" + given)
    assert [each for each in read(Path("access"), TODAY).findings if each.severity != "advice"] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ALICE, id="no provider"),
        pytest.param(OKTA, id="only emergency users"),
        pytest.param(OKTA + ALICE.replace(", console: true", ""), id="somebody without a password"),
    ],
)
def test_gives_no_advice_about_people(text):
    assert advice(text) == []


@pytest.mark.parametrize(("review", "count"), [("2026-12-09", 0), ("2026-12-08", 1)])
def test_gives_no_advice_about_a_declared_user_before_its_review(review, count):
    own = f"handover: team, own_users: {{because: the directory is late, review: {review}}}"
    Path("access/base.yaml").write_text(BASE.replace("handover: team", own))
    assert len(advice(ALICE + OKTA)) == count


def test_prints_advice_with_the_text_to_write_and_exits_with_zero(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "access", tmp_path / "sample/access")
    monkeypatch.chdir(tmp_path / "sample")
    Path("access/more.yaml").write_text(application(runs_on="ec2", more=WRITES))
    result = CliRunner().invoke(app, ["validate", "--strict", "--today", "2026-11-24"])
    assert result.exit_code == 0
    assert result.output.splitlines()[1:-1] == [
        "    use instead, in any file of the folder:",
        "      workloads:",
        "        up:",
        "          ec2: {launch: none}",
        "          grants:",
        "            - {s3: [list, write], bucket: inbox, prefix: up/}",
    ]
    assert result.output.endswith("; 1 piece of advice\n")
