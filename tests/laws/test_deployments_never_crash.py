"""The deployment of any template is computed or undecided; it never crashes.

The result is a policy that IAM accepts: its documents are parsed again without findings.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.assembly.templates.reader import read_assembly
from keywright.deployer.bootstrap.plan import plan_of
from keywright.deployer.bootstrap.template import documents_of, template_of
from keywright.policy.parsing.documents import parse_document
from tests.laws.test_questions_never_crash import JSON, places

if TYPE_CHECKING:
    from pathlib import Path

TRUST = {
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
}
BASE: dict[str, Any] = {
    "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}},
    "Conditions": {"c": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}},
    "Resources": {
        "Limit": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Metadata": {"keywright:serves": "permissions boundary"},
            "Properties": {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}},
        },
        "Admin": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": {"Ref": "Limit"}, "Path": "/a/"},
        },
        "Alice": {
            "Type": "AWS::IAM::User",
            "Properties": {"UserName": "alice", "Groups": [{"Ref": "Group"}, "other"], "ManagedPolicyArns": ["x"]},
        },
        "Group": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": {"Fn::If": ["c", "a", "b"]}}},
        "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "Alice"}}},
        "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Admin"}]}},
        "Instance": {
            "Type": "AWS::EC2::Instance",
            "Properties": {"IamInstanceProfile": {"Ref": "Profile"}, "UserData": "{{resolve:ssm:/x}}"},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::GetAtt": ["Admin", "Arn"]}, "KmsKeyArn": {"Ref": "P"}, "Code": {"S3Bucket": "b"}},
        },
        "Custom": {"Type": "Custom::It", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}},
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"Name": "s", "KmsKeyId": "alias/x", "SecretString": {"Fn::Sub": "{{resolve:secretsmanager:${Key}}}"}},
        },
    },
}  # fmt: skip
PLACES = [path for path in places(BASE) if len(path) > 1]


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    template = copy.deepcopy(BASE)
    node: Any = template
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return template


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_deployment_needs_is_computed(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    file = tmp_path / "t.json"
    file.write_text(json.dumps(changed(path, value)))
    plan = plan_of(read_assembly(file))
    for name, document in documents_of(plan).items():
        assert parse_document(document, file=name)[1] == []
    assert json.dumps(template_of(plan)) == json.dumps(template_of(plan_of(read_assembly(file))))
