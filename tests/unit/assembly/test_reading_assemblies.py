"""Reading assemblies, stages, nested stacks and single templates, with every error in their files."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.identities.collection import identities
from keywright.assembly.resources.resource_policies import resource_policies
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.value import as_text, possible_values
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.reports.rendering import render_github, render_json, render_text
from keywright.reporting.finding import Outcome
from tests.unit.assembly.builders import write_assembly, write_template

ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader"}}
GOOD = {"Resources": {"Reader": ROLE}}

YAML = """\
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "reader-${AWS::Region}"
      ManagedPolicyArns:
        - !GetAtt Other.PolicyArn
        - !Join ["", [a, !Ref "AWS::NoValue"]]
      MaxSessionDuration: 0900
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}
"""

TODAY = date(2026, 11, 24)


def test_reads_short_forms_and_keeps_scalars_as_written(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(YAML)
    assembly = read_assembly(tmp_path / "t.yaml")
    (role,) = assembly.of_type("AWS::IAM::Role")
    assert assembly.findings == ()
    assert role.raw["Properties"] == {
        "RoleName": {"Fn::Sub": "reader-${AWS::Region}"},
        "ManagedPolicyArns": [
            {"Fn::GetAtt": ["Other", "PolicyArn"]},
            {"Fn::Join": ["", ["a", {"Ref": "AWS::NoValue"}]]},
        ],
        "MaxSessionDuration": "0900",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    }
    place = role.locate("Properties", "ManagedPolicyArns", 1)
    assert (place.line, place.column) == (8, 11)


def test_reads_a_stage_as_a_nested_assembly(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path / "out", one=GOOD)
    write_assembly(folder / "assembly-Prod", two=GOOD)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["prod"] = {
        "type": "cdk:cloud-assembly",
        "properties": {"directoryName": "assembly-Prod"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assembly = read_assembly(folder)
    assert [each.stack for each in assembly.templates] == ["one", "two"]
    assert assembly.templates[1].file == f"{folder}/assembly-Prod/two.template.json"


NESTED = {
    "Parameters": {"Who": {"Type": "String"}},
    "Resources": {"Inner": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "Who"}}}},
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Inner", "Arn"]}}},
}


def with_nested(**properties: Any) -> dict[str, Any]:
    stack = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "nested.json", "Parameters": {"Who": "inner"}, **properties},
        "Metadata": {"aws:asset:path": "nested.json"},
    }
    probe = {"Type": "Custom::P", "Properties": {"V": {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}}}
    return {"Resources": {"Nested": stack, "Probe": probe}}


def test_passes_parameters_and_outputs_of_a_nested_stack(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path, outer=with_nested())
    (folder / "nested.json").write_text(json.dumps(NESTED))
    assembly = read_assembly(folder)
    (probe,) = assembly.of_type("Custom::P")
    assert as_text(probe.properties["V"]).literal == "arn:aws:iam::111111111111:role/inner"
    assert [str(role.name) for role in identities(assembly).roles] == ["inner"]


def test_finds_a_nested_stack_by_its_asset(tmp_path: Path) -> None:
    outer = with_nested(
        TemplateURL={"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/assets/abc.json"]]}
    )
    del outer["Resources"]["Nested"]["Metadata"]
    folder = write_assembly(tmp_path, outer=outer)
    (folder / "inner.nested.json").write_text(json.dumps(NESTED))
    files = {
        "abc": {"source": {"path": "inner.nested.json"}, "destinations": {"here": {"objectKey": "abc.json"}}}
    }
    (folder / "outer.assets.json").write_text(json.dumps({"files": files}))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["outer.assets"] = {
        "type": "cdk:asset-manifest",
        "properties": {"file": "outer.assets.json"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert [role.resource.logical_id for role in identities(read_assembly(folder)).roles] == ["Inner"]


def test_a_nested_stack_that_cannot_be_read_is_undecided(tmp_path: Path) -> None:
    outer = with_nested(TemplateURL="https://example.com/nested.json")
    del outer["Resources"]["Nested"]["Metadata"]
    (finding,) = read_assembly(write_assembly(tmp_path, outer=outer)).findings
    assert finding.outcome is Outcome.UNDECIDED
    assert str(finding) == (
        f"{tmp_path}/outer.template.json:1:16: the template of the nested stack `Nested` is not among the files; "
        "found `https://example.com/nested.json`; accepted: a template in the assembly's folder"
    )


def test_construct_paths_come_from_the_manifest_where_the_template_has_none(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path, one=GOOD)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["one"]["metadata"] = {
        "/one/Reader/Resource": [{"type": "aws:cdk:logicalId", "data": "Reader"}]
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (role,) = read_assembly(folder).of_type("AWS::IAM::Role")
    assert role.construct_path == "one/Reader/Resource"


@pytest.mark.parametrize(
    ("transform", "undecided"),
    [
        pytest.param("AWS::Serverless-2016-10-31", 0, id="applied here"),
        pytest.param("Macro", 1, id="adds anything"),
        pytest.param("AWS::LanguageExtensions", 0, id="adds functions alone"),
        pytest.param(["AWS::LanguageExtensions", {"Name": "AWS::Include"}], 1, id="includes another file"),
    ],
)
def test_a_transform_is_undecided(tmp_path: Path, transform: Any, undecided: int) -> None:
    found = read_assembly(write_template(tmp_path / "t.json", {"R": ROLE}, Transform=transform)).findings
    assert [each.outcome for each in found] == [Outcome.UNDECIDED] * undecided


def test_resources_made_by_a_loop_are_undecided(tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.json", {"Fn::ForEach::Roles": ["x", ["a"], {}]})
    (finding,) = read_assembly(path).findings
    assert finding.outcome is Outcome.UNDECIDED
    assert finding.message == (
        "resource `Fn::ForEach::Roles` cannot be read: `Fn::ForEach` creates resources only at deployment"
    )


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{','.join(['*' + chr(97 + level)] * 10)}]\n"
    for level in range(20)
)

UNUSABLE = [
    pytest.param(b'{"Resources": {"A":', ":1:20: the file is not JSON: expecting value", id="cut off"),
    pytest.param(b'{"Resources": {\n"A": {}, "A": {}}}', ":2:10: the key `A` is repeated", id="key twice"),
    pytest.param(b"Resources:\n  A: 1\n  A: 2\n", ":3:3: the key `A` is repeated", id="key twice in YAML"),
    pytest.param(
        b'{"Resources":\n {"\xff', ":2:4: the file is not UTF-8 text; found byte 0xff", id="not UTF-8"
    ),
    pytest.param(
        b'{"a": "\\ud800"}', ": a string in the file has a lone surrogate", id="an incomplete character"
    ),
    pytest.param(b'{"a":' * 50_000, ": values are nested too deeply", id="very deep JSON"),
    pytest.param(b'{"a":' * 200 + b"1" + b"}" * 200, ": values are nested too deeply", id="deep JSON"),
    pytest.param(b"- " * 3_000, ": the file is not YAML: values are nested too deeply", id="deep YAML"),
    pytest.param(BOMB.encode(), ": the file has too many values", id="aliases that multiply"),
    pytest.param(
        b"Resources: &a {b: *a}", ":1:12: a value contains itself through an alias", id="alias of itself"
    ),
    pytest.param(b"a: *b", ":1:4: the file is not YAML: found undefined alias", id="alias of nothing"),
    pytest.param(b"--- {}\n--- {}", ": the file is not YAML", id="two documents"),
    pytest.param(b"? [a]\n: b", ":1:3: a key is not a string", id="key that is a list"),
    pytest.param(b"", ": the file is not a template", id="empty"),
    pytest.param(b"hello", ": the file is not a template", id="a text"),
    pytest.param(b'{"Resources": []}', ": the file is not a template", id="resources in a list"),
    pytest.param(b'{"x": 1}' + b" " * (4 << 20), ": the file is too large for a template", id="large JSON"),
    pytest.param(b"x: 1" + b"\n" * (1 << 20), ": the file is too large for a template", id="large YAML"),
    pytest.param(b"{" + b'"a' * (25 << 20), ": the file is too large for a template", id="50 MB"),
    pytest.param(b"\0", ": the file is not YAML", id="binary"),
]


@pytest.mark.parametrize(("content", "expected"), UNUSABLE)
def test_an_unusable_template_is_a_finding_and_hides_no_other(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    folder = write_assembly(tmp_path, bad={}, good=GOOD)
    (folder / "bad.template.json").write_bytes(content)
    assembly = read_assembly(folder)
    (finding,) = assembly.findings
    assert finding.outcome is Outcome.FAULT
    assert finding.location.file == f"{tmp_path}/bad.template.json"
    assert expected in str(finding)
    assert [each.stack for each in assembly.templates] == ["good"]


def links_out(folder: Path) -> None:
    (folder / "bad.template.json").unlink()
    outside = folder.parent / "outside.json"
    outside.write_text(json.dumps(GOOD))
    (folder / "bad.template.json").symlink_to(outside)


def is_a_folder(folder: Path) -> None:
    (folder / "bad.template.json").unlink()
    (folder / "bad.template.json").mkdir()


def is_a_pipe(folder: Path) -> None:
    (folder / "bad.template.json").unlink()
    os.mkfifo(folder / "bad.template.json")


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        pytest.param(links_out, "a path leads out of the assembly", id="a link out of the folder"),
        pytest.param(is_a_folder, "the path is a folder, not a file", id="a folder"),
        pytest.param(is_a_pipe, "the path is not a regular file", id="a pipe"),
        pytest.param(
            lambda folder: (folder / "bad.template.json").unlink(), "there is no such file", id="absent"
        ),
    ],
)
def test_a_missing_template_hides_no_other(tmp_path: Path, deed: Any, expected: str) -> None:
    folder = write_assembly(tmp_path / "cdk.out", bad=GOOD, good=GOOD)
    deed(folder)
    assembly = read_assembly(folder)
    assert [each.message for each in assembly.findings] == [expected]
    assert [each.stack for each in assembly.templates] == ["good"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../outside.json", id="parent folder"),
        pytest.param("/etc/passwd", id="absolute"),
    ],
)
def test_a_manifest_cannot_refer_to_files_outside_of_the_assembly(tmp_path: Path, name: str) -> None:
    folder = write_assembly(tmp_path / "cdk.out", good=GOOD, bad=GOOD)
    (tmp_path / "outside.json").write_text(json.dumps(GOOD))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["bad"]["properties"]["templateFile"] = name
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assembly = read_assembly(folder)
    assert [each.message for each in assembly.findings] == ["a path leads out of the assembly"]
    assert [each.stack for each in assembly.templates] == ["good"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("circle", id="a link in a circle"),
        pytest.param("x" * 5_000, id="a name too long"),
        pytest.param("a\0b", id="a zero byte"),
    ],
)
def test_a_missing_path_hides_no_other(tmp_path: Path, name: str) -> None:
    folder = write_assembly(tmp_path / "cdk.out", bad=GOOD, good=GOOD)
    (folder / "circle").symlink_to(folder / "circle")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["bad"]["properties"]["templateFile"] = name
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assembly = read_assembly(folder)
    assert len(assembly.findings) == 1
    assert [each.stack for each in assembly.templates] == ["good"]


def test_bounds_the_number_of_findings(tmp_path: Path) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "absent.json"}}
    many = {f"N{number}": stack for number in range(12_000)}
    assembly = read_assembly(write_assembly(tmp_path, outer={"Resources": many}, never=GOOD))
    assert len(assembly.findings) == 10_001
    assert assembly.findings[-1].message == "the assembly has too many findings to continue"


def test_a_nested_stack_that_contains_itself_is_a_finding(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path, outer=with_nested())
    (folder / "nested.json").write_text(json.dumps(with_nested()))
    assembly = read_assembly(folder)
    assert [each.message for each in assembly.findings] == ["the nested stack `Nested` contains itself"]


def test_bounds_the_number_of_nested_stacks(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path, outer={"Resources": {}})
    for level in range(8):
        stack = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": f"{level + 1}.json"}}
        name = "outer.template.json" if level == 0 else f"{level}.json"
        (folder / name).write_text(json.dumps({"Resources": {f"N{each}": stack for each in range(8)}}))
    (folder / "8.json").write_text(json.dumps(GOOD))
    assembly = read_assembly(folder)
    assert {each.message for each in assembly.findings} == {"the assembly has too many templates"}


def test_reports_stages_that_contain_each_other(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path, one=GOOD)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["again"] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert [each.message for each in read_assembly(folder).findings] == ["the assembly is included twice"]


def test_reads_one_template_of_an_assembly_as_its_stack(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path, one=GOOD, other=GOOD)
    (template,) = read_assembly(folder / "one.template.json").templates
    assert (template.account, template.region) == ("111111111111", "eu-central-1")


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"artifacts": 1}', '{"artifacts"', '{"name": "a web app"}']
)
def test_reads_a_template_alone_beside_an_unusable_manifest(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    assembly = read_assembly(write_template(tmp_path / "template.json", {"Reader": ROLE}))
    assert (len(assembly.templates), assembly.findings) == (1, ())


def test_accepts_texts_in_place_of_files(tmp_path: Path) -> None:
    path = write_template(tmp_path / "template.json", {"Reader": ROLE})
    text = path.read_text().replace("Reader", "Writer")
    assert [each.logical_id for each in read_assembly(path, {str(path): text}).resources] == ["Writer"]
    assert [each.logical_id for each in read_assembly(path).resources] == ["Reader"]


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"artifacts": 1}', '{"artifacts"'])
def test_reports_an_unusable_manifest(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    assembly = read_assembly(tmp_path)
    assert [str(each).startswith(f"{tmp_path}/manifest.json") for each in assembly.findings] == [True]


def test_reports_a_missing_path(tmp_path: Path) -> None:
    (finding,) = read_assembly(tmp_path / "nowhere").findings
    assert str(finding) == f"{tmp_path}/nowhere: there is no such file or folder"
    (finding,) = read_assembly(tmp_path).findings
    assert finding.message == "the folder has no templates"


SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=8)
NAMES = st.sampled_from(
    [
        "Ref",
        "Fn::Sub",
        "Fn::Join",
        "Fn::If",
        "Fn::GetAtt",
        "Fn::Split",
        "Fn::Select",
        "Fn::FindInMap",
        "Fn::ImportValue",
        "Resources",
        "Type",
        "Properties",
        "Statement",
        "Principal",
        "Action",
        "Condition",
        "AssumeRolePolicyDocument",
        "Policies",
        "Groups",
        "ManagedPolicyArns",
        "RoleName",
        "Parameters",
        "Outputs",
        "Conditions",
        "A",
        "B",
    ]
)
WORDS = st.sampled_from(
    ["A", "B", "A.Arn", "${A}", "${B.Arn}", "*", "AWS::IAM::Role", "AWS::IAM::User", "AWS::NoValue"]
)
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)
TYPES = st.sampled_from(
    [
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::Group",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::UserToGroupAddition",
        "AWS::S3::BucketPolicy",
        "AWS::EC2::Instance",
        "AWS::EC2::LaunchTemplate",
        "AWS::IAM::AccessKey",
        "AWS::Lambda::Permission",
        "AWS::CloudFormation::Stack",
    ]
)
RESOURCES = st.dictionaries(
    st.sampled_from(["A", "B", "C"]),
    st.fixed_dictionaries({"Type": TYPES}, optional={"Properties": JSON, "Metadata": JSON, "Condition": JSON})
    | JSON,
    max_size=3,
)


@settings(max_examples=200, deadline=None)
@given(resources=RESOURCES, sections=st.dictionaries(NAMES, JSON, max_size=3))
def test_reading_never_crashes_on_json(
    tmp_path_factory: pytest.TempPathFactory, resources: dict[str, Any], sections: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({**sections, "Resources": resources}))
    assembly = read_assembly(path)
    for identity in identities(assembly).all:
        assert identity.label
        assert all(policy.statements is not None for policy in identity.policies)
    assert all(each.policy.documents for each in resource_policies(assembly))
    for resource in assembly.resources:
        assert all(possible_values(value) for value in resource.properties.values())
    judgement = check_assembly(assembly, own=True)
    assert all((render_text([judgement], TODAY), render_json([judgement]), render_github([judgement])))


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
)
def test_reading_never_crashes_on_a_file(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    assembly = read_assembly(path)
    assert assembly.templates or assembly.findings
