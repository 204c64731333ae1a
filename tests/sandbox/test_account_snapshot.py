"""`keywright snapshot` in the sandbox, whose IAM enforces policies: the printed policy is enough, and it is needed."""

from __future__ import annotations

import json
import stat

import pytest

from keywright.account.snapshot import read_snapshot
from keywright.live.snapshot.operations import required_policy
from tests.sandbox.cloud import ACCOUNT, REGION, allow, policy, resource
from tests.unit.cli.in_process import keywright

EC2 = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'


@pytest.fixture
def account(cloud):
    """An account made by hand and by a stack, and somebody who may only read it."""
    cloud.iam.create_role(
        RoleName="worker", AssumeRolePolicyDocument=EC2, Description="works", MaxSessionDuration=7200
    )
    cloud.iam.create_instance_profile(InstanceProfileName="unused")
    cloud.iam.create_policy(
        PolicyName="shared", PolicyDocument=policy(allow("s3:GetObject")), Description="reads"
    )
    cloud.iam.create_user(UserName="zoe")
    cloud.deploy({"Team": resource("AWS::IAM::Group", GroupName="team")})
    cloud.iam.create_user(UserName="auditor")
    return cloud


@pytest.fixture
def snapshot(account, tmp_path):
    """Take a snapshot as the auditor, with one policy."""
    key = account.iam.create_access_key(UserName="auditor")["AccessKey"]
    environment = account.environment | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": REGION,
    }

    def take(document, *words):
        account.iam.put_user_policy(
            UserName="auditor", PolicyName="read", PolicyDocument=json.dumps(document)
        )
        return keywright("snapshot", *words, folder=tmp_path, environment=environment)

    return take


def test_the_printed_policy_is_enough(snapshot, tmp_path):
    printed = json.loads(keywright("snapshot", "--policy", "--last-accessed").stdout)
    done = snapshot(printed, "--last-accessed")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"account {ACCOUNT}: 2 users, 1 group, 1 role, 1 customer managed policy, 1 access key and 0 MFA devices; written to account.json\n"  # fmt: skip
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = read_snapshot(file)
    assert (found.account, found.region, found.unread) == (ACCOUNT, REGION, ())
    assert [(each.name, each.session_seconds, each.description) for each in found.roles] == [
        ("worker", 7200, "works")
    ]
    assert [(each.name, each.description) for each in found.policies] == [("shared", "reads")]
    assert [each.name for each in found.instance_profiles] == ["unused"]
    assert [(each.logical_id, each.physical_id) for each in found.stack_resources] == [("Team", "team")]


def test_each_part_that_is_denied_is_listed(snapshot, tmp_path):
    document = required_policy(last_accessed=False)
    for action in ("iam:ListAccessKeys", "ec2:DescribeInstances"):
        document["Statement"][0]["Action"].remove(action)
    done = snapshot(document)
    assert done.returncode == 3
    assert done.stderr.decode() == (
        "not read: AccessKeys; found `ListAccessKeys` returned AccessDenied\n"
        f"not read: Instances of {REGION}; found `DescribeInstances` returned UnauthorizedOperation\n"
    )
    assert "access key" not in done.stdout.decode()
    assert not read_snapshot(tmp_path / "account.json").has("AccessKeys")


def test_without_the_identities_nothing_is_written(snapshot, tmp_path):
    done = snapshot(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}
    )
    assert done.returncode == 3
    assert done.stderr.decode() == (
        f"account {ACCOUNT}: the identities cannot be read; found `GetAccountAuthorizationDetails` returned AccessDenied; "
        "accepted: the permissions that `keywright snapshot --policy` prints\n"
    )
    assert not list(tmp_path.iterdir())


def test_another_account_than_the_declared_one_is_refused(snapshot, tmp_path):
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "account.yaml").write_text("account: {id: '222222222222', region: eu-central-1}\n")
    done = snapshot(required_policy(last_accessed=False))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"the credentials belong to another account; found `{ACCOUNT}`; accepted: `222222222222`, which `access` declares\n"
    )
