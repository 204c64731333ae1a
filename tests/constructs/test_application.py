"""An application: a key and a secret for each serial, which are created and deleted independently."""

from __future__ import annotations

import json
import re

import pytest

from access_constructs.people.application import Application
from access_constructs.people.key_secrets import KEY_ALIAS
from access_constructs.people.person import Person
from keywright.policy.statement import Statement
from tests.constructs.synthesis import ACCOUNT, BOUNDARY, PATH, TOKEN, new_stack, resources

HANDER = f"arn:aws:iam::{ACCOUNT}:user{PATH}hander"
WRITE = Statement(actions=("s3:PutObject",), resources=("arn:aws:s3:::inbox/x",))


def template(*access_keys, **more):
    stack = new_stack()
    Application(
        stack,
        "scanner",
        name="scanner",
        path=PATH,
        boundary_arn=BOUNDARY,
        keeper_token=TOKEN,
        access_keys=access_keys,
        **{"readers": [HANDER], "statements": [WRITE], "tags": {}, **more},
    )
    return resources(stack)


def test_an_application_synthesizes_to_the_golden_template(root):
    """Read the golden file: it is what an application is in CloudFormation."""
    assert template((1, False), (2, True)) == json.loads((root / "tests/golden/application.json").read_text())


def test_rotation_changes_only_its_serial():
    one, two, old = template((1, True)), template((1, True), (2, True)), template((1, False), (2, True))
    serial_2 = {
        f"{part}0scannerXSerial2" for part in ("AccessKey", "AccessKeySecret", "AccessKeySecretPolicy")
    }
    assert changed(one, two) == {*serial_2, "Leaving0scanner"}
    assert changed(two, old) == {"AccessKey0scannerXSerial1"}
    assert one["Leaving0scanner"]["Properties"] == two["Leaving0scanner"]["Properties"]


def test_a_person_declared_as_an_application_is_another_identity():
    """The guard would be removed before the login; so the name is refused while the person exists."""
    stack = new_stack()
    Person(
        stack,
        "scanner",
        name="scanner",
        path=PATH,
        boundary_arn=BOUNDARY,
        keeper_token=TOKEN,
        groups=["mfa-guard"],
        console=True,
        tags={},
    )
    users = [
        (name, each["Properties"]["UserName"])
        for found in (resources(stack), template())
        for name, each in found.items()
        if each["Type"] == "AWS::IAM::User"
    ]
    assert users == [("User0scanner", "scanner"), ("Application0scanner", "scanner")]


def changed(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_a_secret_key_appears_only_in_its_secret():
    found = template((1, True))
    secrets = [name for name, each in found.items() if "SecretAccessKey" in json.dumps(each)]
    assert secrets == ["AccessKeySecret0scannerXSerial1"]


def test_the_leaving_resource_depends_on_every_key_and_secret():
    found = template((1, True), (2, True))
    assert set(found["Leaving0scanner"]["DependsOn"]) == {
        "AccessKeySecret0scannerXSerial1",
        "AccessKeySecret0scannerXSerial2",
    }


def test_changing_the_readers_changes_only_the_policy_of_the_secret():
    before, after = template((1, True)), template((1, True), readers=[])
    assert changed(before, after) == {"AccessKeySecretPolicy0scannerXSerial1"}


@pytest.mark.parametrize(
    ("readers", "spared"),
    [
        pytest.param([HANDER], {"ArnNotEquals": {"aws:PrincipalArn": HANDER}}, id="one"),
        pytest.param([], None, id="nobody"),
    ],
)
def test_everybody_else_is_denied_whatever_other_policies_allow(readers, spared):
    policy = template((1, True), readers=readers)["AccessKeySecretPolicy0scannerXSerial1"]["Properties"]
    (statement,) = policy["ResourcePolicy"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement.get("Condition")) == ("Deny", "*", spared)


def test_a_replica_is_encrypted_with_the_key_of_the_same_name_in_its_region():
    found = template((1, True), key_alias=KEY_ALIAS, replica_region="eu-west-1")
    secret = found["AccessKeySecret0scannerXSerial1"]["Properties"]
    assert secret["KmsKeyId"] == KEY_ALIAS
    assert secret["ReplicaRegions"] == [{"Region": "eu-west-1", "KmsKeyId": KEY_ALIAS}]


@pytest.mark.parametrize(
    ("access_keys", "found"),
    [
        pytest.param([(1, True), (2, True), (3, True)], "serial 1, serial 2, serial 3", id="three"),
        pytest.param([(1, True), (1, False)], "serial 1, serial 1", id="one twice"),
    ],
)
def test_refuses(access_keys, found):
    message = f"`scanner` cannot have these access keys; found {found}; accepted: at most 2, each serial once"
    with pytest.raises(ValueError, match=re.escape(message)):
        template(*access_keys)
