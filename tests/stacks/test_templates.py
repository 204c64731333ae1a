"""Every synthesized template as a golden file: a reviewer reads the diff."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from tests.laws.registry import mistakes_in_templates

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

STACKS = ("access-account", "access-data", "access-people", "access-roles", "access-workloads")
SECRET = re.compile(r"(AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----")


def normalised(template: dict[str, Any]) -> dict[str, Any]:
    """Drop what the CDK adds for itself: construct paths, its metadata resource, the bootstrap's version."""
    resources = {
        name: {key: value for key, value in resource.items() if key != "Metadata"}
        for name, resource in template["Resources"].items()
        if resource["Type"] != "AWS::CDK::Metadata"
    }
    rest = {key: value for key, value in template.items() if key not in {"Parameters", "Rules", "Conditions"}}
    return {**rest, "Resources": resources}


def test_every_stack_has_a_golden_file(templates: dict[str, dict[str, Any]]) -> None:
    assert sorted(templates) == sorted(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_is_as_reviewed(
    stack: str, templates: dict[str, dict[str, Any]], snapshot: SnapshotAssertion
) -> None:
    assert normalised(templates[stack]) == snapshot(extension_class=JSONSnapshotExtension, name=stack)


@pytest.mark.parametrize("stack", STACKS)
def test_deploys_without_a_bootstrap(stack: str, templates: dict[str, dict[str, Any]]) -> None:
    text = json.dumps(templates[stack])
    assert len(text.encode()) < 51_200
    assert "BootstrapVersion" not in text
    assert "Assets" not in text


def test_no_template_contains_a_secret(templates: dict[str, dict[str, Any]]) -> None:
    assert not SECRET.search(json.dumps(templates))


def test_stacks_know_each_other_by_name_only(templates: dict[str, dict[str, Any]]) -> None:
    text = json.dumps(templates)
    assert "Fn::ImportValue" not in text
    assert '"Export"' not in text


def test_cfn_lint_and_the_policy_grammar_find_nothing(assembly: Path) -> None:
    assert mistakes_in_templates(assembly) == []


def test_no_login_is_ever_part_of_a_user(templates: dict[str, dict[str, Any]]) -> None:
    assert "LoginProfile" not in json.dumps([resource.get("Properties") for resource in users(templates)])


def users(templates: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    everything = [resource for template in templates.values() for resource in template["Resources"].values()]
    found = [resource for resource in everything if resource["Type"] == "AWS::IAM::User"]
    assert found
    return found


def test_every_user_is_under_path_and_boundary(templates: dict[str, dict[str, Any]]) -> None:
    for user in users(templates):
        assert user["Properties"]["Path"] == "/access/"
        assert user["Properties"]["PermissionsBoundary"].endswith(":policy/access/keywright-boundary")
