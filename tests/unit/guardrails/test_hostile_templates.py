"""Templates made to break a reader, under all rules: each gives an answer, and none hides other findings.

No test asserts a duration; a quadratic or exponential rule would make this file the slowest by far.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}


def trusting(*statements: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}},
    }


def granting(*statements: Any) -> dict[str, Any]:
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    role = trusting(SERVICE)
    return {**role, "Properties": {**role["Properties"], "Policies": [policy]}}


def allow(action: Any, resource: Any = "arn:aws:s3:::b/*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def one(resource: dict[str, Any], **sections: Any) -> str:
    return json.dumps({**sections, "Resources": {"R": resource}})


def referring() -> dict[str, Any]:
    """Return roles whose names and policies refer to each other in a circle."""
    return {
        "A": {
            "Type": "AWS::IAM::Role",
            "Properties": {"RoleName": {"Ref": "B"}, "AssumeRolePolicyDocument": {"Ref": "A"}},
        },
        "B": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::GetAtt": ["A", "Arn"]}}},
    }


CONDITIONS = {f"C{each}": {"Fn::Equals": [{"Ref": f"P{each}"}, "x"]} for each in range(30)}
PARAMETERS = {f"P{each}": {"Type": "String"} for each in range(30)}
REFUSED = {
    "600 statements": one(granting(*(allow("s3:*", f"arn:aws:s3:::b{each}/*") for each in range(600)))),
    "400 denials between allows": one(
        trusting(*({**OPEN, "Effect": "Allow" if each % 2 else "Deny"} for each in range(800)))
    ),
    "wildcards upon wildcards": one(
        granting(*[allow(["*a" * 30 + "*", "s3:" + "*e" * 50, "s3:*"], ["*" * 500, "arn:" + "*:" * 100])] * 5)
    ),
    "conditions on everything": one(
        granting(
            allow(
                "s3:*",
                Condition={"StringLike": {f"aws:PrincipalTag/{each}": ["*a*" * 100] for each in range(100)}},
            )
        )
    ),
    "a branch for each action": one(
        granting(*(allow({"Fn::If": [f"C{each}", "s3:*", "iam:*"]}) for each in range(30))),
        Parameters=PARAMETERS,
        Conditions=CONDITIONS,
    ),
    "openings of placeholders": one(
        granting(allow("s3:*", {"Fn::Sub": "${" * 20_000}), allow("s3:*", "arn:aws:s3:::" + "${a:" * 5_000))
    ),
    "30 roles that may become each other": json.dumps(
        {"Resources": {f"R{each}": {**trusting(OPEN), "Metadata": {"n": each}} for each in range(30)}}
    ),
    "words that nearly promise a secret": one(
        {
            "Type": "AWS::EC2::Instance",
            "Properties": {
                "UserData": {"Fn::Base64": "a_" * 50_000 + " -a-b" * 20_000 + "password " * 20_000}
            },
        }
    ),
}
PASSED_OVER = {
    "references in a circle": json.dumps({"Resources": referring()}),
    "intrinsics that nobody knows": one(
        {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Fn::Bogus": [1]}, "Policies": {"Fn::ForEach": 1}},
        }
    ),
    "names that double": json.dumps(
        {
            "Resources": {
                f"R{each}": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "RoleName": {"Fn::Join": ["", [{"Ref": f"R{each - 1}"}] * 2]} if each else "x"
                    },
                }
                for each in range(12)
            }
        }
    ),
}
UNUSABLE: dict[str, tuple[str, bytes]] = {
    "deep.json": ("nested", b'{"Resources": {"A": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}"),
    "deep.yaml": ("nested", b"Resources: {A: " + b"[" * 600 + b"]" * 600 + b"}\n"),
    "bomb.yaml": (
        "too many values",
        b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(9)
        )
        + b"Resources: {R: {T: *j}}\n",
    ),
    "bytes.json": ("UTF-8", b'{"Resources": {"A": {"Type": "\xff\xfe"}}}'),
    "bytes.yaml": ("UTF-8", b'Resources: {A: {Type: "\xff\xfe"}}\n'),
    "large.json": ("large", b'{"Resources": {"A": "' + b"x" * 20_000_000 + b'"}}'),
    "cut.json": ("JSON", b'{"Resources": {"A": {"Type": "AWS::IAM::Role"'),
}


def check(*paths: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *map(str, paths)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in REFUSED.items()])
def test_finds_the_fault_in_a_hostile_template(tmp_path: Path, text: str) -> None:
    path = tmp_path / "template.json"
    path.write_text(text)
    code, output = check(path)
    assert code == 1, output[-500:]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in PASSED_OVER.items()])
def test_reports_what_it_cannot_evaluate(tmp_path: Path, text: str) -> None:
    path = tmp_path / "template.json"
    path.write_text(text)
    code, output = check(path)
    assert code in (0, 1)
    assert "cannot tell" in output or "error" in output


@pytest.mark.parametrize(
    ("name", "word", "content"), [pytest.param(name, *rest, id=name) for name, rest in UNUSABLE.items()]
)
def test_an_unusable_template_hides_no_finding(tmp_path: Path, name: str, word: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.json").write_text(one(trusting(OPEN)))
    code, output = check(tmp_path)
    assert code == 2
    assert name in output
    assert word in output
    assert "TRU001" in output


def test_a_nested_stack_that_contains_itself_hides_no_finding(tmp_path: Path) -> None:
    for name, nested in (("a.json", "b.json"), ("b.json", "a.json")):
        stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": nested}}
        (tmp_path / name).write_text(json.dumps({"Resources": {"N": stack, "R": trusting(OPEN)}}))
    code, output = check(tmp_path)
    assert code == 2
    assert "contains itself" in output
    assert "TRU001" in output
