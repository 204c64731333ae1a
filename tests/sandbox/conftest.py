from pathlib import Path

import pytest

from keywright.sandbox.account import Sandbox
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def running_cloud(running_sandbox):
    cloud = Cloud(running_sandbox.environment())
    yield cloud
    cloud.close()


@pytest.fixture
def cloud(running_cloud):
    """An empty account."""
    running_cloud.reset()
    return running_cloud


@pytest.fixture(scope="session")
def root_folder():
    return Path(__file__).resolve().parents[2]
