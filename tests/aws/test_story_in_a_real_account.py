"""The acceptance story in a real, empty account: `KEYWRIGHT_AWS_ACCOUNT=123456789012 make test-aws`.

Opt-in, and never part of `make test`. It creates users, roles, a Lambda function, secrets and buckets in the account whose
number is given, and removes them. What needs a browser is left to a person: the sign-in page, the forced change of the first
password under the guard, a passkey.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from keywright.sandbox.client import totp
from keywright.sandbox.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

pytestmark = pytest.mark.aws

REGION = "eu-central-1"
STACKS = ("access-workloads", "access-roles", "access-people", "access-data", "access-account")
MEMBER = "  bob:\n    person: {email: bob@acme.example}\n    groups: [analysts]\n    console: true\n"


@dataclass
class RealAccount:
    """The account that was named, and the declarations deployed into it."""

    number: str
    access: Path
    output: Path
    today: date

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=REGION)

    def edit(self, file: str, before: str, after: str) -> None:
        path = self.access / file
        text = path.read_text()
        assert text.count(before) == 1
        path.write_text(text.replace(before, after))

    def deploy(self) -> None:
        deployment = self.deployment()
        deployment.synthesize()
        deployment.deploy()

    def deployment(self) -> Deployment:
        reached = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
        return Deployment(
            self.access, self.output, reached | {"AWS_REGION": REGION}, self.today, sandbox=False
        )

    def users(self) -> set[str]:
        pages = self.client("iam").get_paginator("list_users").paginate(PathPrefix="/access/")
        return {user["UserName"] for page in pages for user in page["Users"]}


@pytest.fixture(scope="module")
def account(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAccount]:
    number = os.environ.get("KEYWRIGHT_AWS_ACCOUNT", "")
    if not number:
        pytest.fail("name the account: KEYWRIGHT_AWS_ACCOUNT=<twelve digits>")
    reached = boto3.client("sts", region_name=REGION).get_caller_identity()["Account"]
    if reached != number:
        pytest.fail(f"the credentials reach another account; found {reached}; accepted: {number}")
    folder = tmp_path_factory.mktemp("real")
    made = RealAccount(number, shutil.copytree(root / "access", folder / "access"), folder / "cdk.out", today)
    if made.users() or _stacks(made):
        pytest.fail("the account is not empty: users under /access/ or stacks of ours exist")
    _adapt(made)
    try:
        made.deploy()
        yield made
    finally:
        _clean_up(made)


def _stacks(account: RealAccount) -> list[str]:
    described = account.client("cloudformation").describe_stacks()["Stacks"]
    return [stack["StackName"] for stack in described if stack["StackName"] in STACKS]


def _adapt(account: RealAccount) -> None:
    """Leave out what an empty account does not have: the legacy bucket and the machine image."""
    for path in account.access.glob("*.yaml"):
        path.write_text(path.read_text().replace("111111111111", account.number))
    account.edit("account.yaml", "  alias: acme-reporting\n", "")
    account.edit("applications.yaml", "  archive: {existing: acme-legacy-archive}\n", "")
    account.edit("applications.yaml", "      - {s3: [read], bucket: archive, prefix: 2025/}\n", "")
    account.edit("applications.yaml", "{launch: instance, image: ami-0abcdef1234567890}", "{launch: none}")
    account.edit(
        "applications.yaml",
        "{launch: template, image: ami-0abcdef1234567890, instance_type: t3.small}",
        "{launch: none}",
    )


def _clean_up(account: RealAccount) -> None:
    formation = account.client("cloudformation")
    for stack in STACKS:
        if stack in _stacks(account):
            formation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
            formation.delete_stack(StackName=stack)
            formation.get_waiter("stack_delete_complete").wait(StackName=stack)
    storage = account.client("s3")
    for name in ("inbox", "reports", "access-logs"):
        _empty(storage, f"{name}-{account.number}-{REGION}-an")


def _empty(storage: Any, bucket: str) -> None:
    try:
        versions = storage.list_object_versions(Bucket=bucket)
    except ClientError:
        return
    for each in (*versions.get("Versions", ()), *versions.get("DeleteMarkers", ())):
        storage.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    storage.delete_bucket(Bucket=bucket)


def verified(account: RealAccount) -> int:
    command = [
        str(Path(sys.executable).parent / "keywright"),
        "verify",
        str(account.access),
        "--today",
        account.today.isoformat(),
    ]
    return subprocess.run(command, check=False).returncode


def denied(call: Any, /, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}


def test_the_existing_users_are_the_declared_ones(account: RealAccount) -> None:
    assert account.users() == {"alice", "bob", "carol", "dora", "scanner"}
    assert verified(account) == 0


def test_the_first_sign_in_secret_exists(account: RealAccount) -> None:
    assert account.client("iam").get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]
    secret = account.client("secretsmanager").get_secret_value(SecretId="keywright/first-password/alice")
    assert set(json.loads(secret["SecretString"])) == {"user_name", "password"}


def test_a_second_deployment_changes_nothing(account: RealAccount) -> None:
    assert account.deployment().deploy().count("no changes") == len(STACKS)


def test_a_stolen_long_term_key_registers_no_device(account: RealAccount) -> None:
    key = account.client("iam").create_access_key(UserName="alice")["AccessKey"]
    stolen = boto3.client(
        "iam",
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    try:
        assert denied(stolen.create_virtual_mfa_device, VirtualMFADeviceName="alice")
        assert denied(stolen.list_users)
    finally:
        account.client("iam").delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])


def test_a_removed_user_with_self_made_credentials_is_deleted(account: RealAccount) -> None:
    iam = account.client("iam")
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    serial = enrolled(iam, "bob")
    account.edit("people.yaml", MEMBER, "")
    account.deploy()
    assert "bob" not in account.users()
    assert serial not in {
        each["SerialNumber"] for each in iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    }
    with pytest.raises(ClientError):
        iam.get_access_key_last_used(AccessKeyId=key)
    assert verified(account) == 0


def enrolled(iam: Any, user: str) -> str:
    """Register an authenticator for a user, as she would herself, and give the device's serial number."""
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    seed, step = device["Base32StringSeed"].decode(), totp.step_at(time.time())
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=totp.code(seed, step - 1),
        AuthenticationCode2=totp.code(seed, step),
    )
    return str(device["SerialNumber"])


def test_a_key_rotates_one_step_in_each_deployment(account: RealAccount) -> None:
    first = "{serial: 1, issued: 2026-11-01}"
    account.edit("applications.yaml", f"- {first}", f"- {{serial: 2, issued: 2026-11-24}}\n      - {first}")
    account.deploy()
    account.edit("applications.yaml", first, "{serial: 1, issued: 2026-11-01, status: inactive}")
    account.deploy()
    account.edit("applications.yaml", "      - {serial: 1, issued: 2026-11-01, status: inactive}\n", "")
    account.deploy()
    assert len(account.client("iam").list_access_keys(UserName="scanner")["AccessKeyMetadata"]) == 1
