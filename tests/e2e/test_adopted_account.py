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
from tests.e2e.world import ACCOUNT, OWN_PASSWORD, REGION, World, bucket, refused
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

TODAY = date(2026, 11, 24)
EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
REPORTS = f"arn:aws:s3:::{bucket('reports')}"
LISTS = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": REPORTS}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{REPORTS}/*"}
LAMBDA = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
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
KEPT = "because: it is changed together with its owner, until: 2027-03-31"
DECLARED = f"""\
account: {{id: "{ACCOUNT}", region: {REGION}}}
buckets: {{reports: {{}}}}
policies:
  shared: {{grants: [{{s3: [list], bucket: reports}}], adopted: {{path: /old/, description: Lists reports}}}}
groups:
  readers: {{grants: [{{s3: [read], bucket: reports}}], adopted: {{path: /}}}}
users:
  alva:
    person: {{email: a@orbit.example}}
    groups: [readers]
    console: true
    adopted: {{path: /team/}}
  ben:
    person: {{email: b@orbit.example}}
    groups: [readers]
    console: true
    adopted: {{path: /, boundary: none, mfa: later, {KEPT}}}
  scanner:
    application: {{because: the scanner cannot assume a role by itself, review: 2027-05-01}}
    grants: [{{s3: [read], bucket: reports, prefix: scans/}}]
    adopted: {{path: /, boundary: none, access_keys: 1, {KEPT}}}
workloads:
  web:
    ec2: {{launch: none}}
    policies: [{{managed: policy/shared, because: several identities list the same reports}}]
    adopted: {{path: /service/, role: WebServer, profile: web-profile, profile_path: /, boundary: none, {KEPT}}}
roles:
  batch:
    trusts: [{{service: lambda}}]
    grants: [{{s3: [list], bucket: reports}}]
    adopted: {{path: /, boundary: none, {KEPT}}}
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
        reached = {name: None for name in os.environ if name.startswith("AWS_")}
        done = keywright(
            "snapshot", "access", folder=self.folder, environment=reached | self.world.sandbox.environment()
        )
        assert done.returncode == 0, done.output.decode()
        return json.loads((self.folder / "account.json").read_text())

    def verify(self, expected: int) -> list[str]:
        """Compare the account with the declarations, and return the differences."""
        reached = {name: None for name in os.environ if name.startswith("AWS_")}
        done = keywright(
            "verify",
            "access",
            "--today",
            TODAY.isoformat(),
            folder=self.folder,
            environment=reached | self.world.sandbox.environment(),
        )
        lines = done.output.decode().splitlines()
        assert done.returncode == expected, lines
        found = (line.partition(": ")[2] for line in lines[:-1])
        return sorted(line for line in found if not line.startswith(("advice:", "warning:")))

    def import_map(self, expected: int) -> str:
        self.snapshot()
        done = keywright(
            "import-map", "account.json", str(self.world.sandbox.state / "cdk.out"), folder=self.folder
        )
        assert done.returncode == expected, done.output.decode()
        return done.output.decode()

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
    (folder / "access").mkdir()
    (folder / "access/all.yaml").write_text(DECLARED)
    with Sandbox(folder / "sandbox", ACCOUNT, REGION) as sandbox, chdir(root):
        world = World(sandbox, folder / "access", TODAY)
        key = _existing(world)
        made = Account(world, folder, key, {})
        made.before = made.snapshot()
        made.synthesize()
        yield made
        world.close()


def _existing(world: World) -> tuple[str, str]:
    """Create what an account has that nobody declared: by hand, and by a template of somebody else."""
    iam = world.client("iam")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="old", PolicyDocument=document(LISTS, READS))
    for name, path in (("alva", "/team/"), ("ben", "/")):
        iam.create_user(UserName=name, Path=path)
        iam.create_login_profile(UserName=name, Password=OWN_PASSWORD)
        iam.add_user_to_group(GroupName="readers", UserName=name)
    iam.put_user_policy(UserName="alva", PolicyName="own", PolicyDocument=document(SELF))
    world.enrol("alva", world.sign_in("alva"))
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


SELF = {
    "Effect": "Allow",
    "Action": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"],
    "Resource": "*",
}


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


def test_a_deployment_and_an_edit_keep_everybody_and_what_they_have(account: Account) -> None:
    world = account.world
    former = world.sign_in("ben")
    world.deploy()
    world.edit("all.yaml", "{s3: [read], bucket: reports, prefix: scans/}", "{s3: [list], bucket: reports}")
    world.deploy()
    after = account.snapshot()
    was, now = ids(account.before), ids(after)
    assert {name: now[name] for name in was} == was
    # Passwords, the MFA device and the access key work as before.
    alva = world.sign_in("alva")
    assert world.client("sts", alva).get_caller_identity()["Arn"].endswith(":user/team/alva")
    assert world.client("sts", account.key).get_caller_identity()["Arn"].endswith(":user/scanner")
    storage = world.client("s3")
    storage.put_object(Bucket=bucket("reports"), Key="scans/1.pdf", Body=b"figures")
    read = {"Bucket": bucket("reports"), "Key": "scans/1.pdf"}
    assert not refused(world.client("s3", alva).get_object, **read)
    assert not refused(world.client("s3", former).get_object, **read)
    assert not refused(world.client("s3", account.key).list_objects_v2, Bucket=bucket("reports"))
    # Somebody removes what is not declared any more.
    assert not refused(world.client("s3", account.key).get_object, **read)
    assert account.verify(1) == [
        "group `readers` has an inline policy that its declaration does not list; found `old`; accepted: `grants`",
        "user `alva` has an inline policy that its declaration does not list; found `own`; accepted: `grants`",
        "user `scanner` has an inline policy that its declaration does not list; found `scans`; accepted: `grants`",
    ]
    iam = world.client("iam")
    iam.delete_user_policy(UserName="scanner", PolicyName="scans")
    assert refused(world.client("s3", account.key).get_object, **read)
    iam.delete_user_policy(UserName="alva", PolicyName="own")
    iam.delete_group_policy(GroupName="readers", PolicyName="old")
    account.verify(0)


def test_nobody_without_a_boundary_gets_one_before_it_is_declared(account: Account) -> None:
    details = {each["UserName"]: each for each in account.snapshot()["UserDetailList"]}
    boundaries = {name: "PermissionsBoundary" in details[name] for name in ("alva", "ben", "scanner")}
    assert boundaries == {"alva": True, "ben": False, "scanner": False}
    assert account.world.groups_of("alva") == {"mfa-guard", "readers"}
    assert account.world.groups_of("ben") == {"readers"}
