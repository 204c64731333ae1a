"""The values of intrinsic functions before deployment."""

import json
from pathlib import Path
from typing import Any

import pytest

from keywright.assembly.templates.value import (
    ABSENT,
    Alternatives,
    Encoded,
    Text,
    Unknown,
    Value,
    as_text,
    text,
)
from tests.unit.assembly.builders import assembly_of, template_of

ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "Path": "/access/"}}
GENERATED = {"Type": "AWS::IAM::Role", "Properties": {}}


def value_of(folder: Path, node: Any, **sections: Any) -> Value:
    probe = {"Type": "Custom::Probe", "Properties": {"Value": node}}
    resources = {"Probe": probe, "Reader": ROLE, "Generated": GENERATED}
    template = template_of(folder, resources, **sections)
    return template.resources["Probe"].properties["Value"]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param("plain", "plain", id="text"),
        pytest.param(True, "true", id="boolean as CloudFormation passes it"),
        pytest.param(3600, "3600", id="number as its digits"),
        pytest.param({"Ref": "AWS::AccountId"}, "111111111111", id="account of the stack"),
        pytest.param({"Ref": "AWS::Partition"}, "aws", id="partition of the region"),
        pytest.param({"Ref": "AWS::StackName"}, "stack", id="name of the stack"),
        pytest.param({"Ref": "Reader"}, "reader", id="physical name"),
        pytest.param(
            {"Fn::GetAtt": ["Reader", "Arn"]}, "arn:aws:iam::111111111111:role/access/reader", id="ARN"
        ),
        pytest.param({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}, "b"]]}, "a-eu-central-1-b", id="Join"),
        pytest.param(
            {"Fn::Sub": "${Reader.Arn}|${AWS::Region}|${!aws:username}"},
            "arn:aws:iam::111111111111:role/access/reader|eu-central-1|${aws:username}",
            id="Sub of attributes, pseudo parameters and escapes",
        ),
        pytest.param(
            {"Fn::Sub": ["${x}-${x}", {"x": {"Ref": "Reader"}}]}, "reader-reader", id="Sub with values"
        ),
        pytest.param({"Fn::Select": ["1", ["a", "b"]]}, "b", id="Select"),
        pytest.param(
            {"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Reader", "Arn"]}]}]},
            "111111111111",
            id="Split and Select",
        ),
        pytest.param({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "who"]}, "*", id="FindInMap"),
        pytest.param(
            {"Fn::FindInMap": ["M", "us-east-1", "who", {"DefaultValue": "nobody"}]},
            "nobody",
            id="FindInMap with a default",
        ),
        pytest.param(
            {"Fn::FindInMap": ["M", "eu-central-1", "who", {"DefaultValue": "nobody"}]},
            "*",
            id="FindInMap that does not need its default",
        ),
        pytest.param({"Fn::Length": ["a", {"Ref": "Open"}]}, "2", id="Length"),
        pytest.param(
            {"Fn::ToJsonString": {"a": ["x", {"Ref": "Reader"}, 'say "hi"'], "b": {"Ref": "AWS::NoValue"}}},
            '{"a": ["x", "reader", "say \\"hi\\""]}',
            id="ToJsonString",
        ),
        pytest.param({"Ref": "Open"}, "*", id="a parameter's default"),
        pytest.param({"Fn::Join": ["", [{"Ref": "Open"}]]}, "*", id="a parameter's default in a Join"),
    ],
)
def test_is_known(tmp_path: Path, node: Any, expected: str) -> None:
    value = value_of(
        tmp_path,
        node,
        Parameters={"Open": {"Type": "String", "Default": "*"}},
        Mappings={"M": {"eu-central-1": {"who": "*"}}},
    )
    assert as_text(value).literal == expected


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        pytest.param({"Ref": "Given"}, "<Given>", id="parameter without default"),
        pytest.param({"Ref": "Hidden"}, "<Hidden>", id="parameter that is not to be shown"),
        pytest.param({"Ref": "Stored"}, "<Stored>", id="parameter whose default names a stored one"),
        pytest.param({"Ref": "Nobody"}, "<Nobody>", id="name that is not declared"),
        pytest.param({"Ref": "Generated"}, "<Generated>", id="generated name"),
        pytest.param(
            {"Fn::GetAtt": "Generated.Arn"},
            "arn:aws:iam::111111111111:role/<Generated>",
            id="known but for its name",
        ),
        pytest.param("{{resolve:ssm:/who}}", "<{{resolve:ssm:/who}}>", id="dynamic reference"),
        pytest.param(
            {"Fn::Join": ["", ["{{resolve:ssm:", "/who}}"]]},
            "<{{resolve:ssm:/who}}>",
            id="dynamic reference completed by a Join",
        ),
        pytest.param({"Fn::ImportValue": "elsewhere"}, "<elsewhere>", id="export of another app"),
        pytest.param({"Fn::GetAZs": ""}, "<Fn::GetAZs>", id="function of the deployment"),
        pytest.param({"Fn::Conjure": []}, "<Fn::Conjure>", id="unknown function"),
        pytest.param(
            {"Fn::Select": [5, {"Fn::Split": ["/", {"Fn::GetAtt": "Generated.Arn"}]}]},
            "<unknown>",
            id="beyond what is known",
        ),
        pytest.param({"Fn::Join": "no list"}, "<unknown>", id="Join of nothing"),
        pytest.param({"Fn::FindInMap": ["M", "a", "b"]}, "<unknown>", id="mapping that is not there"),
        pytest.param(
            {"Fn::FindInMap": ["M", {"Ref": "Given"}, "b", {"DefaultValue": "x"}]},
            "<unknown>",
            id="a default that may be unused",
        ),
        pytest.param({"Fn::Length": {"Ref": "Given"}}, "<unknown>", id="Length of an unknown list"),
        pytest.param({"Fn::ToJsonString": {"a": {"Ref": "Given"}}}, '{"a": <Given>}', id="ToJsonString"),
        pytest.param({"Fn::If": []}, "<unknown>", id="If without branches"),
        pytest.param({"Ref": ["x"]}, "<unknown>", id="Ref of a list"),
        pytest.param({"Fn::GetAtt": ["x"]}, "<unknown>", id="GetAtt without an attribute"),
        pytest.param({"Fn::GetAtt": ["Nobody", "Arn"]}, "<Nobody.Arn>", id="GetAtt of nothing"),
        pytest.param({"Fn::Sub": {}}, "<unknown>", id="Sub of nothing"),
        pytest.param({"Fn::Select": [9, ["a"]]}, "<unknown>", id="item that is not there"),
        pytest.param({"Fn::Select": "x"}, "<unknown>", id="Select of nothing"),
        pytest.param({"Fn::Split": "x"}, "<unknown>", id="Split of nothing"),
        pytest.param({"Fn::FindInMap": "x"}, "<unknown>", id="FindInMap of nothing"),
        pytest.param({"Fn::Join": [",", {"Ref": "Given"}]}, "<Given>", id="Join of an unknown list"),
    ],
)
def test_is_unknown_with_a_name(tmp_path: Path, node: Any, shown: str) -> None:
    value = value_of(
        tmp_path,
        node,
        Parameters={
            "Given": {"Type": "String"},
            "Hidden": {"Type": "String", "Default": "s3cret", "NoEcho": True},
            "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/who"},
        },
    )
    assert str(as_text(value)) == shown


def test_keeps_base64_readable(tmp_path: Path) -> None:
    assert value_of(tmp_path, {"Fn::Base64": {"Fn::Sub": "hi ${AWS::Region}"}}) == Encoded(
        Text(("hi eu-central-1",))
    )


def test_reads_a_list_parameter_as_a_list(tmp_path: Path) -> None:
    value = value_of(
        tmp_path, {"Ref": "Many"}, Parameters={"Many": {"Type": "CommaDelimitedList", "Default": "a, *"}}
    )
    assert value == (Text(("a",)), Text(("*",)))


OPEN_OR_NOT = {"Fn::If": ["IsOpen", "*", "closed"]}


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(
            {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, id="compares a parameter, whatever its default"
        ),
        pytest.param({"Fn::Not": [{"Condition": "IsOpen"}]}, id="refers in a circle"),
        pytest.param({"Fn::Perhaps": []}, id="is written in an unknown way"),
        pytest.param(None, id="is empty"),
    ],
)
def test_keeps_both_branches_where_a_condition(tmp_path: Path, condition: Any) -> None:
    value = value_of(
        tmp_path,
        {"Fn::Join": ["", ["to ", OPEN_OR_NOT]]},
        Parameters={"Stage": {"Type": "String", "Default": "dev"}},
        Conditions={"IsOpen": condition},
    )
    assert isinstance(value, Alternatives)
    assert {str(each) for each in value.values} == {"to *", "to closed"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param({"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}, "*", id="region"),
        pytest.param({"Fn::Not": [{"Fn::Equals": ["a", "a"]}]}, "closed", id="not"),
        pytest.param({"Fn::And": [{"Condition": "Yes"}, {"Fn::Equals": ["a", "b"]}]}, "closed", id="and"),
        pytest.param({"Fn::Or": [{"Condition": "Yes"}, {"Fn::Equals": ["a", "b"]}]}, "*", id="or"),
    ],
)
def test_evaluates_a_condition_that_the_template_decides(
    tmp_path: Path, condition: Any, expected: str
) -> None:
    conditions = {"IsOpen": condition, "Yes": {"Fn::Equals": ["x", "x"]}}
    assert as_text(value_of(tmp_path, OPEN_OR_NOT, Conditions=conditions)).literal == expected


def test_evaluates_a_condition_consistently_within_one_value(tmp_path: Path) -> None:
    value = value_of(
        tmp_path,
        {"Fn::Join": ["", [OPEN_OR_NOT, OPEN_OR_NOT]]},
        Conditions={"IsOpen": {"Fn::Equals": [{"Ref": "Given"}, "x"]}},
        Parameters={"Given": {"Type": "String"}},
    )
    assert isinstance(value, Alternatives)
    assert {str(each) for each in value.values} == {"**", "closedclosed"}


def test_keeps_every_value(tmp_path: Path) -> None:
    nothing = {"Ref": "AWS::NoValue"}
    assert value_of(tmp_path, {"a": nothing, "b": ["x", nothing]}) == {"b": (Text(("x",)),)}
    assert value_of(tmp_path, nothing) == ABSENT


def test_gives_up_on_too_many_conditions(tmp_path: Path) -> None:
    names = [f"C{number}" for number in range(12)]
    value = value_of(
        tmp_path,
        [{"Fn::If": [name, name, "no"]} for name in names],
        Conditions={name: {"Fn::Equals": [{"Ref": "P"}, name]} for name in names},
        Parameters={"P": {"Type": "String"}},
    )
    assert isinstance(value, Alternatives)
    assert isinstance(value.values[-1], Unknown)


def test_reads_a_conditional_resource_as_if_its_condition_were_true(tmp_path: Path) -> None:
    probe = {"Type": "Custom::Probe", "Condition": "IsOpen", "Properties": {"Value": OPEN_OR_NOT}}
    conditions = {"IsOpen": {"Fn::Equals": [{"Ref": "AWS::StackId"}, "x"]}}
    template = template_of(tmp_path, {"Probe": probe}, Conditions=conditions)
    assert as_text(template.resources["Probe"].properties["Value"]).literal == "*"


@pytest.mark.parametrize(
    "names",
    [
        pytest.param({"A": {"Ref": "B"}, "B": {"Ref": "A"}}, id="two that refer to each other"),
        pytest.param({"A": {"Ref": "A"}}, id="one that names itself"),
        pytest.param(
            {"A": {"Ref": "B0"}} | {f"B{n}": {"Ref": f"B{n + 1}"} for n in range(300)}, id="a long chain"
        ),
        pytest.param(
            {"A": {"Ref": "B0"}} | {f"B{n}": {"Fn::Sub": f"${{B{n + 1}}}${{B{n + 1}}}"} for n in range(30)},
            id="a chain that doubles",
        ),
    ],
)
def test_an_unresolvable_name_is_unknown(tmp_path: Path, names: dict[str, Any]) -> None:
    resources = {
        name: {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": node}} for name, node in names.items()
    }
    template = template_of(tmp_path, resources)
    assert as_text(template.resources["A"].properties["BucketName"]).literal is None


def test_bounds_references_between_deep_values(tmp_path: Path) -> None:
    def deep(inner: Any) -> Any:
        for _ in range(28):
            inner = {"Fn::Join": ["", [inner]]}
        return inner

    resources = {
        f"B{number}": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": deep({"Ref": f"B{number + 1}"})},
        }
        for number in range(39)
    }
    template = template_of(tmp_path, resources)
    assert as_text(template.resources["B0"].properties["BucketName"]).literal is None


def test_follows_an_export_within_the_assembly(tmp_path: Path) -> None:
    from keywright.assembly.templates.reader import read_assembly
    from tests.unit.assembly.builders import write_assembly

    folder = write_assembly(
        tmp_path / "cdk.out",
        one={
            "Resources": {"Reader": ROLE},
            "Outputs": {
                "Arn": {
                    "Value": {"Fn::GetAtt": ["Reader", "Arn"]},
                    "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-arn"}},
                }
            },
        },
        two={
            "Resources": {"Probe": {"Type": "Custom::P", "Properties": {"V": {"Fn::ImportValue": "one-arn"}}}}
        },
    )
    assembly = read_assembly(folder)
    (probe,) = assembly.of_type("Custom::P")
    assert as_text(probe.properties["V"]).literal == "arn:aws:iam::111111111111:role/access/reader"


def test_finds_the_same_place_in_json_and_yaml(tmp_path: Path) -> None:
    assembly = assembly_of(tmp_path, {"Reader": ROLE})
    resource = next(iter(assembly.resources))
    assert (
        resource.locate("Properties", "RoleName").column
        == json.dumps({"Resources": {"Reader": ROLE}}).index('"RoleName"') + 1
    )


@pytest.mark.parametrize(
    ("parts", "other", "expected"),
    [
        pytest.param(("a", Unknown("?"), "c"), "abc", True, id="fits"),
        pytest.param(("a", Unknown("?"), "c"), "ac", True, id="fits with nothing between"),
        pytest.param(("ab", Unknown("?"), "bc"), "abc", False, id="parts may not overlap"),
        pytest.param((Unknown("?"), "x", Unknown("?")), "axb", True, id="middle"),
        pytest.param((Unknown("?"), "x", Unknown("?")), "ab", False, id="middle is missing"),
        pytest.param((Unknown("?"),), "*", True, id="anything may be a wildcard"),
        pytest.param((Unknown("?", is_identifier=True),), "*", False, id="an identifier is no wildcard"),
    ],
)
def test_may_be_tells_whether_texts_can_be_equal(parts: tuple[Any, ...], other: str, expected: bool) -> None:
    assert text(*parts).may_be(other) is expected
