"""With the stack resources of an account, references to generated names are literal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keywright.assembly.templates.conditions import assuming
from keywright.assembly.templates.deployed_names import DeployedNames
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.value import as_text

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT, REGION = "111111111111", "eu-central-1"


def references(folder: Path, kind: str, physical_id: str, *references: Any) -> list[str | None]:
    """Resolve references to the one resource of a stack, which is deployed under a physical id."""
    tree = {
        "Resources": {
            "Named": {"Type": kind, "Properties": {}},
            "Reader": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {str(at): each for at, each in enumerate(references)},
            },
        }
    }
    (folder / "web.template.json").write_text(json.dumps(tree))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/{REGION}",
        "properties": {"templateFile": "web.template.json", "stackName": "web"},
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"web": stack}}))
    deployed = DeployedNames(ACCOUNT, REGION, {(REGION, "web", "Named"): physical_id})
    assembly = assuming(read_assembly(folder, deployed=deployed), {})
    (template,) = assembly.templates
    reader = template.resources["Reader"]
    return [as_text(reader.properties[str(at)]).literal for at, _ in enumerate(references)]


REF: dict[str, str] = {"Ref": "Named"}
ARN = {"Fn::GetAtt": ["Named", "Arn"]}
IAM = f"arn:aws:iam::{ACCOUNT}"


@pytest.mark.parametrize(
    ("kind", "physical_id", "ref", "arn"),
    [
        ("AWS::IAM::Role", "web-Named-1A", "web-Named-1A", f"{IAM}:role/web-Named-1A"),
        (
            "AWS::IAM::InstanceProfile",
            "web-Named-1A",
            "web-Named-1A",
            f"{IAM}:instance-profile/web-Named-1A",
        ),
        (
            "AWS::IAM::ManagedPolicy",
            f"{IAM}:policy/web-Named-1A",
            f"{IAM}:policy/web-Named-1A",
            f"{IAM}:policy/web-Named-1A",
        ),
        (
            "AWS::Logs::LogGroup",
            "web-Named-1A",
            "web-Named-1A",
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:web-Named-1A:*",
        ),
        ("AWS::S3::Bucket", "web-named-1a", "web-named-1a", "arn:aws:s3:::web-named-1a"),
        (
            "AWS::SQS::Queue",
            f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/web-Named-1A",
            f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/web-Named-1A",
            f"arn:aws:sqs:{REGION}:{ACCOUNT}:web-Named-1A",
        ),
        ("AWS::KMS::Key", "1234-abcd", "1234-abcd", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234-abcd"),
    ],
)
def test_a_generated_name_is_literal(kind: str, physical_id: str, ref: str, arn: str, tmp_path: Path) -> None:
    assert references(tmp_path, kind, physical_id, REF, ARN) == [ref, arn]


def test_a_secret_has_its_whole_arn(tmp_path: Path) -> None:
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:Named-1A2B3C"
    assert references(tmp_path, "AWS::SecretsManager::Secret", arn, REF) == [arn]


def test_a_type_without_a_known_form_has_its_physical_id(tmp_path: Path) -> None:
    assert references(tmp_path, "AWS::EC2::SecurityGroup", "sg-0123", REF, ARN) == ["sg-0123", None]
