"""AWS SAM templates are read as CloudFormation deploys them; findings stand where the author wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from keywright.assembly.templates.reader import read_assembly
from keywright.cli.main import app
from keywright.guardrails.engine import check_assembly
from keywright.reporting.finding import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly
    from keywright.reporting.finding import Finding

HEAD = "Transform: AWS::Serverless-2016-10-31\nParameters: {Table: {Type: String, Default: orders}, Size: {Type: Number}}\n"
FUNCTION = """Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      CodeUri: greet/
      MemorySize: 512
      Policies:
        - AWSLambdaBasicExecutionRole
        - DynamoDBReadPolicy: {TableName: !Ref Table}
        - Statement:
            - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}
            - {Effect: Allow, Action: "sqs:*", Resource: "*"}
      Events:
        Queue: {Type: SQS, Properties: {Queue: "arn:aws:sqs:eu-central-1:111111111111:q", BatchSize: 5}}
"""


def read(folder: Path, text: str) -> Assembly:
    path = folder / "template.yaml"
    path.write_text(text)
    return read_assembly(path)


def findings(assembly: Assembly, rule: str) -> list[Finding]:
    return [each for each in check_assembly(assembly, own=False).findings if each.rule == rule]


def test_the_role_of_a_function_is_read(tmp_path: Path) -> None:
    assembly = read(tmp_path, HEAD + FUNCTION)
    assert assembly.findings == ()
    (role,) = assembly.of_type("AWS::IAM::Role")
    assert role.logical_id == "GreetRole"
    (function,) = assembly.of_type("AWS::Lambda::Function")
    assert function.raw["Properties"]["MemorySize"] == "512"  # type: ignore[index,call-overload] - numbers are texts


def test_a_finding_stands_where_the_author_wrote_it(tmp_path: Path) -> None:
    assembly = read(tmp_path, HEAD + FUNCTION)
    text = (tmp_path / "template.yaml").read_text().splitlines()
    (found,) = findings(assembly, "POL005")
    assert "sqs:*" in text[found.location.line - 1]
    assert found.resource == "GreetRole"
    (attached,) = assembly.of_type("AWS::IAM::Role")
    assert "Policies:" in text[attached.locate("Properties", "ManagedPolicyArns", 0).line - 1]


def test_a_default_is_no_value(tmp_path: Path) -> None:
    (role,) = read(tmp_path, HEAD + FUNCTION).of_type("AWS::IAM::Role")
    assert "orders" not in str(role.raw)
    assert role.template.parameters["Table"]["Default"] == "orders"


def test_what_aws_writes_is_not_reported(tmp_path: Path) -> None:
    """The trust policy of a state machine's role has no condition, and nobody can add one."""
    machine = """Resources:
  Steps:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}, Policies: [{LambdaInvokePolicy: {FunctionName: f}}]}
"""
    assembly = read(tmp_path, HEAD + machine)
    assert [each.logical_id for each in assembly.of_type("AWS::IAM::Role")] == ["StepsRole"]
    assert findings(assembly, "TRU012") == []
    written = machine.replace("Policies: [", "Role: !GetAtt Own.Arn, Tags: {a: b}, X: [").replace(
        ", X: [{LambdaInvokePolicy: {FunctionName: f}}]", ""
    )
    own = """  Own:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: scheduler.amazonaws.com}, Action: "sts:AssumeRole"}}
"""
    assert len(findings(read(tmp_path, HEAD + written + own), "TRU012")) == 1


def test_a_public_address_is_one_finding(tmp_path: Path) -> None:
    public = FUNCTION.replace("MemorySize: 512", "FunctionUrlConfig: {AuthType: NONE}")
    assembly = read(tmp_path, HEAD + public)
    found = [each for each in check_assembly(assembly, own=False).findings if each.rule.startswith("RES")]
    assert [each.rule for each in found] == ["RES003"]
    assert (
        "AuthType: NONE" in (tmp_path / "template.yaml").read_text().splitlines()[found[0].location.line - 1]
    )


def test_an_application_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("it asks AWS")

    monkeypatch.setattr("socket.socket.connect", refuse)
    application = """Resources:
  Other:
    Type: AWS::Serverless::Application
    Properties: {Location: {ApplicationId: "arn:aws:serverlessrepo:us-east-1:1:applications/a", SemanticVersion: 1.0.0}}
"""
    for text in (application, FUNCTION + application.partition("\n")[2]):
        (found,) = read(tmp_path, HEAD + text).findings
        assert found.outcome is Outcome.UNDECIDED
        assert found.message == "the resources of the application `Other` are not known"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Resources: {A: {Type: AWS::Serverless::Function, Properties: {Handler: [1]}}}\n", "[A] is invalid"),
        ("Resources: {A: {Type: AWS::Serverless::Nothing}}\nGlobals: {Nothing: 1}\n", "'Globals'"),
    ],
)
def test_a_refused_template_is_undecided(tmp_path: Path, text: str, why: str) -> None:
    (found, *_) = read(tmp_path, HEAD + text).findings
    assert found.outcome is Outcome.UNDECIDED
    assert "`AWS::Serverless-2016-10-31` refuses the template: " in found.message
    assert why in found.message
    assert "\n" not in found.message


def test_a_review_shows_what_a_policy_template_grants(tmp_path: Path) -> None:
    base, head = tmp_path / "base.yaml", tmp_path / "head.yaml"
    base.write_text(HEAD + FUNCTION)
    head.write_text(HEAD + FUNCTION.replace("DynamoDBReadPolicy", "DynamoDBCrudPolicy"))
    answer = CliRunner().invoke(app, ["review", str(base), str(head), "--format", "text"])
    assert "`role/GreetRole` gains write and read `arn:aws:dynamodb:" in answer.output
