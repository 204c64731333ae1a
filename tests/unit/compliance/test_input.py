"""Templates of other declarations prove nothing about these."""

from __future__ import annotations

import json

import pytest

from keywright.assembly.templates.reader import read_assembly
from keywright.compliance.input import differences
from keywright.model.declarations import Declarations

PERSON = {"person": {"email": "a@acme.example"}}
USER = {"Type": "AWS::IAM::User", "Properties": {}}
GROUP = {"Type": "AWS::IAM::Group", "Properties": {}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {}}


def between(declared, resources, folder):
    file = folder / "stack.template.json"
    file.write_text(json.dumps({"Resources": resources}))
    whole = {"account": {"id": "1" * 12, "region": "eu-central-1"}, **declared}
    return differences(Declarations.model_validate(whole), read_assembly(file))


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param({"User0alice": USER}, id="the same"),
        pytest.param({"User0alice": USER, "Group0mfaX2dguard": GROUP}, id="a group of everybody"),
        pytest.param({"User0alice": USER, "Group0teamX2euntilX2d2027X2d01X2d31": GROUP}, id="a twin"),
        pytest.param({"User0alice": USER, "Role0keywrightX2didentityX2dkeeper": ROLE}, id="the keeper"),
        pytest.param({"User0alice": USER, "Queue": {"Type": "AWS::SQS::Queue"}}, id="something else"),
    ],
)
def test_equal_inputs_are_equal(tmp_path, resources):
    assert between({"users": {"alice": PERSON}}, resources, tmp_path) == []


def test_reports_what_is_on_one_side_only(tmp_path):
    declared = {"users": {"alice": PERSON, "old": {"existing": True}}, "groups": {"team": {}}}
    assert between(declared, {"User0alice": USER, "Role0vendor": ROLE}, tmp_path) == [
        "`group/team` is declared and not in the templates",
        "`role/vendor` is in the templates and not declared",
    ]
