"""An account that exists is declared, imported and edited: nobody is created anew, and no key, password or MFA device is lost."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import chdir
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from access_stacks import app
from keywright.cdk.command_line import cdk_command
from keywright.sandbox.account import Sandbox
from tests.e2e.world import ACCOUNT, OWN_PASSWORD, REGION, World, refused
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

TODAY = date(2026, 11, 24)
BUCKET = "orbit-reports"
KEYS = ("scans/1.pdf", "plans/2.pdf")
EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
REPORTS = f"arn:aws:s3:::{BUCKET}"
LISTS = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": REPORTS}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{REPORTS}/*"}
LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
LEGACY = {
    "Resources": {
        "Batch": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "batch",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [LAMBDA]},
            },
        }
    }
}
KEPT = """
      boundary: none
      mfa: later
      because: it had no permissions boundary and no MFA guard before it was declared
      until: 2027-02-22
"""


@dataclass
class Account:
    """The account, and what a person in it has from before."""

    world: World
    folder: Path
    key: tuple[str, str]
    before: dict[str, Any]

    def snapshot(self) -> dict[str, Any]:
        """Save the account, and return what the file has."""
        self.run("snapshot")
        return json.loads((self.folder / "account.json").read_text())

    def run(self, *words: str, expected: int = 0) -> str:
        """Run a command in the folder and return what it prints."""
        reached = {name: None for name in os.environ if name.startswith("AWS_")}
        today = () if words[0] in {"snapshot", "import-map"} else ("--today", TODAY.isoformat())
        done = keywright(
            *words, *today, folder=self.folder, environment=reached | self.world.sandbox.environment()
        )
        printed = done.output.decode()
        assert done.returncode == expected, printed
        return printed

    def verify(self, expected: int) -> list[str]:
        """Compare the account with the declarations, and return the differences."""
        lines = self.run("verify", expected=expected).splitlines()
        found = (line.partition(": ")[2] for line in lines[:-1])
        return sorted(line for line in found if not line.startswith(("advice:", "warning:")))

    def import_map(self, expected: int) -> str:
        self.snapshot()
        return self.run(
            "import-map", "account.json", str(self.world.sandbox.state / "cdk.out"), expected=expected
        )

    def synthesize(self) -> None:
        assert app.run(self.world.sandbox.environment() | self.world.deployment().context()) == 0


def ids(details: dict[str, Any]) -> dict[str, str]:
    """Give the unique id of each user, group and role: one that is created anew has another."""
    return {
        f"{kind}/{each[f'{kind}Name']}": each[f"{kind}Id"]
        for kind in ("User", "Group", "Role")
        for each in details[f"{kind}DetailList"]
    }


@pytest.fixture(scope="module")
def account(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("orbit")
    with Sandbox(folder / "sandbox", ACCOUNT, REGION) as sandbox, chdir(root):
        world = World(sandbox, folder / "access", TODAY)
        key = _existing(world)
        made = Account(world, folder, key, {})
        made.before = made.snapshot()
        made.run("adopt", "account.json", "--domain", "orbit.example")
        if "access_keys" not in (folder / "access/users.yaml").read_text():
            before = "      boundary: none\n      because: it had no permissions boundary before"
            world.edit("users.yaml", before, f"      access_keys: 1\n{before}")
        made.synthesize()
        yield made
        world.close()


def _existing(world: World) -> tuple[str, str]:
    """Create what an account has that nobody declared: by hand, and by a template of somebody else."""
    storage = world.client("s3")
    storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in KEYS:
        storage.put_object(Bucket=BUCKET, Key=key, Body=b"figures")
    iam = world.client("iam")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="old", PolicyDocument=document(LISTS, READS))
    for name, path in (("alva", "/team/"), ("ben", "/")):
        iam.create_user(UserName=name, Path=path)
        iam.create_login_profile(UserName=name, Password=OWN_PASSWORD)
        iam.add_user_to_group(GroupName="readers", UserName=name)
    iam.put_user_policy(UserName="alva", PolicyName="own", PolicyDocument=document(LISTS))
    world.enrol("alva", world.root_keys)
    iam.create_user(UserName="scanner")
    iam.put_user_policy(UserName="scanner", PolicyName="scans", PolicyDocument=document(READS))
    made = iam.create_access_key(UserName="scanner")["AccessKey"]
    iam.create_policy(
        PolicyName="shared", Path="/old/", Description="Lists reports", PolicyDocument=document(LISTS)
    )
    iam.create_role(RoleName="WebServer", Path="/service/", AssumeRolePolicyDocument=document(EC2))
    iam.attach_role_policy(RoleName="WebServer", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/old/shared")
    iam.create_instance_profile(InstanceProfileName="web-profile")
    iam.add_role_to_instance_profile(InstanceProfileName="web-profile", RoleName="WebServer")
    formation = world.client("cloudformation")
    formation.create_stack(
        StackName="legacy", TemplateBody=json.dumps(LEGACY), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    formation.get_waiter("stack_create_complete").wait(StackName="legacy", WaiterConfig={"Delay": 1})
    return made["AccessKeyId"], made["SecretAccessKey"]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_a_resource_of_another_stack_is_named_and_nothing_is_written(account: Account) -> None:
    output = account.import_map(1)
    assert "role/batch is in stack `legacy`, and a resource is in one stack at most" in output
    assert not (account.folder / "cdk.import").exists()


def test_the_import_changes_nothing(account: Account) -> None:
    formation = account.world.client("cloudformation")
    retained = json.loads(json.dumps(LEGACY))
    retained["Resources"]["Batch"]["DeletionPolicy"] = "Retain"
    formation.update_stack(
        StackName="legacy", TemplateBody=json.dumps(retained), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    formation.get_waiter("stack_update_complete").wait(StackName="legacy", WaiterConfig={"Delay": 1})
    formation.delete_stack(StackName="legacy")
    formation.get_waiter("stack_delete_complete").wait(StackName="legacy", WaiterConfig={"Delay": 1})
    output = account.import_map(0)
    for line in (
        "access-data: 1 managed policy to import",
        "access-roles: 1 role to import",
        "access-people: 1 group and 3 users to import",
        "access-workloads: 1 instance profile and 1 role to import",
        "user/alva keeps what is not declared, until somebody removes it after the deployment",
    ):
        assert line in output
    for stack in ("access-data", "access-people", "access-roles", "access-workloads"):
        # Once by the CDK, which is slow to start; then by the change set that it makes.
        (_by_cdk if stack == "access-people" else _by_change_set)(account, stack)
    after = account.snapshot()
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    assert {name: after[name] for name in lists} == {name: account.before[name] for name in lists}


def _by_cdk(account: Account, stack: str) -> None:
    folder = account.folder / "cdk.import"
    words = (
        "import",
        stack,
        "--app",
        folder,
        "--resource-mapping",
        folder / f"{stack}.import.json",
        "--force",
    )
    environment = account.world.sandbox.environment()
    done = subprocess.run(
        [*cdk_command(account.world.deployment().project), *map(str, words), "--no-notices", "--ci"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _by_change_set(account: Account, stack: str) -> None:
    folder, formation = account.folder / "cdk.import", account.world.client("cloudformation")
    template = (folder / f"{stack}.template.json").read_text()
    types = {name: each["Type"] for name, each in json.loads(template)["Resources"].items()}
    identifiers = json.loads((folder / f"{stack}.import.json").read_text())
    made = formation.create_change_set(
        StackName=stack,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=template,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        ResourcesToImport=[
            {"LogicalResourceId": name, "ResourceType": types[name], "ResourceIdentifier": each}
            for name, each in identifiers.items()
        ],
    )
    formation.execute_change_set(ChangeSetName=made["Id"])
    formation.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def test_a_deployment_and_edits_keep_everybody_and_what_they_have(account: Account) -> None:
    world = account.world
    former = world.sign_in("ben")
    world.deploy()
    boundaries = {
        each["UserName"]: "PermissionsBoundary" in each for each in account.snapshot()["UserDetailList"]
    }
    assert boundaries == {"alva": False, "ben": False, "scanner": False}
    # Then it is edited like any other account: two people get MFA and the boundary, and an application other access.
    world.edit("users.yaml", f'path: "/team/"{KEPT}', 'path: "/team/"\n')
    world.edit("users.yaml", f'resources: ["{REPORTS}/*"]', f'resources: ["{REPORTS}/scans/*"]')
    world.deploy()
    after = account.snapshot()
    was, now = ids(account.before), ids(after)
    assert {name: now[name] for name in was} == was
    details = {each["UserName"]: each for each in after["UserDetailList"]}
    assert "PermissionsBoundary" in details["alva"]
    assert world.groups_of("alva") == {"mfa-guard", "readers"}
    # Passwords, the MFA device and the access key work as before.
    alva = world.sign_in("alva")
    read = {"Bucket": BUCKET, "Key": KEYS[0]}
    assert not refused(world.client("s3", alva).get_object, **read)
    assert not refused(world.client("s3", former).get_object, **read)
    assert not refused(world.client("s3", account.key).get_object, **read)
    assert world.client("sts", account.key).get_caller_identity()["Arn"].endswith(":user/scanner")


def test_somebody_removes_what_is_not_declared(account: Account) -> None:
    read, other = ({"Bucket": BUCKET, "Key": key} for key in KEYS)
    scanner, iam = account.world.client("s3", account.key), account.world.client("iam")
    assert not refused(scanner.get_object, **other)
    has = "has an inline policy that its declaration does not list"
    assert account.verify(1) == [
        f"group `readers` {has}; found `old`; accepted: `grants`",
        f"user `alva` {has}; found `own`; accepted: `grants`",
        f"user `scanner` {has}; found `scans`; accepted: `grants`",
    ]
    iam.delete_user_policy(UserName="scanner", PolicyName="scans")
    iam.delete_user_policy(UserName="alva", PolicyName="own")
    iam.delete_group_policy(GroupName="readers", PolicyName="old")
    assert refused(scanner.get_object, **other)
    assert not refused(scanner.get_object, **read)
    account.verify(0)
