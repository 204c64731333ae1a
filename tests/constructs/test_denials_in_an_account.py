"""Conditional account denials, in the sandbox account, which evaluates policies independently."""

from __future__ import annotations

import json

import pytest

from keywright.policy.statement import Statement, policy_document
from keywright.sandbox.account import Sandbox
from keywright.statements.account_denials import deny_other_networks, deny_other_regions, deny_without_tls
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, allow, is_allowed, trust

pytestmark = pytest.mark.e2e

ALL = Statement(actions=("*",), resources=("*",))
REPAIR = f"arn:aws:iam::{ACCOUNT}:role/access/break-glass"
HERE, THERE = "127.0.0.1/32", "203.0.113.0/24"
FENCES = {
    "elsewhere": deny_other_regions(["eu-west-1"], ["s3"]),
    "at-home": deny_other_regions([REGION], ["s3"]),
    "abroad": deny_other_networks([THERE], [], ["s3"], break_glass_arn=REPAIR),
    "in-the-office": deny_other_networks([HERE], [], ["s3"], break_glass_arn=REPAIR),
    "encrypted": deny_without_tls(),
}


@pytest.fixture(scope="module")
def bounded_users(tmp_path_factory):
    """Return the account, and credentials of users who are allowed everything within a boundary each."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        cloud.role("break-glass", trust({"AWS": ACCOUNT}), Path="/access/")
        yield cloud, {name: _user(cloud, name, fence) for name, fence in FENCES.items()}
        cloud.close()


def _user(cloud, name, fence):
    document = json.dumps(policy_document(ALL, fence))
    boundary = cloud.iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
    return cloud.user(name, allow("*"), PermissionsBoundary=boundary)


LIST, USERS = ("secretsmanager", "list_secrets", {}), ("iam", "list_users", {})
ASSUME = ("sts", "assume_role", {"RoleArn": REPAIR, "RoleSessionName": "repair"})


@pytest.mark.parametrize(
    ("holder", "call", "allowed"),
    [
        ("elsewhere", LIST, False),
        ("elsewhere", USERS, True),
        ("elsewhere", ASSUME, True),
        ("at-home", LIST, True),
        ("abroad", LIST, False),
        ("abroad", USERS, False),
        ("abroad", ASSUME, True),
        ("in-the-office", LIST, True),
    ],
    ids=str,
)
def test_the_identity_can(bounded_users, holder, call, allowed):
    cloud, credentials = bounded_users
    service, operation, arguments = call
    assert is_allowed(getattr(cloud.client(service, credentials[holder]), operation), **arguments) is allowed


@pytest.mark.parametrize(("protocol", "allowed"), [("https", True), ("http", False)])
def test_denies_a_request_without_tls(bounded_users, protocol, allowed):
    """The loopback counts as TLS unless the request overrides it (docs/emulator.md)."""
    cloud, credentials = bounded_users
    client = cloud.client("secretsmanager", credentials["encrypted"])

    def tell(params, **_):
        params["headers"]["x-forwarded-proto"] = protocol

    client.meta.events.register("before-call", tell, unique_id="travels")
    try:
        assert is_allowed(client.list_secrets) is allowed
    finally:
        client.meta.events.unregister("before-call", unique_id="travels")
