"""Declared control policies: what they newly allow is reported, what they deny hides no gain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.assembly.sources.organization import RECORD
from keywright.cli.main import app
from keywright.review.changes.organization import MOST_REPORTED
from tests.unit.review.templates import allow, deny, document, role, user

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111111111111"
FULL = {"file": "FullAWSAccess", "policy": document(allow("*", "*"))}
NO_DELETE = deny("s3:DeleteBucket")
TRUSTED = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def assembly(
    folder: Path, *resources: dict[str, Any], levels: list[Any] | None = None, record: str = ""
) -> Path:
    folder.mkdir()
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/eu-central-1",
        "properties": {"templateFile": "a.template.json"},
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"a": stack}}))
    template = {"Resources": {f"R{number}": each for number, each in enumerate(resources)}}
    (folder / "a.template.json").write_text(json.dumps(template))
    if levels:
        record = json.dumps({"account": ACCOUNT, "levels": levels})
    if record:
        (folder / RECORD).write_text(record)
    return folder


def level(
    *service: dict[str, Any], resource: tuple[dict[str, Any], ...] = (), full: bool = True
) -> dict[str, Any]:
    given = [{"file": "own.json", "policy": document(*service)}] if service else []
    limits = [{"file": "rcp.json", "policy": document(*resource)}] if resource else []
    return {
        "level": "root",
        "service_control": [*([FULL] if full else []), *given],
        "resource_control": limits,
    }


def asked(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


ALICE = user(allow("s3:*"))
WORKER = role(TRUSTED, allow("*"))
PERIMETER = deny("s3:*", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})


@pytest.mark.parametrize(
    ("before", "after", "code", "said"),
    [
        pytest.param([level(NO_DELETE)], [level(NO_DELETE)], 0, "nothing changed", id="the same"),
        pytest.param([level(NO_DELETE)], [level()], 1, "allow more, for instance `s3:DeleteBucket`", id="less is denied"),
        pytest.param([level(NO_DELETE)], None, 1, "allow more, for instance `s3:DeleteBucket`", id="no more said"),
        pytest.param(None, [level(NO_DELETE)], 0, "allow less", id="a claim"),
        pytest.param([level(resource=(PERIMETER,))], [level()], 1, "`resource control policies` allow more", id="resources opened"),
        pytest.param([level(allow("s3:*"), full=False)], [level(allow("s3:*", "*"), allow("ec2:*"), full=False)], 1, "allow more, for instance `ec2:", id="more is allowed"),
        pytest.param(
            [level(allow("s3:*"), full=False)], [level(allow("s3:*"), full=False), level(full=True) | {"level": "account"}], 0, "Access review", id="a level that limits nothing"
        ),
    ],
)  # fmt: skip
def test_a_review_tells_what_they_let_through(
    tmp_path: Path, before: list[Any] | None, after: list[Any] | None, code: int, said: str
) -> None:
    base = assembly(tmp_path / "base", ALICE, levels=before)
    head = assembly(tmp_path / "head", ALICE, levels=after)
    found, page = asked("review", base, head)
    assert said in page
    assert found == code


def test_a_claim_of_a_pull_request_hides_no_gain(tmp_path: Path) -> None:
    """It grants, and says beside it that the organization denies exactly that."""
    base = assembly(tmp_path / "base", user(allow("s3:ListAllMyBuckets")))
    grants = user(allow("s3:ListAllMyBuckets"), allow("s3:DeleteBucket"))
    code, page = asked("review", base, assembly(tmp_path / "head", grants, levels=[level(NO_DELETE)]))
    assert code == 1
    assert "**widens**" in page
    assert "s3:DeleteBucket" in page


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('{"account": "1", "levels": []}', id="no level"),
        pytest.param(json.dumps({"account": ACCOUNT, "levels": [level()] * 8}), id="too many levels"),
        pytest.param(
            json.dumps({"account": ACCOUNT, "levels": [level(deny("s3:*", Principal="*"))]}),
            id="what AWS refuses",
        ),
        pytest.param("[" * 100_000, id="without end"),
    ],
)
def test_a_record_that_is_none_is_unusable_and_never_no_limit(tmp_path: Path, record: str) -> None:
    base, head = assembly(tmp_path / "base", ALICE), assembly(tmp_path / "head", ALICE, record=record)
    code, page = asked("review", base, head)
    assert code == 2
    assert "the control policies cannot be read" in page


@pytest.mark.parametrize(
    ("levels", "words", "code", "said"),
    [
        pytest.param([level(NO_DELETE)], ("s3:DeleteBucket", "arn:aws:s3:::x"), 1, "service control policy at own.json", id="denied"),
        pytest.param([level(NO_DELETE)], ("s3:CreateBucket", "arn:aws:s3:::x"), 0, "allowed", id="not denied"),
        pytest.param([level(allow("ec2:*"), full=False)], ("s3:CreateBucket", "arn:aws:s3:::x"), 1, "implicitly-denied", id="not allowed at a level"),
        pytest.param([level(resource=(PERIMETER,))], ("s3:CreateBucket", "arn:aws:s3:::x"), 3, "aws:PrincipalOrgID", id="hangs on the organization"),
        pytest.param(
            [level(resource=(PERIMETER,))], ("s3:CreateBucket", "arn:aws:s3:::x", "--context", "aws:PrincipalOrgID=o-x"), 1, "resource control policy at rcp.json", id="of another organization"
        ),
        pytest.param([level(resource=(PERIMETER,))], ("ec2:RunInstances", "*"), 0, "allowed", id="another service"),
    ],
)  # fmt: skip
def test_questions_count_them(
    tmp_path: Path, levels: list[Any], words: tuple[str, ...], code: int, said: str
) -> None:
    folder = assembly(tmp_path / "out", WORKER, levels=levels)
    action, on, *more = words
    found, page = asked("can", "role/worker", action, on, folder, *more)
    assert said in page
    assert found == code


def test_they_do_not_limit_who_acts_from_another_account(tmp_path: Path) -> None:
    other = [{"account": "222222222222", "levels": [level(NO_DELETE)]}]
    folder = assembly(tmp_path / "out", WORKER, record=json.dumps(other[0]))
    assert asked("can", "role/worker", "s3:DeleteBucket", "arn:aws:s3:::x", folder)[0] == 0


def test_explain_names_them(tmp_path: Path) -> None:
    _, page = asked("explain", "role/worker", assembly(tmp_path / "out", WORKER, levels=[level(NO_DELETE)]))
    assert "limited by the control policies of its organization\n  root: FullAWSAccess, own.json" in page


@pytest.mark.parametrize(
    ("levels", "is_doubted"),
    [
        pytest.param(None, False, id="none"),
        pytest.param([level(NO_DELETE)], True, id="one that denies it"),
        pytest.param([level(deny("ec2:*"))], False, id="one that denies something else"),
        pytest.param([level(resource=(PERIMETER,))], True, id="one of the resource"),
    ],
)
def test_what_must_be_possible_is_not_proved_against_them(
    tmp_path: Path, levels: list[Any] | None, *, is_doubted: bool
) -> None:
    folder = assembly(tmp_path / "out", WORKER, levels=levels)
    (folder / "keywright-invariants.yaml").write_text(
        'always:\n  - {who: role/worker, can: "s3:DeleteBucket", on: "arn:aws:s3:::x"}\n'
    )
    _, page = asked("check", folder)
    assert ("INV002" in page) is is_doubted


def named(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    made = user(*statements)
    return {**made, "Properties": {**made["Properties"], "UserName": name}}


DELETES = named("deletes", allow("s3:DeleteBucket", "arn:aws:s3:::old-*"))
READS = named("reads", allow("s3:GetObject", "arn:aws:s3:::old/*"))


def told(page: str, name: str) -> list[str]:
    """Give the lines of a user in the details."""
    details = page.partition("<details>")[2]
    return [line for line in details.splitlines() if line.startswith(f"- `user/{name}`")]


def test_a_review_names_only_the_principals_whose_access_changes(tmp_path: Path) -> None:
    base = assembly(tmp_path / "base", DELETES, READS, levels=[level(NO_DELETE)])
    head = assembly(tmp_path / "head", DELETES, READS, levels=[level()])
    _, page = asked("review", base, head)
    shown = "by the declared control policies, for instance `s3:DeleteBucket` on `arn:aws:s3:::old-"
    assert [shown in line for line in told(page, "deletes")] == [True]
    assert told(page, "reads") == []
    code, page = asked("review", head, base)
    assert code == 0
    assert ["loses access" in line for line in told(page, "deletes")] == [True]
    assert told(page, "reads") == []


def test_an_undecided_control_policy_does_not_make_the_review_undecided(tmp_path: Path) -> None:
    """Whether EC2 takes part in resource control policies nobody says: less may be let through, and nobody gains."""
    stops = deny("ec2:RunInstances", Principal="*")
    runs = named("runs", allow("ec2:RunInstances"))
    base = assembly(tmp_path / "base", runs, levels=[level()])
    head = assembly(tmp_path / "head", runs, levels=[level(resource=(stops,))])
    code, page = asked("review", base, head)
    assert code == 0
    assert "**narrows**" in page
    assert ["may lose access" in line for line in told(page, "runs")] == [True]
    code, page = asked("review", head, base)
    assert code == 1
    assert ["may gain access" in line for line in told(page, "runs")][:1] == [True]


def test_what_is_shown_is_so_when_it_is_simulated(tmp_path: Path) -> None:
    levels = {"base": [level(NO_DELETE)], "head": [level()]}
    base, head = (assembly(tmp_path / each, DELETES, levels=given) for each, given in levels.items())
    _, page = asked("review", base, head)
    (line,) = told(page, "deletes")
    action, resource = line.split("`")[3:6:2]
    (policy,) = DELETES["Properties"]["Policies"]
    cases = [
        {
            "id": snapshot,
            "principal": f"arn:aws:iam::{ACCOUNT}:user/deletes",
            "identity_policies": [policy["PolicyDocument"]],
            "service_control_policies": [
                [each["policy"] for each in one["service_control"]] for one in given
            ],
            "action": action,
            "resource": resource,
        }
        for snapshot, given in levels.items()
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(f"{json.dumps(case)}\n" for case in cases))
    _, answers = asked("simulate", file)
    assert [json.loads(each)["verdict"] for each in answers.splitlines()] == ["explicitly-denied", "allowed"]


def test_large_accounts_are_summarized(tmp_path: Path) -> None:
    people = [
        named(f"deletes-{number}", allow("s3:DeleteBucket", "*")) for number in range(MOST_REPORTED + 3)
    ]
    base = assembly(tmp_path / "base", *people, levels=[level(NO_DELETE)])
    _, page = asked("review", base, assembly(tmp_path / "head", *people, levels=[level()]))
    details = page.partition("<details>")[2]
    assert (
        len([line for line in details.splitlines() if line.startswith("- `user/deletes-")]) <= MOST_REPORTED
    )
    assert "3 more gain access by the declared control policies" in page


def test_a_perimeter_that_falls_opens_nothing_to_who_is_within(tmp_path: Path) -> None:
    """Whoever asks from the account belongs to its organization."""
    base = assembly(tmp_path / "base", DELETES, levels=[level(resource=(PERIMETER,))])
    code, page = asked("review", base, assembly(tmp_path / "head", DELETES, levels=[level()]))
    assert code == 1
    assert told(page, "deletes") == []
