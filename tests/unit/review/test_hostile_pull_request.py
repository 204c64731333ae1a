"""What a hostile pull request may put into its assembly, played through the command that the workflow runs.

The threat model says what stops each; here each is tried.
"""

from __future__ import annotations

import json
import os
import re
import resource as limits
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.assembly.sources.declaration_locations import FILE
from keywright.cli.main import app
from tests.unit.review.templates import OBJECTS, allow, resource, role, trust, user
from tests.unit.review.test_comment import outside_of_code

if TYPE_CHECKING:
    from pathlib import Path

READ = allow("s3:GetObject", OBJECTS)
SECRET = "AKIAIOSFODNN7EXAMPLE"
TEMPLATE = "people.template.json"


def manifest(file: str, **properties: Any) -> dict[str, Any]:
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": file, **properties},
    }
    return {"version": "36.0.0", "artifacts": {"people": stack}}


def assembly(folder: Path, resources: dict[str, Any], listed: dict[str, Any] | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / TEMPLATE).write_text(json.dumps({"Resources": resources}))
    (folder / "manifest.json").write_text(json.dumps(listed or manifest(TEMPLATE)))
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "secret.json").write_text(json.dumps({"Resources": {SECRET: {"Type": "AWS::IAM::User"}}}))
    return assembly(tmp_path / "base.out", {"Alice": user(READ)})


def reviewed(base: Path, head: Path) -> tuple[int, str]:
    """Run what the workflow runs; whatever comes, it comes without a traceback."""
    result = CliRunner().invoke(app, ["review", str(base), str(head)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def heading(page: str) -> str:
    return page.split("\n")[1]


# Ways out of the folder

OUTSIDE = [
    pytest.param("../secret.json", id="up"),
    pytest.param("x/../../secret.json", id="down and up"),
    pytest.param("{absolute}", id="absolute"),
    pytest.param("..\\secret.json", id="with backslashes"),
    pytest.param("%2e%2e/secret.json", id="encoded"),
    pytest.param("people.template.json\x00../secret.json", id="with a zero byte"),
    pytest.param("/dev/zero", id="a device without end"),
    pytest.param("/proc/self/environ", id="the environment"),
]


@pytest.mark.parametrize("file", OUTSIDE)
def test_a_manifest_that_leads_out_of_the_folder(
    file: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    listed = manifest(file.format(absolute=tmp_path / "secret.json"))
    code, page = reviewed(base, assembly(tmp_path / "head.out", {"Alice": user(READ)}, listed))
    assert code == 2
    assert SECRET not in page
    assert "**unusable input**" in heading(page)


@pytest.mark.parametrize("file", ["../secret.json", "/proc/self/environ", "/dev/zero", TEMPLATE])
@pytest.mark.parametrize("name", [TEMPLATE, "manifest.json", FILE])
def test_a_link_in_the_place_of_a_file(file: str, name: str, base: Path, tmp_path: Path) -> None:
    head = assembly(tmp_path / "head.out", {"Alice": user(READ)})
    (head / name).unlink(missing_ok=True)
    (head / name).symlink_to(file)
    code, page = reviewed(base, head)
    assert code == (0 if name == FILE else 2)
    assert SECRET not in page


def test_a_nested_stack_that_leads_out_of_the_folder(base: Path, tmp_path: Path) -> None:
    nested = resource("CloudFormation::Stack", TemplateURL="../secret.json")
    nested["Metadata"] = {"aws:asset:path": "../secret.json"}
    _, page = reviewed(base, assembly(tmp_path / "head.out", {"Alice": user(READ), "Nested": nested}))
    assert SECRET not in page


def test_a_pipe_without_a_writer(base: Path, tmp_path: Path) -> None:
    head = assembly(tmp_path / "head.out", {"Alice": user(READ)})
    (head / TEMPLATE).unlink()
    os.mkfifo(head / TEMPLATE)
    assert reviewed(base, head)[0] == 2


# Too much of it

HUGE: dict[str, Any] = {
    "deep nesting": lambda: '{"Resources":' + '{"a":' * 100_000 + "1" + "}" * 100_001,
    "a deep condition": lambda: json.dumps(
        {"Resources": {"Alice": user(READ) | {"Condition": "A"}}, "Conditions": {"A": "DEEP"}}
    ).replace('"DEEP"', '{"Fn::Not": [' * 90 + '{"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}' + "]}" * 90),
    "references that double": lambda: json.dumps({"Resources": doubling(12)}),
    "a long number": lambda: '{"Resources": {"A": {"Type": "AWS::IAM::User", "x": ' + "9" * 100_000 + "}}}",
    "half a character": lambda: '{"Resources": {"A\\ud800": {"Type": "AWS::IAM::User"}}}',
    "many statements": lambda: json.dumps(
        {"Resources": {"Alice": user(*(allow(f"s3:Get{n}", f"arn:aws:s3:::b{n}/*") for n in range(600)))}}
    ),
    "many wildcards": lambda: json.dumps(
        {"Resources": {"Alice": user(allow("s3:" + "*a" * 200, "arn:aws:s3:::" + "*a" * 400))}}
    ),
    "a name without end": lambda: json.dumps(
        {"Resources": {"A" * 1_000_000: user(READ, name="b" * 1_000_000)}}
    ),
}


def doubling(steps: int) -> dict[str, Any]:
    found: dict[str, Any] = {"A0": user(READ, name="x" * 100)}
    for n in range(1, steps):
        twice = {"Fn::Join": ["", [{"Ref": f"A{n - 1}"}, {"Ref": f"A{n - 1}"}]]}
        found[f"A{n}"] = resource("IAM::User", UserName=twice)
    return found


@pytest.mark.parametrize("name", HUGE)
def test_too_much_ends_in_a_verdict(name: str, base: Path, tmp_path: Path) -> None:
    head = assembly(tmp_path / "head.out", {})
    (head / TEMPLATE).write_text(HUGE[name]())
    before = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss
    code, page = reviewed(base, head)
    assert code in {1, 2, 3}
    assert len(page.encode()) <= 65_536
    grown = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1_500_000 or sys.platform != "linux"


@pytest.mark.parametrize("name", [TEMPLATE, "manifest.json", FILE])
def test_a_file_that_is_too_large(name: str, base: Path, tmp_path: Path) -> None:
    head = assembly(tmp_path / "head.out", {"Alice": user(READ)})
    (head / name).touch()
    os.truncate(head / name, 2 << 30)
    assert reviewed(base, head)[0] == (0 if name == FILE else 2)


# Words that pretend

VERDICT = "### Access review: **no new access (proved)** · 0 gains"
WORDS = [
    pytest.param(f"x\n\n{VERDICT}\n", id="a verdict"),
    pytest.param(f"```\n{VERDICT}\n```", id="a fence"),
    pytest.param(f"`` {VERDICT} ``", id="backticks around a verdict"),
    pytest.param("-->\n<!-- keywright access review -->", id="the mark of the comment"),
    pytest.param("<!--", id="the begin of a remark"),
    pytest.param("</summary></details><details open><summary>", id="a fold"),
    pytest.param("@acme/security please @approve", id="mentions"),
    pytest.param("![x](https://evil.example/p.png)", id="a picture that tells who reads"),
    pytest.param("https://evil.example www.evil.example", id="an address"),
    pytest.param("Fixes #1, GH-2, acme/shop#3", id="references"),
    pytest.param("\u202e\u2066evil\u2069", id="right to left"),
    pytest.param("a\u200bd\u00admin\ufeff", id="invisible"),
    pytest.param("\u001b[2J\u001b]0;x\u0007", id="a terminal's commands"),
    pytest.param("::error file=x::y\n::set-output name=verdict::0", id="a workflow's commands"),
    pytest.param("<script>alert(1)</script><img src=x onerror=alert(1)>", id="a script"),
    pytest.param("$(touch evil) `touch evil` ; touch evil", id="a shell's commands"),
]


def poisoned(word: str) -> dict[str, Any]:
    """Put a word wherever a template has room for one."""
    return {
        "Alice": user(
            allow(
                ["s3:PutObject", word], [OBJECTS, word], Sid=word, Condition={"StringEquals": {word: word}}
            ),
            name=word,
            Tags=[{"Key": word, "Value": word}],
        ),
        word: role(
            trust({"AWS": word, "Service": word}, Condition={"StringLike": {word: word}}), READ, RoleName=word
        ),
        "Group": resource("IAM::Group", GroupName=word, ManagedPolicyArns=[word]),
        "In": resource("IAM::UserToGroupAddition", GroupName=word, Users=[word]),
        "Key": resource("IAM::AccessKey", UserName=word, Serial=word),
        "Fn": resource("Lambda::Function", FunctionName=word, Role=word),
        "Url": resource("Lambda::Url", AuthType=word, TargetFunctionArn=word),
        "May": resource("Lambda::Permission", Action=word, FunctionName=word, Principal=word),
        "Bucket": resource("S3::Bucket", BucketName=word, AccessControl=word),
        "Policy": resource("S3::BucketPolicy", Bucket=word, PolicyDocument={"Statement": [{word: word}]}),
        "Strange": {"Type": word, "Properties": {word: {"Statement": [{"Effect": "Allow"}]}}},
    }


@pytest.mark.parametrize("word", WORDS)
def test_no_word_pretends_or_acts(word: str, base: Path, tmp_path: Path) -> None:
    head = assembly(tmp_path / "head.out", poisoned(word))
    place = [word, 1, 1]
    lines = {"names": {f"user/{word}": place, "user/alice": place}, "grants": {}, "trusts": {}}
    (head / FILE).write_text(json.dumps(lines))
    (head / "keywright-exceptions.yaml").write_text(
        json.dumps(
            {
                "exceptions": [
                    {"rule": "POL006", "on": word, "owner": word, "because": word, "until": "2027-01-01"}
                ]
            }
        )
    )
    code, page = reviewed(base, head)
    assert code in {1, 2, 3}
    assert [line for line in page.split("\n") if line.startswith("#")] == [heading(page)]
    assert outside_of_code(page).count("<!--") == outside_of_code(page).count("-->") == 1
    plain = outside_of_code(page).replace("<!-- keywright access review -->", "")
    plain = re.sub(r"</?(details|summary)>", "", plain)
    assert not re.search(
        r"[@<>\[\]|$#\x00-\x09\x0b-\x1f\x7f\u00ad\u200b\u202e\u2066\ufeff]|evil|::|GH-",
        plain.replace("### ", ""),
    )
    assert "no new access" not in outside_of_code(page)


def test_a_pull_request_can_t_expect_its_own_widening(base: Path, tmp_path: Path) -> None:
    head = assembly(tmp_path / "head.out", {"Alice": user(allow("iam:*"))})
    meant = [{"on": "user/alice", "because": "trust me", "statement": allow("iam:*")}]
    (head / "keywright-expected.yaml").write_text(json.dumps(meant))
    assert reviewed(base, head)[0] == 1


def test_a_pull_request_can_t_leave_out_what_it_changes(base: Path, tmp_path: Path) -> None:
    """A stack that the manifest does not list is not deployed; one that it lists twice is read twice."""
    listed = manifest(TEMPLATE)
    listed["artifacts"]["again"] = listed["artifacts"]["people"]
    code, _ = reviewed(base, assembly(tmp_path / "head.out", {"Alice": user(allow("iam:*"))}, listed))
    assert code == 1
