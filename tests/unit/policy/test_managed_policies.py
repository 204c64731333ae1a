import json
import re

import pytest

from keywright.policy.reference.managed_policies import (
    PREFIX,
    managed_policy_arns,
    managed_policy_document,
    packed_on,
)
from keywright.policy.reference.managed_policies_pack import pack


def collected(folder, **policies):
    (folder / "dist").mkdir()
    (folder / "LICENSE").write_text("the licence")
    (folder / "package.json").write_text(json.dumps({"name": "collection", "version": "1"}))
    (folder / "dist" / "managedPolicies.json").write_text(json.dumps(policies))
    return folder


def policy(arn, latest="v2"):
    return {
        "arn": arn,
        "latestVersionId": latest,
        "lastUpdatedDate": "2026-01-02T00:00:00Z",
        "versions": {"v2": {"document": {"Statement": []}}},
    }


@pytest.mark.parametrize(
    "arn",
    [
        f"{PREFIX}AdministratorAccess",
        f"{PREFIX}service-role/AWSLambdaBasicExecutionRole",
        f"{PREFIX}job-function/Billing",
    ],
)
def test_finds_the_document_with_and_without_a_path(arn):
    assert managed_policy_document(arn)["Statement"]


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param(f"{PREFIX}NoSuchPolicy", id="unknown name"),
        pytest.param("arn:aws-cn:iam::aws:policy/AdministratorAccess", id="another partition"),
        pytest.param("arn:aws:iam::111111111111:policy/AdministratorAccess", id="a customer's own"),
    ],
)
def test_an_unknown_policy_has_no_document(arn):
    assert managed_policy_document(arn) is None


def test_every_packed_document_has_statements():
    assert len(managed_policy_arns()) > 1_000
    assert all(managed_policy_document(arn).get("Statement") for arn in managed_policy_arns())


def test_has_the_day_of_its_packing():
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", packed_on())


def test_packing_is_repeatable(tmp_path):
    folder = collected(tmp_path, B=policy(f"{PREFIX}B"), A=policy(f"{PREFIX}A"))
    assert pack(folder) == pack(folder)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(policy("arn:aws:iam::111111111111:policy/Mine"), id="not AWS's own"),
        pytest.param(policy(f"{PREFIX}A", latest="v9"), id="without its latest version"),
    ],
)
def test_packing_refuses(tmp_path, broken):
    with pytest.raises(ValueError, match="cannot pack"):
        pack(collected(tmp_path, A=broken))
