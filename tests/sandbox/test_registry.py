"""Resource types of the sandbox have the properties that CloudFormation's registry lists, by the schemas in cfn-lint."""

import json

import pytest

from tests.laws.registry import create_only, registry_schema
from tests.sandbox.test_patches import in_an_emulator

PROGRAM = """
import json
from keywright.sandbox.patches.registry import register_all
register_all()
from keywright.sandbox.patches.cloudformation.templates import PROPERTIES
from keywright.sandbox.patches.emulator import replacing_properties
print(json.dumps({"known": PROPERTIES, "create_only": replacing_properties}))
"""
OURS = (
    "AWS::AccessAnalyzer::",
    "AWS::EC2::Instance",
    "AWS::IAM::",
    "AWS::IdentityStore::",
    "AWS::SSO::",
    "AWS::SecretsManager::ResourcePolicy",
)


# "AWS::SecretsManager::Secret" in the CloudFormation Template Reference lists them.
IN_THE_REFERENCE_ALONE = {"ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn"}


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    done = in_an_emulator(PROGRAM, tmp_path_factory.mktemp("state"))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_properties_replace_a_resource(types):
    ours = {name: set(each) for name, each in types["create_only"].items() if name.startswith(OURS)}
    assert {name: set(create_only(name)) for name in ours} == ours
    assert len(ours) > 12


def test_the_same_properties_exist(types):
    for name, listed in types["known"].items():
        schema = registry_schema(name)
        read_only = {each.removeprefix("/properties/") for each in schema.get("readOnlyProperties", ())}
        known = {each.rstrip("!") for each in listed.split()}
        assert known - IN_THE_REFERENCE_ALONE == schema["properties"].keys() - read_only, name
        required = {each[:-1] for each in listed.split() if each.endswith("!")}
        assert required == set(schema.get("required", ())), name
