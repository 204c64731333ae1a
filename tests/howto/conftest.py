"""A sandbox account for the pages that need one, prepared as the page describes."""

from __future__ import annotations

import json

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk.assertions import Template

from access_constructs.workloads.instance_role import InstanceRole
from keywright.sandbox.account import Sandbox
from keywright.sandbox.client.authenticator import Authenticator
from keywright.sandbox.deployment import POLL_OFTEN
from tests.howto.page import Run

TALKING = ("aws ", "cdk deploy", "cdk diff", "keywright verify", "keywright deploy")
OWN = ".venv/bin/python -m keywright.sandbox start"
"""A page that starts an account itself gets no other."""
ACCOUNT = "111111111111"
REGION = "eu-central-1"


@pytest.fixture
def account_for(tmp_path_factory):
    """Start an account for a page whose commands call AWS; other pages get none."""
    started = []

    def environment(page, steps):
        commands = [step.command for step in steps if isinstance(step, Run)]
        if OWN in commands or not any(talking in command for command in commands for talking in TALKING):
            return {}
        sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION)
        sandbox.start()
        started.append(sandbox)
        reached = sandbox.environment() | {"NODE_OPTIONS": POLL_OFTEN}
        return reached | PREPARED.get(page, lambda _: {})(reached)

    yield environment
    for sandbox in started:
        sandbox.stop()


def _with_running_instance(environment):
    """Deploy a workload's stack, and start an instance without a profile."""
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    formation = session.client("cloudformation", endpoint_url=environment["AWS_ENDPOINT_URL"])
    formation.create_stack(
        StackName="access-workloads",
        TemplateBody=json.dumps(_workload_template()),
        Capabilities=["CAPABILITY_IAM"],
    )
    formation.get_waiter("stack_create_complete").wait(
        StackName="access-workloads", WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
    )
    ec2 = session.client("ec2", endpoint_url=environment["AWS_ENDPOINT_URL"])
    run = ec2.run_instances(ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    for client in (formation, ec2):
        client.close()
    return {"INSTANCE": run["Instances"][0]["InstanceId"]}


def _workload_template():
    app = cdk.App(builtin_cloud_formation_validation=False, analytics_reporting=False)
    stack = cdk.Stack(app, "access-workloads", synthesizer=cdk.LegacyStackSynthesizer())
    for name in ("report-service", "batch-import"):
        InstanceRole(stack, name, name=name, path="/access/", boundary_arn=None, statements=())
    return Template.from_stack(stack).to_json()


def _with_mfa_device(environment):
    """Create bob and register his authenticator app."""
    endpoint = environment["AWS_ENDPOINT_URL"]
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    iam.create_user(UserName="bob")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="bob")["VirtualMFADevice"]
    first, second = Authenticator(endpoint, device["Base32StringSeed"]).two_codes()
    serial = device["SerialNumber"]
    iam.enable_mfa_device(
        UserName="bob", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
    )
    iam.close()
    return {}


PREPARED = {
    "register-an-mfa-device": _with_mfa_device,
    "attach-a-role-to-a-running-instance": _with_running_instance,
}
