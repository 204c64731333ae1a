"""What is proposed, what is left and why, and how the edit looks."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from keywright.cli import main
from keywright.model.reading import read
from keywright.tighten.actions import LOGGED
from keywright.tighten.evidence import Evidence
from keywright.tighten.logged_actions_pack import logged_actions
from keywright.tighten.observed import Identity, Observed
from keywright.tighten.proposal import propose, subject
from keywright.tighten.trail import Trail, Unread
from tests.unit.tighten.trails import ACCOUNT, REGION, START, event, every_day, laid_out

DAYS = 90
HEAD = f"""\
account: {{id: "{ACCOUNT}", region: {REGION}, alias: acme, path: /access/, handover: managers, password_policy: {{}}}}
groups:
  managers: {{}}
users:
  alice: {{person: {{email: alice@a.example}}, groups: [managers], console: true}}
"""
OPERATE = """\
roles:
  operate: # on call
    trusts: [{group: managers, mfa: {within: 1h}}]
    grants:
"""
BOTH = """\
      - statement:
          effect: allow
          actions:
            # look
            - "ec2:DescribeInstance*" # all of it
            # change
            - ec2:TerminateInstances
            - iam:PassRole
          resources: ["*"]
        because: nobody knew what it needs
        wildcards: nobody knew what it needs
"""


def trail_of(*events, days=DAYS + 5, reads=1, regions=(REGION, "us-east-1")):
    trail = Trail()
    for number in range(days):
        for region in regions:
            trail.add(
                (ACCOUNT, region, str(START + timedelta(number)), *([None] * 5), 2, 0, reads, None, None)
            )
    for principal, source, name in events:
        arn = f"arn:aws:iam::{ACCOUNT}:{principal}"
        at = f"{START}T10:00:00Z"
        trail.add((None, None, None, arn, f"{source}.amazonaws.com", name, "", None, 1, 0, 0, at, at))
    return trail


USED = ("role/access/operate", "ec2", "DescribeInstances")


def proposed(tmp_path, grants, trail, head=HEAD + OPERATE, days=DAYS):
    folder = tmp_path / "access"
    folder.mkdir()
    (folder / "all.yaml").write_text(head + grants)
    reading = read(folder, date(2026, 11, 24), locked=False)
    assert reading.declarations is not None, [*map(str, reading.findings)]
    observed = Observed(trail, [Identity("role/operate", ACCOUNT, "role", "operate")])
    return propose(reading, folder, observed, Evidence(trail, ACCOUNT, REGION, days), date(2026, 11, 24))


def test_edits_what_was_not_used_and_nothing_else(tmp_path):
    proposal = proposed(tmp_path, BOTH, trail_of(USED))
    assert proposal.files[0].after == HEAD + OPERATE + BOTH.replace(
        '"ec2:DescribeInstance*" # all of it', "ec2:DescribeInstances # all of it"
    ).replace("            - ec2:TerminateInstances\n", "")


def test_a_reason_for_wildcards_goes_with_the_last_of_them(tmp_path):
    grants = BOTH.replace('["*"]', f"['arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1']").replace(
        "            - iam:PassRole\n", ""
    )
    (narrowing,) = proposed(tmp_path, grants, trail_of(USED)).narrowings
    assert narrowing.kept == ("ec2:DescribeInstances",)
    assert narrowing.edits[-1].path[-1] == "wildcards"


@pytest.mark.parametrize(
    ("trail", "reason"),
    [
        pytest.param(trail_of(USED, days=DAYS - 1), "the trail is too short for `--days 90`", id="short"),
        pytest.param(trail_of(USED, regions=("eu-west-1",)), "the trail is too short", id="another Region"),
        pytest.param(Trail(), f"the trail has no event of account {ACCOUNT}", id="another account"),
    ],
)
def test_without_evidence_there_is_no_proposal(tmp_path, trail, reason):
    proposal = proposed(tmp_path, BOTH, trail)
    assert proposal.narrowings == ()
    assert proposal.missing[0].startswith(reason)


def test_a_file_that_cannot_be_read_could_show_any_use(tmp_path):
    trail = trail_of(USED)
    trail.unread.append(Unread("a.json.gz", "the gzip data is truncated"))
    assert proposed(tmp_path, BOTH, trail).missing == (
        "what 1 file of the trail show can't be read, so nothing counts as unused",
    )


def actions(*names, resources='["*"]'):
    return f"      - statement: {{effect: allow, actions: [{', '.join(names)}], resources: {resources}}}\n        because: nobody knew what it needs\n        wildcards: nobody knew what it needs\n"


LEFT = {
    "objects": (actions("s3:GetObject", "s3:PutObject"), trail_of(USED), "the trail can't show whether `s3:GetObject`"),
    "messages": (actions("sqs:SendMessage", "sns:Publish"), trail_of(USED), "the trail can't show whether"),
    "items and functions": (actions("dynamodb:GetItem", "lambda:InvokeFunction"), trail_of(USED), "the trail can't"),
    "keys by a service": (actions("kms:Decrypt"), trail_of(USED), "the trail can't show whether `kms:Decrypt`"),
    "permission only": (actions("iam:PassRole"), trail_of(USED), "the trail can't show whether `iam:PassRole`"),
    "tags on creation": (actions("ec2:CreateTags"), trail_of(USED), "the trail can't show whether `ec2:CreateTags`"),
    "no reads logged": (actions("ec2:DescribeVpcs"), trail_of(USED, reads=0), "the trail can't show whether"),
    "no writes logged": (actions("ec2:DeleteVpc"), trail_of(USED, reads=2), "the trail can't show whether"),
    "global services elsewhere": (actions("iam:CreateRole"), trail_of(USED, regions=(REGION,)), "the trail can't show"),
    "a Region not covered": (
        actions("ec2:DeleteVpc", resources=f"['arn:aws:ec2:eu-west-3:{ACCOUNT}:vpc/*']"),
        trail_of(USED),
        "the trail does not cover `eu-west-3`",
    ),
    "an event of no known action": (
        actions("ec2:DeleteVpc"),
        trail_of(USED, ("role/access/operate", "ec2", "InventedToday")),
        "the event `ec2:InventedToday` names no known action of ec2",
    ),
    "nobody used anything": (actions("ec2:DeleteVpc"), trail_of(), "no event of who gets it"),
    "the only grant": (actions("ec2:DeleteVpc"), trail_of(USED), "nothing of it is used, and it is the only grant"),
    "too much to list": (
        actions('"cloudwatch:*"', "ec2:DescribeInstances"),
        trail_of(USED),
        "`cloudwatch:*` covers ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("grants", "trail", "reason"), LEFT.values(), ids=LEFT)
def test_keeps_what_it_has_no_evidence_about(tmp_path, grants, trail, reason):
    proposal = proposed(tmp_path, grants, trail)
    assert proposal.narrowings == ()
    assert proposal.files == ()
    assert [(subject(each.path), each.because[: len(reason)]) for each in proposal.left][:1] == [
        ("role/operate", reason)
    ]


def test_a_holder_that_began_lately_is_left(tmp_path):
    trail = trail_of()
    at = f"{START + timedelta(20)}T10:00:00Z"
    trail.add(
        (
            None,
            None,
            None,
            f"arn:aws:iam::{ACCOUNT}:{USED[0]}",
            "ec2.amazonaws.com",
            USED[2],
            "",
            None,
            1,
            0,
            0,
            at,
            at,
        )
    )
    (left,) = proposed(tmp_path, BOTH, trail).left
    assert left.because == "role/operate has its first event on 2026-07-21, less than 90 days before the last"


def test_what_another_member_uses_stays_in_the_group(tmp_path):
    head = HEAD.replace("managers: {}", "managers: {grants: GRANTS}").replace(
        "users:\n", "users:\n  bob: {person: {email: bob@a.example}, groups: [managers], console: true}\n"
    )
    grants = "[{statement: {effect: allow, actions: [ec2:RunInstances, ec2:StopInstances, ec2:StartInstances], resources: ['*']}, because: they do all of it, wildcards: they do all of it}]"
    trail = trail_of(
        ("user/access/alice", "ec2", "RunInstances"), ("user/access/bob", "ec2", "StopInstances")
    )
    (narrowing,) = proposed(tmp_path, "", trail, head=head.replace("GRANTS", grants)).narrowings
    assert (subject(narrowing.path), narrowing.removed) == ("group/managers", ("ec2:StartInstances",))


def test_the_logged_actions_are_those_of_the_installed_sdk():
    packed = {service: names.split() for service, names in json.loads(LOGGED.read_text()).items()}
    assert packed == logged_actions(), "python -m keywright.tighten.logged_actions_pack"


def test_writes_the_edit_and_reports_it(tmp_path):
    folder = tmp_path / "access"
    folder.mkdir()
    (folder / "all.yaml").write_text(HEAD + OPERATE + BOTH)
    events = [*every_day(DAYS), event(USED[0], "ec2:DescribeInstances")]
    laid_out(tmp_path / "trail", events)
    (tmp_path / "t.json").write_text('{"Resources": {}}')
    words = ["tighten", str(tmp_path / "t.json"), "--trail", str(tmp_path / "trail"), "--access", str(folder)]
    report = CliRunner().invoke(main.app, [*words, "--format", "json"])
    assert report.exit_code == 1, report.output
    (narrowed,) = json.loads(report.stdout)["proposal"]["narrowed"]
    assert narrowed["used"] == [
        {
            "action": "ec2:DescribeInstances",
            "used": 1,
            **dict.fromkeys(("first", "last"), f"{START}T10:00:00Z"),
        }
    ]
    assert "ec2:TerminateInstances" in narrowed["not_used"]
    markdown = CliRunner().invoke(main.app, [*words, "--format", "markdown"]).stdout
    assert "| `role/operate`" in markdown
    assert CliRunner().invoke(main.app, [*words, "--write"]).exit_code == 1
    assert "TerminateInstances" not in (folder / "all.yaml").read_text()
    again = CliRunner().invoke(main.app, words)
    assert (again.exit_code, "no grant can be narrowed" in again.stdout) == (0, True), again.output
