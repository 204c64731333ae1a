"""A template that the rules about secrets skip contains nothing that they would find."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.guardrails.builders import findings

RULES = ("USR003", "USR007", "USR008", "INS003")
KEY = "AKIA" + "A2B3C4D5E6F7G2H3"
TEXTS = st.sampled_from(
    [
        KEY,
        f"x{KEY}",
        "-----BEGIN RSA PRIVATE KEY-----",
        "ghp_" + "a" * 36,
        "https://mirror:hunter2hunter2@git.example.com",
        "hunter2hunter2",
        "${A.SecretAccessKey}",
        "{{resolve:secretsmanager:x}}",
        "ZXhwb3J0IERCX1BBU1NXT1JEPWh1bnRlcjI=",
    ]
)
KEYS = st.sampled_from(
    [
        "Password",
        "Environment",
        "Variables",
        "Parameters",
        "UserData",
        "Name",
        "Value",
        "Tags",
        "Fn::GetAtt",
        "Ref",
    ]
)
NODES = st.recursive(
    TEXTS | st.just(["A", "SecretAccessKey"]) | st.just({"Ref": "Hidden"}),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=6,
)
RESOURCES = st.builds(
    lambda kind, properties: {"Type": kind, "Properties": properties},
    st.sampled_from(
        ["AWS::EC2::Instance", "AWS::Lambda::Function", "AWS::SSM::Parameter", "AWS::SecretsManager::Secret"]
    ),
    st.dictionaries(KEYS, NODES, min_size=1, max_size=3),
)


def function(**properties):
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


SECRET = {"Type": "String", "NoEcho": True}
FULL_OF_THEM = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Environment": {"Variables": {"DB_PASSWORD": "hunter2hunter2", "A": "{{resolve:secretsmanager:x}}"}},
        "UserData": "export DB_PASSWORD=hunter2hunter2",
        "Description": f"{KEY} ${{A.SecretAccessKey}}",
    },
}
"""It lets every rule look at each spot; what is found in it is no matter."""


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=60, deadline=None)
@example(
    resources={"A": function(Environment={"Variables": {"API_KEY": "hunter2hunter2"}})},
    output="",
    hides=False,
)
@example(resources={"A": function(SecretString="hunter2hunter2")}, output="", hides=True)
@example(resources={"A": function(Value="${A.SecretAccessKey}")}, output="", hides=False)
@example(resources={"A": function(Value=KEY)}, output="", hides=False)
@example(resources={"A": function(UserData="export DB_PASSWORD=hunter2hunter2")}, output="", hides=False)
@example(resources={}, output="{{resolve:secretsmanager:x}}", hides=False)
@example(resources={}, output={"Ref": "Hidden"}, hides=True)
@given(
    resources=st.dictionaries(st.sampled_from("AB"), RESOURCES, max_size=2), output=NODES, hides=st.booleans()
)
def test_the_quick_filter_misses_nothing(rule, resources, output, hides):
    sections = {"Outputs": {"O": {"Value": output}}, "Parameters": {"Hidden": SECRET} if hides else {}}
    more = {**sections, "Parameters": {**sections["Parameters"], "Z": SECRET}}
    with TemporaryDirectory() as near, TemporaryDirectory() as far:
        glanced = told(near, rule, resources, sections)
        looked = told(far, rule, {**resources, "Z": FULL_OF_THEM}, more)
    assert glanced == looked


def told(folder, rule, resources, sections):
    found = findings(Path(folder), rule, resources, **sections)
    return [(each.resource, each.message, each.found) for each in found if each.resource != "Z"]
