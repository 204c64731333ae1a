"""Fixes as a command: what is rewritten, and what is left unchanged."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from keywright.assembly.templates.reader import read_assembly
from keywright.cli.main import app
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.fixes.files import read_original, write_fixed
from tests.unit.assembly.builders import write_assembly
from tests.unit.guardrails.builders import granting, role


def check(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def policy(statements: str, version: str = 'Version: "2012-10-17"') -> str:
    """Write a template whose one policy has some statements, indented by twelve."""
    return f"""\
Resources:
  Reads:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        {version}
        Statement:
{statements}"""


def trust(condition: str) -> str:
    return f"""\
Resources:
  Operate:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: arn:aws:iam::111111111111:policy/boundary
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{AWS: "arn:aws:iam::111111111111:root"}}
            Action: sts:AssumeRole
            Condition: {condition}
"""


def server(properties: str) -> str:
    return f"""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
{properties}"""


SAFE = [
    pytest.param(
        trust('{BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}}  # people'),
        trust('{Bool: {"aws:MultiFactorAuthPresent": "true"}}  # people'),
        id="MFA condition that its absence satisfies",
    ),
    pytest.param(
        trust("{'NumericLessThanIfExists': {aws:MultiFactorAuthAge: 3600}}"),
        trust("{'NumericLessThan': {aws:MultiFactorAuthAge: 3600}}"),
        id="an MFA age that its absence satisfies",
    ),
    pytest.param(
        server("      MetadataOptions: {HttpTokens: optional, HttpEndpoint: enabled}\n"),
        server("      MetadataOptions: {HttpTokens: required, HttpEndpoint: enabled}\n"),
        id="IMDSv1 said",
    ),
    pytest.param(
        server("      MetadataOptions:\n        HttpPutResponseHopLimit: 1 # near\n\n      # end\n"),
        server(
            "      MetadataOptions:\n        HttpPutResponseHopLimit: 1 # near\n        HttpTokens: required\n\n      # end\n"
        ),
        id="IMDSv1 by default in options",
    ),
    pytest.param(
        server("      # which\n      ImageId: ami-1\n"),
        server("      # which\n      ImageId: ami-1\n      MetadataOptions:\n        HttpTokens: required\n"),
        id="IMDSv1 by default",
    ),
    pytest.param(
        server("      MetadataOptions: {}\n"),
        server("      MetadataOptions: {HttpTokens: required}\n"),
        id="empty options",
    ),
    pytest.param(
        server("      UserData: |\n        echo\n"),
        server("      MetadataOptions:\n        HttpTokens: required\n      UserData: |\n        echo\n"),
        id="before a text on separate lines, which may be the last member",
    ),
    pytest.param(
        policy(
            '          - {Effect: Allow, Action: "s3:GetObject*", Resource: "arn:aws:s3:::a/*"}  # all\n'
            "          # spare\n"
            '          - Effect: Allow\n            Action: s3:GetObject\n            Resource: "arn:aws:s3:::a/b"\n'
            "          # last\n"
            '          - {Effect: Allow, Action: "s3:ListBucket", Resource: "arn:aws:s3:::a"}\n'
        ),
        policy(
            '          - {Effect: Allow, Action: "s3:GetObject*", Resource: "arn:aws:s3:::a/*"}  # all\n'
            "          # spare\n"
            "          # last\n"
            '          - {Effect: Allow, Action: "s3:ListBucket", Resource: "arn:aws:s3:::a"}\n'
        ),
        id="a spare statement",
    ),
    pytest.param(
        policy(
            "          - Effect: Allow\n            Action: iam:TagUser\n"
            '            Resource: "arn:aws:iam::111111111111:user/x"\n'
            "            Condition:\n              ForAllValues:StringEquals:\n"
            '                aws:PrincipalOrgPaths: ["o-1/r-1/"]  # ours\n'
        ),
        policy(
            "          - Effect: Allow\n            Action: iam:TagUser\n"
            '            Resource: "arn:aws:iam::111111111111:user/x"\n'
            "            Condition:\n              ForAllValues:StringEquals:\n"
            '                aws:PrincipalOrgPaths: ["o-1/r-1/"]  # ours\n'
            '              "Null":\n                "aws:PrincipalOrgPaths": "false"\n'
        ),
        id="a quantifier that no value satisfies",
    ),
    pytest.param(
        policy(
            "          - Effect: Allow\n            Action: s3:DeleteObject\n            Resource: arn:aws:s3:::a/*\n"
            '            Condition: {"BoolIfExists": {aws:MultiFactorAuthPresent: true}}\n'
        ),
        policy(
            "          - Effect: Allow\n            Action: s3:DeleteObject\n            Resource: arn:aws:s3:::a/*\n"
            '            Condition: {"Bool": {aws:MultiFactorAuthPresent: true}}\n'
        ),
        id="MFA where the key is present",
    ),
    pytest.param(
        policy(
            '          - {Effect: Allow, Action: ["s3:GetObject", "s3:DeleteObject"], Resource: "arn:aws:s3:::a/*"}\n'
            '          - {Effect: Deny, Action: ["s3:DeletObject"], Resource: "*"}\n'
        ),
        policy(
            '          - {Effect: Allow, Action: ["s3:GetObject", "s3:DeleteObject"], Resource: "arn:aws:s3:::a/*"}\n'
            '          - {Effect: Deny, Action: ["s3:DeleteObject"], Resource: "*"}\n'
        ),
        id="a misspelled action that is denied",
    ),
]

WIDENING = [
    pytest.param(
        policy("          - {Effect: Allow, Action: ['s3:GetObjects'], Resource: \"arn:aws:s3:::a/*\"}\n"),
        policy("          - {Effect: Allow, Action: ['s3:GetObject'], Resource: \"arn:aws:s3:::a/*\"}\n"),
        id="a misspelled action",
    ),
    pytest.param(
        policy(
            "          Effect: Allow\n          Action: s3:GetObject\n          Resource: arn:aws:s3:::a # files\n"
        ),
        policy(
            "          Effect: Allow\n          Action: s3:GetObject\n          Resource: arn:aws:s3:::a/* # files\n"
        ),
        id="object actions on a bucket",
    ),
    pytest.param(
        policy(
            "          - Effect: Allow\n            Action: [s3:GetObject, s3:ListBucket]\n"
            "            Resource:\n              - 'arn:aws:s3:::a' # it\n"
        ),
        policy(
            "          - Effect: Allow\n            Action: [s3:GetObject, s3:ListBucket]\n"
            "            Resource:\n              - 'arn:aws:s3:::a' # it\n              - \"arn:aws:s3:::a/*\"\n"
        ),
        id="object and bucket actions on a bucket",
    ),
    pytest.param(
        policy(
            "          - Effect: Allow\n            Action: [s3:GetObject, s3:ListBucket]\n"
            "            Resource: arn:aws:s3:::a\n"
        ),
        policy(
            "          - Effect: Allow\n            Action: [s3:GetObject, s3:ListBucket]\n"
            '            Resource: [arn:aws:s3:::a, "arn:aws:s3:::a/*"]\n'
        ),
        id="object and bucket actions on one bucket alone",
    ),
    pytest.param(
        policy(
            '          Effect: Allow\n          Action: "s3:GetObject"\n          Resource: !Sub "arn:aws:s3:::a/${!aws:username}/*"\n',
            "# old",
        ),
        policy(
            '          Effect: Allow\n          Action: "s3:GetObject"\n          Resource: !Sub "arn:aws:s3:::a/${!aws:username}/*"\n',
            "# old",
        ).replace("        Statement", '        Version: "2012-10-17"\n        Statement'),
        id="a variable that the version does not know",
    ),
]


@pytest.mark.parametrize(("before", "after"), SAFE)
def test_rewrites_without_granting_access(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "a.template.yaml"
    path.write_text(before)
    answer = check(path, "--fix")
    assert path.read_text() == after, answer.output


@pytest.mark.parametrize(("before", "after"), WIDENING)
def test_rewrites_what_may_grant_access_only_on_request(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "a.template.yaml"
    path.write_text(before)
    answer = check(path, "--fix")
    assert path.read_text() == before
    assert "adds access, needs `--widening`" in answer.stdout
    check(path, "--fix", "--widening")
    assert path.read_text() == after


LEFT = [
    pytest.param(
        policy('          - {Effect: Allow, Action: "s3:GetFoo", Resource: "arn:aws:s3:::a/*"}\n'),
        id="an action that is like no other",
    ),
    pytest.param(
        policy('          - {Effect: Allow, Action: "s4:GetObject", Resource: "arn:aws:s3:::a/*"}\n'),
        id="an unknown service",
    ),
    pytest.param(
        policy(
            '          - {Effect: Allow, Action: ["s3:Get*", "s3:GetObject"], Resource: "arn:aws:s3:::a"}\n'
        ),
        id="object actions beside a pattern that matches objects too",
    ),
    pytest.param(
        policy(
            "          - &one {Effect: Allow, Action: s3:GetObjects, Resource: 'arn:aws:s3:::a/*'}\n          - *one\n"
        ),
        id="a value at two places by an alias",
    ),
    pytest.param(
        server("      MetadataOptions: !If [Old, {HttpTokens: optional}, {HttpTokens: required}]\n"),
        id="what the deployment decides",
    ),
    pytest.param(
        trust(
            '{BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}, Bool: {"aws:MultiFactorAuthPresent": "true"}}'
        ),
        id="a test beside the strict one",
    ),
    pytest.param(
        policy('          - {Effect: Deny, Action: "s3:GetObject", Resource: "*", Condition: {Bool: {}}}\n'),
        id="a condition without a test",
    ),
]


@pytest.mark.parametrize("template", LEFT)
def test_leaves_for_manual_work(tmp_path: Path, template: str) -> None:
    path = tmp_path / "a.template.yaml"
    path.write_text(template)
    check(path, "--fix", "--widening")
    assert path.read_text() == template


TYPO = {"Effect": "Deny", "Action": "s3:DeletObject", "Resource": "*"}
OPEN = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
    "Action": "sts:AssumeRole",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
}
SERVER = {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1", "Tags": []}}


@pytest.mark.parametrize(
    ("indent", "separators"),
    [
        pytest.param(1, None, id="one a level"),
        pytest.param(4, None, id="four a level"),
        pytest.param("\t", None, id="tabs"),
        pytest.param(None, None, id="one line"),
        pytest.param(None, (",", ":"), id="without white space"),
    ],
)
def test_keeps_the_layout_of_json(tmp_path: Path, indent: Any, separators: Any) -> None:
    def written(operator: str, options: dict[str, Any], action: str) -> str:
        open_role = role({**OPEN, "Condition": {operator: OPEN["Condition"]["BoolIfExists"]}})
        server = {**SERVER, "Properties": {**SERVER["Properties"], **options}}
        denies = granting([{**TYPO, "Action": action}], RoleName="other")
        resources = {"Open": open_role, "Server": server, "Denies": denies}
        return json.dumps({"Resources": resources}, indent=indent, separators=separators)

    path = tmp_path / "a.template.json"
    path.write_text(written("BoolIfExists", {}, "s3:DeletObject"))
    check(path, "--fix")
    options = {"MetadataOptions": {"HttpTokens": "required"}}
    assert path.read_text() == written("Bool", options, "s3:DeleteObject")


def test_keeps_line_ends_encoding_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.template.yaml"
    before = ("# für Ärzte \U0001f600\n" + server("      ImageId: ami-1 # é\n")).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + before.encode())
    check(path, "--fix")
    after = before + "      MetadataOptions:\r\n        HttpTokens: required\r\n"
    assert path.read_bytes() == b"\xef\xbb\xbf" + after.encode()


def test_treats_yaml_that_begins_like_json_as_yaml(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = "{Resources: {Server: {Type: AWS::EC2::Instance, Properties: {ImageId: 'ami-1'}}}} # one\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    check(path, "--fix")
    after = text.replace("'ami-1'", "'ami-1', MetadataOptions: {HttpTokens: required}")
    assert path.read_bytes() == b"\xef\xbb\xbf" + after.encode()


def test_shows_a_diff_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a.template.yaml")
    path.write_text(server("      ImageId: ami-1"))
    answer = check(path, "--diff")
    assert (answer.exit_code, path.read_text()) == (1, server("      ImageId: ami-1"))
    assert answer.stdout == (
        "--- a/a.template.yaml\n+++ b/a.template.yaml\n@@ -2,4 +2,6 @@\n   Server:\n     Type: AWS::EC2::Instance\n"
        "     Properties:\n-      ImageId: ami-1\n\\ No newline at end of file\n+      ImageId: ami-1\n"
        "+      MetadataOptions:\n+        HttpTokens: required\n\\ No newline at end of file\n"
    )


def test_offers_a_fix_for_a_generated_template_and_does_not_rewrite_it(tmp_path: Path) -> None:
    made = {**SERVER, "Metadata": {"aws:cdk:path": "Web/Server/Resource"}}
    folder = write_assembly(tmp_path / "cdk.out", web={"Resources": {"Server": made}})
    before = (folder / "web.template.json").read_bytes()
    answer = check(folder, "--fix")
    assert "fix: `HttpTokens` becomes `required`" in answer.stdout
    assert (
        "web.template.json: the template is generated and is not rewritten; accepted: the fix where the construct is "
        "made: `Web/Server/Resource`"
    ) in answer.stderr
    assert (answer.exit_code, (folder / "web.template.json").read_bytes()) == (1, before)


def a_server(folder: Path) -> Path:
    path = folder / "a.template.yaml"
    path.write_text(server("      ImageId: ami-1\n"))
    return path


def test_does_not_write_through_a_link(tmp_path: Path) -> None:
    target = a_server(tmp_path)
    link = tmp_path / "link.template.yaml"
    link.symlink_to(target)
    before = target.read_text()
    answer = check(link, "--fix")
    assert "it is a symbolic link; accepted: the file itself" in answer.stderr
    assert (answer.exit_code, target.read_text(), link.is_symlink()) == (2, before, True)


def test_leaves_a_read_only_file_and_its_mode(tmp_path: Path) -> None:
    path = a_server(tmp_path)
    before = path.read_text()
    path.chmod(0o440)
    answer = check(path, "--fix")
    assert (
        answer.stderr == f"fixed 0 findings in 0 files\n{path}: the fixes are not written: it is read-only\n"
    )
    assert (answer.exit_code, path.read_text()) == (2, before)
    path.chmod(0o640)
    check(path, "--fix")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text() != before


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_keeps_the_file_in_a_read_only_folder(tmp_path: Path) -> None:
    path = a_server(tmp_path)
    before = path.read_text()
    tmp_path.chmod(0o500)
    try:
        answer = check(path, "--fix")
    finally:
        tmp_path.chmod(0o700)
    assert "the fixes are not written: Permission denied" in answer.stderr
    assert (answer.exit_code, path.read_text()) == (2, before)


def test_leaves_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    path = a_server(tmp_path)
    original = read_original(str(path))
    path.write_text("another's\n")
    answer = write_fixed(original, "ours\n")  # type: ignore[arg-type]
    assert str(answer) == f"{path}: the fixes are not written: it has changed meanwhile"
    assert path.read_text() == "another's\n"
    assert list(tmp_path.iterdir()) == [path]


def test_does_not_fix_accepted_or_baseline_findings(tmp_path: Path) -> None:
    path = a_server(tmp_path)
    before = path.read_text()
    check(path, "--write-baseline", tmp_path / "known.json")
    answer = check(path, "--fix", "--baseline", tmp_path / "known.json")
    assert (answer.exit_code, path.read_text()) == (0, before)
    (tmp_path / "keywright-exceptions.yaml").write_text(
        "exceptions:\n  - {rule: INS001, on: Server, finding: no HttpTokens, because: old, owner: us, until: 2027-01-01}\n"
    )
    answer = check(path, "--fix", "--today", "2026-11-01")
    assert (answer.exit_code, path.read_text()) == (0, before)


def test_reports_a_fix_that_causes_another_finding_and_does_not_apply_it(tmp_path: Path) -> None:
    path = tmp_path / "a.template.yaml"
    template = policy(
        '          - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*"}\n'
        '          - {Effect: Allow, Action: "s3:GetObjects", Resource: "arn:aws:s3:::a/b"}\n'
    )
    path.write_text(template)
    answer = check(path, "--fix", "--widening")
    assert f"{path}:9:29: the fix of POL007 is not applied: it would cause POL011" in answer.stderr
    assert path.read_text() == template


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--widening"], "accepted: `--fix --widening`", id="widening alone"),
        pytest.param(["--fix", "--write-baseline", "x"], "one after the other", id="a baseline meanwhile"),
        pytest.param(["--diff", "--format", "json"], "which contains each fix", id="a difference as json"),
        pytest.param(["-", "--fix"], "accepted: a template's file", id="standard input rewritten"),
        pytest.param(["--ignore", "TRU002"], "an exception for each finding", id="a rule switched off"),
        pytest.param(["--explain", "TRU02"], "`TRU002`", id="an unknown rule"),
    ],
)
def test_refuses_options_that_contradict(tmp_path: Path, arguments: list[str], message: str) -> None:
    answer = check(a_server(tmp_path), *arguments)
    assert answer.exit_code == 2
    assert message in " ".join(answer.stderr.split())


def test_json_has_the_edits(tmp_path: Path) -> None:
    path = a_server(tmp_path)
    (finding,) = json.loads(check(path, "--format", "json").output)["findings"]
    (fix,) = finding["fixes"]
    place = {"file": str(path), "line": 5, "column": 21, "end_line": 5, "end_column": 21}
    text = "\n      MetadataOptions:\n        HttpTokens: required"
    assert fix == {
        "message": "`HttpTokens` becomes `required`",
        "widens": False,
        "edits": [{**place, "text": text}],
    }
    (run,) = json.loads(check(path, "--format", "sarif").output)["runs"]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    region = {"startLine": 5, "startColumn": 21, "endLine": 5, "endColumn": 21}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": text}}]


def test_fixes_nested_templates_outside_of_an_assembly(tmp_path: Path) -> None:
    child = a_server(tmp_path)
    parent = tmp_path / "parent.template.yaml"
    parent.write_text(
        f"Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: ./{child.name}}}\n"
    )
    answer = check(tmp_path, "--fix")
    assert (answer.exit_code, answer.stderr) == (0, "fixed 1 finding in 1 file\n")
    assert check_assembly(read_assembly(child), own=False).findings == ()
