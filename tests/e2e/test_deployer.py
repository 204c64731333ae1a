"""The generated deployment roles can deploy, edit and remove the sample, and nothing else.

CloudFormation's permissions are judged by a patch of the sandbox account's (`keywright/sandbox/patches/cloudformation/stack_permissions.py`): a call
that passes here proves that the policies hold what the registry says; that AWS's handlers call no more, the registry does.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from access_stacks import app
from keywright.assembly.templates.reader import read_assembly
from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE, plan_of
from keywright.deployer.bootstrap.template import template_of
from keywright.live.verification.verify import verify
from keywright.model.reading import read
from keywright.reporting.finding import Severity
from keywright.sandbox.account import Sandbox
from keywright.sandbox.deployment import StepFailed
from keywright.sandbox.up.existing import create_existing
from tests.e2e.world import ACCOUNT, REGION, World, keys_of, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from keywright.sandbox.deployment import Deployment

BOB = """  bob:
    person: {email: bob@acme.example}
    groups: [analysts]
    console: true
"""
CAROL = "    groups: [operators, onboarders, analysts, administrators]\n"
IAM = f"arn:aws:iam::{ACCOUNT}"
LIMIT = f"{IAM}:policy/access/keywright-boundary"


def execution(name: str) -> str:
    return f"{IAM}:role/keywright/{name}"


@dataclass
class Deployed:
    """The account after the bootstrap and a first deployment by the bootstrap role, and the pipeline's credentials."""

    world: World
    pipeline: dict[str, str]

    def by(self, role: str, *, pipeline: bool = False) -> Deployment:
        known = self.world.sandbox.environment()
        made = self.world.deployment(known | self.pipeline if pipeline else known)
        return replace(made, role_arn=execution(role))

    def synthesize(self) -> None:
        deployment = self.world.deployment()
        assert app.run(self.world.sandbox.environment() | deployment.context()) == 0

    def create_with_update_role(self, resources: dict[str, Any]) -> tuple[str, str]:
        """Create a stack of some resources with the update role, and return its final status and the reason."""
        formation = self.world.client("cloudformation")
        formation.create_stack(
            StackName="attempt",
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            RoleARN=execution(UPDATE_ROLE),
        )
        stack = _ended(formation, "attempt")
        events = formation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        reasons = [each.get("ResourceStatusReason", "") for each in events]
        formation.delete_stack(StackName="attempt", RoleARN=execution(BOOTSTRAP_ROLE))
        return stack["StackStatus"], "\n".join(each for each in reasons if "not authorized" in each)


def _ended(formation: Any, stack: str) -> dict[str, Any]:
    import time

    while True:
        found: dict[str, Any] = formation.describe_stacks(StackName=stack)["Stacks"][0]
        if not found["StackStatus"].endswith("IN_PROGRESS"):
            return found
        time.sleep(0.02)


@pytest.fixture(scope="module")
def deployed(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployer")
    access = shutil.copytree(root / "access", folder / "access")
    with Sandbox(folder / "sandbox", ACCOUNT, REGION) as sandbox:
        world = World(sandbox, access, today)
        declarations = read(access, today).declarations
        assert declarations is not None
        create_existing(declarations, sandbox.environment())
        made = Deployed(world, {})
        made.synthesize()
        _bootstrap(world)
        made.pipeline.update(_pipeline(world))
        made.by(BOOTSTRAP_ROLE).deploy()
        yield made
        world.close()


def _bootstrap(world: World) -> None:
    template = template_of(plan_of(read_assembly(world.deployment().output)))
    formation = world.client("cloudformation")
    formation.create_stack(
        StackName="keywright-deployer",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    assert _ended(formation, "keywright-deployer")["StackStatus"] == "CREATE_COMPLETE"


def _pipeline(world: World) -> dict[str, str]:
    """Make a role with only the caller's policy, and return a session of it."""
    iam = world.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    }
    made = iam.create_role(RoleName="pipeline", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="pipeline", PolicyArn=f"{IAM}:policy/keywright/keywright-deploy")
    iam.create_user(UserName="runner")
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": made}
    iam.put_user_policy(
        UserName="runner",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    key = iam.create_access_key(UserName="runner")["AccessKey"]
    runner = (key["AccessKeyId"], key["SecretAccessKey"])
    keys = keys_of(world.client("sts", runner).assume_role(RoleArn=made, RoleSessionName="pipeline"))
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return dict(zip(names, keys, strict=True))


def test_the_sample_is_deployed(deployed: Deployed) -> None:
    assert {"alice", "bob", "carol", "dora", "scanner"} <= deployed.world.users()


def test_the_update_role_deploys_an_edit_and_a_removed_user(deployed: Deployed) -> None:
    world = deployed.world
    world.edit("people.yaml", BOB, "")
    world.edit(
        "people.yaml",
        "    groups: [operators, onboarders]\n",
        "    groups: [operators, onboarders, analysts]\n",
    )
    deployed.synthesize()
    deployed.by(UPDATE_ROLE, pipeline=True).deploy()
    assert "bob" not in world.users()
    assert "analysts" in world.groups_of("carol")


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def role(name: str, **more: Any) -> dict[str, Any]:
    given = {
        "AssumeRolePolicyDocument": TRUST,
        "Path": "/access/",
        "RoleName": name,
        "PermissionsBoundary": LIMIT,
    }
    properties = {key: value for key, value in {**given, **more}.items() if value is not None}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


@pytest.mark.parametrize(
    ("made", "action"),
    [
        pytest.param(role("mallory"), "iam:CreateRole", id="a foreign name"),
        pytest.param(role("mallory", Path="/"), "iam:CreateRole", id="another path"),
        pytest.param(
            {
                "Type": "AWS::IAM::User",
                "Properties": {"UserName": "alice2", "Path": "/access/", "PermissionsBoundary": LIMIT},
            },
            "iam:CreateUser",
            id="a user without declaration",
        ),
        pytest.param(
            {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "ManagedPolicyName": "keywright-boundary-2",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                    },
                },
            },
            "iam:CreatePolicy",
            id="a boundary of its own",
        ),
    ],
)
def test_the_update_role_creates_no_other_identity(
    deployed: Deployed, made: dict[str, Any], action: str
) -> None:
    status, reasons = deployed.create_with_update_role({"Made": made})
    assert status.startswith("ROLLBACK")
    assert f"{UPDATE_ROLE}/AWSCloudFormation is not authorized to perform: {action}" in reasons


def test_only_the_bootstrap_role_edits_protected_resources(deployed: Deployed) -> None:
    """The break-glass role trusts one more person: the update role's deployment rolls back, the bootstrap role's succeeds."""
    world = deployed.world
    world.edit("people.yaml", "    groups: [operators, onboarders, analysts]\n", CAROL)
    deployed.synthesize()
    with pytest.raises(
        StepFailed,
        match=f"{UPDATE_ROLE}/AWSCloudFormation is not authorized to perform: iam:(AddUser|Update)",
    ):
        deployed.by(UPDATE_ROLE, pipeline=True).deploy()
    deployed.by(BOOTSTRAP_ROLE).deploy()
    assert "administrators" in world.groups_of("carol")


def test_the_pipeline_passes_no_other_role_and_does_nothing_by_hand(deployed: Deployed) -> None:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    keys = tuple(deployed.pipeline[name] for name in names)
    formation, iam = (deployed.world.client(service, keys) for service in ("cloudformation", "iam"))
    same = {"StackName": "access-data", "UsePreviousTemplate": True}
    assert refused(formation.update_stack, **same)
    assert refused(formation.update_stack, **same, RoleARN=execution(BOOTSTRAP_ROLE))
    assert refused(formation.create_stack, StackName="x", TemplateBody="{}", RoleARN=execution(UPDATE_ROLE))
    assert refused(iam.create_role, RoleName="x", AssumeRolePolicyDocument="{}")
    declarations = read(deployed.world.access, deployed.world.today).declarations
    assert declarations is not None
    found = verify(declarations, iam, None, today=deployed.world.today)
    assert [each for each in found if each.severity is not Severity.ADVICE] == []


DECLARED = "access-workloads-InstanceRole0batchX2dimport-X"
"""A name as CloudFormation makes it up for a declared workload."""


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"PermissionsBoundary": None}, id="no boundary"),
        pytest.param(
            {"PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}, id="another boundary"
        ),
        pytest.param(
            {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}, id="an administrator"
        ),
    ],
)
def test_a_declared_name_is_created_only_with_its_boundary_and_policies(
    deployed: Deployed, more: dict[str, Any]
) -> None:
    status, reasons = deployed.create_with_update_role({"Made": role(DECLARED, **more)})
    assert status.startswith("ROLLBACK")
    assert "is not authorized to perform: iam:" in reasons


def test_the_bootstrap_role_removes_everything(deployed: Deployed) -> None:
    deployed.by(BOOTSTRAP_ROLE).destroy()
    assert deployed.world.users() == set()
