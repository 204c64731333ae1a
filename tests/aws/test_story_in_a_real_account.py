"""The acceptance story in a real, empty account, or in the sandbox: `python -m tests.aws run`.

Opt-in, and never part of `make test`. It creates users, roles, a Lambda function, secrets and buckets in the account whose
number is given; `tests.aws` removes them. What needs a browser is left to a person.
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
from botocore.config import Config
from botocore.exceptions import ClientError

from keywright.sandbox.client import totp
from keywright.sandbox.deployment import Deployment
from tests.aws.cleanup import STACKS, code_of, stacks_in, users_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

pytestmark = pytest.mark.aws

REGION = "eu-central-1"
MEMBER = "  bob:\n    person: {email: bob@acme.example}\n    groups: [analysts]\n    console: true\n"
DENIED = {"AccessDenied", "AccessDeniedException"}
SETTLED_SECONDS = 60
"""How long IAM is given to show a change everywhere; no time is documented."""


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
        reached = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "CDK_HOME"))}
        return Deployment(
            self.access, self.output, reached | {"AWS_REGION": REGION}, self.today, sandbox=False
        )

    def users(self) -> set[str]:
        return users_in(self.client)


@pytest.fixture(scope="module")
def account(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> RealAccount:
    number = os.environ.get("KEYWRIGHT_AWS_ACCOUNT", "")
    if not number:
        pytest.fail(
            "name the account: `make test-aws KEYWRIGHT_AWS_ACCOUNT=<twelve digits>`, which also cleans up"
        )
    reached = boto3.client("sts", region_name=REGION).get_caller_identity()["Account"]
    if reached != number:
        pytest.fail(f"the credentials reach another account; found {reached}; accepted: {number}")
    folder = tmp_path_factory.mktemp("real")
    made = RealAccount(number, shutil.copytree(root / "access", folder / "access"), folder / "cdk.out", today)
    if made.users() or stacks_in(made.client):
        pytest.fail("the account is not empty: users under /access/ or stacks of ours exist")
    _adapt(made)
    made.deploy()
    return made


def _adapt(account: RealAccount) -> None:
    """Leave out what an empty account does not have: the legacy bucket and the machine image."""
    for path in account.access.glob("*.yaml"):
        path.write_text(path.read_text().replace("111111111111", account.number))
    account.edit("account.yaml", "  alias: acme-reporting\n", "")
    account.edit("applications.yaml", "  archive: {existing: acme-legacy-archive}\n", "")
    account.edit(
        "promises.yaml",
        "on: bucket/archive, except: role/break-glass",
        'on: "arn:aws:s3:::acme-legacy-archive/*", except: role/break-glass',
    )
    account.edit("applications.yaml", "      - {s3: [read], bucket: archive, prefix: 2025/}\n", "")
    account.edit("applications.yaml", "{launch: instance, image: ami-0abcdef1234567890}", "{launch: none}")
    account.edit(
        "applications.yaml",
        "{launch: template, image: ami-0abcdef1234567890, instance_type: t3.small}",
        "{launch: none}",
    )


def verified(account: RealAccount) -> int:
    command = [
        str(Path(sys.executable).parent / "keywright"),
        "verify",
        str(account.access),
        "--today",
        account.today.isoformat(),
    ]
    return subprocess.run(command, check=False).returncode


def answer_to(call: Any, /, **arguments: Any) -> str:
    """Return the code of the error that a call ends with; empty if it succeeds."""
    try:
        call(**arguments)
    except ClientError as error:
        return code_of(error)
    return ""


def settled(answer: Callable[[], str], unsettled: str) -> str:
    """Ask again while AWS answers as if it did not know of a change yet, for example of a new access key."""
    end = time.monotonic() + SETTLED_SECONDS
    while (found := answer()) == unsettled and time.monotonic() < end:
        time.sleep(2)
    return found


def client_of(key: Any) -> Any:
    """Return an IAM client with an access key that has just been created, once AWS knows the key."""
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    once = Config(retries={"total_max_attempts": 1})
    caller = boto3.client("sts", region_name=REGION, config=once, **keys)
    assert settled(lambda: answer_to(caller.get_caller_identity), "InvalidClientTokenId") == ""
    return boto3.client("iam", region_name=REGION, **keys)


def test_the_existing_users_are_the_declared_ones(account: RealAccount) -> None:
    assert account.users() == {"alice", "bob", "carol", "dora", "scanner"}
    assert verified(account) == 0


def test_the_first_sign_in_secret_exists(account: RealAccount) -> None:
    assert account.client("iam").get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]
    secret = account.client("secretsmanager").get_secret_value(SecretId="keywright/first-password/alice")
    assert set(json.loads(secret["SecretString"])) == {"user_name", "password"}


def test_a_second_deployment_changes_nothing(account: RealAccount) -> None:
    assert account.deployment().deploy().count("no changes") == len(STACKS)


def test_a_stolen_access_key_registers_no_device_and_changes_no_password(account: RealAccount) -> None:
    iam = account.client("iam")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    try:
        stolen = client_of(key)
        assert answer_to(stolen.create_virtual_mfa_device, VirtualMFADeviceName="alice") in DENIED
        assert answer_to(stolen.list_users) in DENIED
        # It is not denied, but needs the old password.
        guess = {"OldPassword": "not the old one 1A!", "NewPassword": "correct horse battery staple 1A!"}
        assert answer_to(stolen.change_password, **guess) != ""
        assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]
    finally:
        iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        (
            "iam",
            "set_default_policy_version",
            {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "VersionId": "v1"},
        ),
        ("iam", "delete_policy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        (
            "kms",
            "create_alias",
            {"AliasName": "alias/aws/keywright-acceptance", "TargetKeyId": "alias/aws/secretsmanager"},
        ),
    ],
    ids=["version of an AWS managed policy", "deletion of an AWS managed policy", "reserved alias"],
)
def test_aws_refuses_to_an_administrator(
    account: RealAccount, service: str, operation: str, arguments: dict[str, str]
) -> None:
    """The table `keywright/reasoning/evaluation/aws_refusals.py`; the sandbox, too, must not allow what AWS refuses."""
    if os.environ.get("KEYWRIGHT_AWS_TARGET") == "sandbox":
        pytest.skip("the sandbox does not refuse it: only AWS can show this")
    assert answer_to(getattr(account.client(service), operation), **arguments) != ""


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
