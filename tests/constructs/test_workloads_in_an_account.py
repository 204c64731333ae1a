"""Instances of a group use their role, and assume a role that trusts their workload, in the sandbox account.

No machine boots there: the metadata service stands for what runs inside, and a launch comes from the sandbox's repair of
Auto Scaling groups. That AWS's own does so, only AWS can show.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from access_constructs.roles.role import AccessRole, role_arn
from access_constructs.workloads.auto_scaling_group import InstanceGroup
from access_constructs.workloads.instance_role import InstanceRole
from access_constructs.workloads.launch import InstanceLaunch
from keywright.policy.statement import Statement
from keywright.sandbox.account import Sandbox
from keywright.sandbox.client.metadata import serve
from keywright.statements.boundary import restriction_statements
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.trusts.same_account import workload_trust
from tests.constructs.synthesis import new_stack
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, allow, is_allowed
from tests.sandbox.test_instances import credentials

pytestmark = pytest.mark.e2e

PATH = "/access/"
ARCHIVIST = role_arn(partition="aws", account=ACCOUNT, path=PATH, name="archivist")
LOOKING = Statement(actions=("ssm:DescribeParameters",), resources=("*",))


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        yield cloud
        cloud.close()


def _workload(stack, name, *, instance_type):
    """Make a workload of one instance, whose role is allowed to assume the chained role by its own policies."""
    role = InstanceRole(
        stack,
        name,
        name=name,
        path=PATH,
        boundary_arn=None,
        statements=(assume_statement(role_arn=ARCHIVIST),),
        tags={"keywright-workload": name},
    )
    launch = InstanceLaunch(
        stack,
        f"{name}-launch",
        name=name,
        role=role,
        launch="template",
        image="ami-0abcdef1234567890",
        instance_type=instance_type,
    )
    subnets = ("subnet-0abcdef1234567890",)
    InstanceGroup(stack, f"{name}-group", name=name, launch=launch, subnets=subnets, minimum=1, maximum=1)


def _resources(instance_type="t3.micro"):
    from aws_cdk.assertions import Template

    stack = new_stack()
    AccessRole(
        stack,
        "archivist",
        name="archivist",
        path=PATH,
        boundary_arn=None,
        trust=(workload_trust(partition="aws", account=ACCOUNT, path=PATH, workload="fleet"),),
        session_seconds=3600,
        statements=(LOOKING,),
    )
    for name in ("fleet", "vault"):
        _workload(stack, name, instance_type=instance_type)
    return Template.from_stack(stack).to_json()["Resources"]


def _instances(cloud):
    """Return the running instance of each workload."""
    found = cloud.client("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )["Reservations"]
    return {
        tag["Value"]: each["InstanceId"]
        for reservation in found
        for each in reservation["Instances"]
        for tag in each["Tags"]
        if tag["Key"] == "Name"
    }


def _archive(cloud, instance):
    """Assume the chained role as an instance, and return the outcome of the call."""
    own = credentials(serve(cloud.endpoint, instance))
    try:
        assumed = cloud.client("sts", own).assume_role(RoleArn=ARCHIVIST, RoleSessionName="run")[
            "Credentials"
        ]
        keys = tuple(assumed[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        cloud.client("ssm", keys).describe_parameters()
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return "done"


def test_only_the_instances_of_the_group_assume_the_chained_role(cloud):
    assert cloud.deploy(_resources()).status == "CREATE_COMPLETE"
    before = _instances(cloud)
    assert {name: _archive(cloud, each) for name, each in before.items()} == {
        "fleet": "done",
        "vault": "AccessDenied",
    }
    cloud.deploy(_resources("t3.small"))
    after = _instances(cloud)
    assert not set(before.values()) & set(after.values())
    assert _archive(cloud, after["fleet"]) == "done"


def test_the_trust_still_works_after_the_workloads_role_is_replaced(cloud):
    cloud.deploy(_resources())
    kept = {name: each for name, each in _resources().items() if "fleet" not in name}
    cloud.deploy(kept)
    assert "fleet" not in _instances(cloud)
    cloud.deploy(_resources())
    assert _archive(cloud, _instances(cloud)["fleet"]) == "done"


def test_no_identity_within_the_boundary_can_tag_an_instance_as_a_workload(cloud):
    (fence,) = [
        each
        for each in restriction_statements("aws", ACCOUNT, PATH, boundary_arn="", services=(), sessions=True)
        if each.sid == "SessionsAsDeclared"
    ]
    insider = cloud.client("ec2", cloud.user("insider", allow("*"), fence.to_json()))
    instance = cloud.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][
        0
    ]
    tagging = {
        key: is_allowed(
            insider.create_tags, Resources=[instance["InstanceId"]], Tags=[{"Key": key, "Value": "fleet"}]
        )
        for key in ("team", "keywright-workload", "Keywright-Workload")
    }
    assert tagging == {"team": True, "keywright-workload": False, "Keywright-Workload": False}
