"""The account in plain Python deploys, in its order, into the sandbox account."""

from __future__ import annotations

import json

import pytest

from keywright.sandbox.account import Sandbox
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud

pytestmark = pytest.mark.e2e

ORDER = ("acme-account", "acme-data", "acme-people", "acme-roles", "acme-workloads")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        yield cloud
        cloud.close()


def test_every_stack_is_created_in_order(cloud, assembly):
    for stack in ORDER:
        template = json.loads((assembly / f"{stack}.template.json").read_text(encoding="utf-8"))
        outcome = cloud.deploy(template["Resources"], stack)
        assert (stack, outcome.status, outcome.reasons) == (stack, "CREATE_COMPLETE", {})
