"""`keywright simulate` answers each line as it comes."""

import json
import subprocess
import sys
import time

import pytest

from keywright.policy.parsing.json_text import LARGEST_TEXT
from tests.unit.cli.in_process import keywright
from tests.unit.reasoning.policies import USER, statement

ALLOWED = {
    "id": "a",
    "principal": USER,
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k",
    "identity_policies": [{"Version": "2012-10-17", "Statement": statement("Allow")}],
}
DENIED = ALLOWED | {"id": "d", "identity_policies": []}
OPEN = ALLOWED | {
    "id": "u",
    "context": {"k": ["a", "b"]},
    "identity_policies": [
        {"Version": "2012-10-17", "Statement": statement("Allow", Condition={"StringEquals": {"k": "a"}})}
    ],
}
UNUSABLE = {"id": "x", "principal": USER, "action": "s3:GetObject", "identity_policies": [{"Statement": 5}]}


def simulate(*arguments, text="", lines=()):
    data = text.encode() if text else b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return raw(*arguments, data=data)


def raw(*arguments, data=b""):
    return keywright("simulate", *arguments, data=data)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([ALLOWED, ALLOWED], 0, id="all allowed"),
        pytest.param([ALLOWED, DENIED], 1, id="one denied"),
        pytest.param([ALLOWED, OPEN], 3, id="one undecided"),
        pytest.param([OPEN, DENIED], 1, id="a denial is sure"),
        pytest.param([DENIED, UNUSABLE, OPEN], 2, id="one unusable"),
    ],
)
def test_the_exit_code_is_the_answer(lines, code):
    assert simulate("-", lines=lines).returncode == code


def test_answers_each_case_with_a_line():
    found = simulate("-", lines=[ALLOWED, DENIED, OPEN, UNUSABLE])
    assert [json.loads(line) for line in found.stdout.decode().splitlines()] == [
        {"id": "a", "verdict": "allowed", "because": "identity-based policy 1 /Statement allows"},
        {
            "id": "d",
            "verdict": "implicitly-denied",
            "because": "no identity-based policy and no resource-based policy allows the action",
        },
        {
            "id": "u",
            "verdict": "undecided",
            "because": "the condition `StringEquals` on `k` cannot be evaluated",
        },
        {"id": "x", "verdict": "undecided", "because": "unusable: the document has no statements"},
    ]
    assert found.stderr.decode() == (
        "<stdin>:4:112: the document has no statements; found `5`; accepted: an object or a list of objects\n"
    )


def test_a_bad_line_does_not_stop_the_others(tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_bytes(
        b"\xef\xbb\xbf"
        + json.dumps(ALLOWED).encode()
        + b"\r\n\n{oops\n[]\n\xff\xfe\n"
        + json.dumps(DENIED).encode()
    )
    found = simulate(str(file))
    assert found.returncode == 2
    assert [json.loads(line)["id"] for line in found.stdout.splitlines()] == ["a", "d"]
    assert found.stderr.decode().replace(str(file), "f").splitlines() == [
        "f:3:2: the text is not JSON: expecting property name enclosed in double quotes",
        "f:4:1: the case is not an object; found `a list`; accepted: an object",
        "f:5:1: the line is not UTF-8; found byte 0xff",
    ]


def test_text_is_for_people():
    found = simulate("-", "--format", "text", lines=[ALLOWED | {"id": "a\nb"}, DENIED | {"id": 7}])
    assert found.stdout.decode().splitlines() == [
        "a\\nb: allowed: identity-based policy 1 /Statement allows",
        "7: implicitly-denied: no identity-based policy and no resource-based policy allows the action",
    ]


def test_reports_a_missing_file_on_one_line():
    found = simulate("no/such.jsonl")
    assert (found.returncode, found.stdout) == (2, b"")
    assert found.stderr.decode() == "no/such.jsonl: cannot be read; found no such file or directory\n"


def test_an_unknown_format_is_unusable_input():
    assert simulate("-", "--format", "xml").returncode == 2


def test_answers_before_it_reads_the_next_case():
    command = [sys.executable, "-c", "from keywright.cli.main import run; run()", "simulate", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        for case in (ALLOWED, DENIED):
            running.stdin.write(json.dumps(case).encode() + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == case["id"]
        running.stdin.close()
        assert running.wait(30) == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"id": "x", "context": ' + b"[" * 200_000, id="nested deep"),
        pytest.param(b'"' + b"a" * (LARGEST_TEXT + 10) + b'"\n', id="longer than allowed"),
        pytest.param(b"\x00" * 100_000, id="no text"),
        pytest.param(
            b'{"id": "\\ud800", "principal": "\\ud800", "action": ":", "context": {"\\udfff": 1}}',
            id="surrogates",
        ),
    ],
)
def test_reports_hostile_lines_and_answers_the_rest(data):
    found = raw("-", data=data + b"\n" + json.dumps(ALLOWED).encode() + b"\n")
    assert json.loads(found.stdout.splitlines()[-1])["verdict"] == "allowed"
    assert found.returncode in (2, 3)
    assert b"Traceback" not in found.stderr


def test_ten_thousand_statements_with_hostile_patterns_end_in_time():
    hostile = statement("Allow", "s3:" + "*e" * 60 + "!", "arn:aws:s3:::" + "*a" * 200 + "?b")
    case = ALLOWED | {
        "resource": "arn:aws:s3:::" + "a" * 1_000,
        "identity_policies": [
            {"Version": "2012-10-17", "Statement": [hostile] * 9_999 + [statement("Allow")]}
        ],
    }
    start = time.monotonic()
    assert simulate("-", lines=[case] * 3).returncode == 0
    assert time.monotonic() - start < 60, "a guard against hanging, generous on purpose"
