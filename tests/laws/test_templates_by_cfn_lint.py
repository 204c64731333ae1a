"""What is synthesized is right for cfn-lint, and for IAM's grammar and quotas, by code that nobody here relies on.

KEYWRIGHT_EXAMPLES raises the number of random declarations: forty take half a minute.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.laws.random_declarations import declared, templates
from tests.laws.registry import mistakes_in_templates

if TYPE_CHECKING:
    from pathlib import Path

hasty = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@settings(hasty, max_examples=int(os.environ.get("KEYWRIGHT_EXAMPLES", "3")))
@given(document=declared)
def test_templates_of_random_declarations(document: dict[str, Any], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("linted")
    templates(document, folder)
    assert mistakes_in_templates(folder) == []


BAD_USER = {"Type": "AWS::IAM::User", "Properties": {"UserName": "a b", "Arn": "x"}}
ALIAS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::111111111111:account-alias/*"}
    ],
}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Principal": "*"}]}


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (BAD_USER, "does not match"),
        (BAD_USER, "Arn is read-only"),
        (
            {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": ALIAS}},
            "IAM resource path must either be",
        ),
        ({"Type": "AWS::IAM::Role", "Properties": {}}, "AssumeRolePolicyDocument is missing"),
        (
            {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            "no action of a trust policy s3:*",
        ),
    ],
)
def test_mistakes_would_be_found(resource: dict[str, Any], says: str, tmp_path: Path) -> None:
    (tmp_path / "a.template.json").write_text(json.dumps({"Resources": {"A": resource}}))
    assert any(says in each for each in mistakes_in_templates(tmp_path))
