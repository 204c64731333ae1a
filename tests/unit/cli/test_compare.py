"""`keywright compare` as a command: text, JSON and exit codes."""

import json

import pytest

from keywright.reasoning.comparison.batch import LARGEST_POLICY
from tests.unit.cli.in_process import keywright
from tests.unit.reasoning.policies import ACCOUNT, OTHER_ACCOUNT

OBJECTS = "arn:aws:s3:::reports/*"


def policy(action="s3:GetObject", **elements):
    made = {"Effect": "Allow", "Action": action, "Resource": OBJECTS} | elements
    return {"Version": "2012-10-17", "Statement": [made]}


NARROW, WIDE = policy(), policy("s3:*Object")
MFA = policy(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
RIDDLE = policy(Condition={"Null": {"aws:x": "perhaps"}})
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def run(tmp_path):
    """Run the command in a folder of files given by name, as JSON values or as they are."""

    def command(*arguments, data=b"", **files):
        for name, content in files.items():
            text = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
            (tmp_path / f"{name}.json").write_bytes(text)
        return keywright("compare", *arguments, data=data, folder=tmp_path)

    return command


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(WIDE, NARROW, 0, id="no new access"),
        pytest.param(NARROW, WIDE, 1, id="new access"),
        pytest.param(b"{", NARROW, 2, id="no JSON"),
        pytest.param({"Statement": 5}, NARROW, 2, id="no policy"),
        pytest.param(b"\xff", NARROW, 2, id="no text"),
        pytest.param(b" " * (LARGEST_POLICY + 1), NARROW, 2, id="too large"),
        pytest.param(b'{"Version": 1e999}', NARROW, 2, id="an endless number"),
        pytest.param(policy("s3:" + "*a" * 40_000), NARROW, 2, id="a value too long"),
    ],
)
def test_the_exit_code_is_the_answer(run, old, new, code):
    found = run("old.json", "new.json", old=old, new=new)
    assert found.returncode == code
    assert bool(found.stderr) is (code == 2)
    assert b"Traceback" not in found.stderr


def test_an_undecided_comparison_exits_with_3(run):
    found = run("old.json", "new.json", old=RIDDLE, new=NARROW)
    assert found.returncode == 3
    assert found.stdout.decode().startswith("undecided: ")
    assert found.stderr.decode().startswith(
        "old.json:10:15: warning: `/Statement/0/Condition/Null/aws:x` has a value that"
    )


def test_text_has_a_request_and_its_reason(run):
    found = run("old.json", "new.json", old=MFA, new=policy())
    assert found.stdout.decode().splitlines() == [
        "new access: for example `s3:GetObject` on `arn:aws:s3:::reports/example` by `arn:aws:iam::123456789012:user/example`",
        "  before: implicitly-denied, no identity-based policy and no resource-based policy allows the action",
        "  now: allowed, identity-based policy 1 /Statement/0 allows",
    ]


def test_text_has_the_context_of_the_request(run):
    found = run("old.json", "new.json", old={"Version": "2012-10-17", "Statement": []}, new=MFA)
    assert "  with aws:MultiFactorAuthPresent = true" in found.stdout.decode().splitlines()


def test_text_reports_a_proof(run):
    found = run("old.json", "new.json", old=WIDE, new=NARROW)
    assert (
        found.stdout.decode()
        == "no new access: the old policy allows everything that the new policy allows\n"
    )


def test_json_has_the_result(run):
    found = run("old.json", "new.json", "--format", "json", old=NARROW, new=WIDE)
    assert json.loads(found.stdout) == {
        "verdict": "new-access",
        "witness": {
            "principal": "arn:aws:iam::123456789012:user/example",
            "action": "s3:DeleteObject",
            "resource": "arn:aws:s3:::reports/example",
            "context": {},
        },
    }


def test_detects_the_kind_of_policy_by_its_elements(run):
    other = json.loads(json.dumps(TRUST).replace(ACCOUNT, OTHER_ACCOUNT))
    found = run("old.json", "new.json", "--format", "json", old=TRUST, new=other)
    assert json.loads(found.stdout)["witness"]["resource"].startswith(f"arn:aws:iam::{OTHER_ACCOUNT}:role/")


def test_refuses_a_kind_that_does_not_match(run):
    found = run("old.json", "new.json", "--kind", "identity", old=TRUST, new=TRUST)
    assert found.returncode == 2
    assert (
        b"old.json:4:3: `/Statement/0` needs one of `Resource` and `NotResource`; found neither"
        in found.stderr
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([(WIDE, NARROW), (NARROW, NARROW)], 0, id="nothing new"),
        pytest.param([(WIDE, NARROW), (NARROW, WIDE)], 1, id="one new"),
        pytest.param([(NARROW, WIDE), (NARROW, {"Statement": 5})], 2, id="one unusable"),
    ],
)
def test_the_exit_code_of_a_batch_is_the_answer(run, lines, code):
    text = "".join(
        json.dumps({"id": n, "kind": "identity", "before": b, "after": a}) + "\n"
        for n, (b, a) in enumerate(lines)
    )
    found = run("--batch", "-", data=text.encode())
    assert found.returncode == code
    assert len(found.stdout.splitlines()) == len(lines)


def test_answers_a_batch_line_by_line(run):
    cases = [
        {"id": "same", "kind": "identity", "before": WIDE, "after": NARROW, "source": "anything"},
        {"id": "new", "kind": "trust", "before": TRUST, "after": TRUST | {"Statement": []}},
        {"id": "kind", "kind": "pure", "before": WIDE, "after": NARROW},
        {"id": "after", "kind": "identity", "before": WIDE},
        {"id": "seen", "before": TRUST, "after": TRUST},
    ]
    found = run(
        "--batch", "-", data=b"".join(json.dumps(case).encode() + b"\n" for case in cases) + b"[]\n{\n"
    )
    assert [json.loads(line) for line in found.stdout.splitlines()] == [
        {"id": "same", "verdict": "no-new-access", "witness": None},
        {"id": "new", "verdict": "no-new-access", "witness": None},
        {
            "id": "kind",
            "verdict": "undecided",
            "witness": None,
            "because": "unusable: `/kind` is not a kind of policy",
        },
        {
            "id": "after",
            "verdict": "undecided",
            "witness": None,
            "because": "unusable: the case has no `after`",
        },
        {"id": "seen", "verdict": "no-new-access", "witness": None},
    ]
    assert found.returncode == 2
    assert found.stderr.decode().splitlines()[-3:] == [
        "<stdin>:4:1: the case has no `after`; accepted: a policy document",
        "<stdin>:6:1: the case is not an object; found `a list`; accepted: an object",
        "<stdin>:7:2: the text is not JSON: expecting property name enclosed in double quotes",
    ]


def test_prints_a_batch_as_text(run):
    line = json.dumps({"id": "x", "kind": "identity", "before": WIDE, "after": NARROW})
    found = run("--batch", "-", "--format", "text", data=line.encode())
    assert (
        found.stdout.decode()
        == "x: no new access: the old policy allows everything that the new policy allows\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nothing"),
        pytest.param(["old.json"], id="one document"),
        pytest.param(["old.json", "new.json", "--batch", "-"], id="both ways"),
        pytest.param(["--batch", "missing.jsonl"], id="no such batch"),
        pytest.param(["missing.json", "old.json"], id="no such file"),
        pytest.param([".", "old.json"], id="a folder"),
    ],
)
def test_refuses_wrong_arguments(run, arguments):
    found = run(*arguments, old=NARROW, new=NARROW)
    assert found.returncode == 2
    assert found.stderr
    assert b"Traceback" not in found.stderr


def test_escapes_control_characters_from_files(run):
    evil = policy(Resource="arn:aws:s3:::\u001b[31m*")
    found = run("old.json", "new.json", old=NARROW, new=evil)
    assert b"\x1b" not in found.stdout
    assert found.returncode == 1
