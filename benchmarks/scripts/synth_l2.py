"""Make the declared people, groups and roles by Python's CDK, as one would write it by hand."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

PER_STACK = 100
data, outdir = sys.argv[1:]
declared = json.loads(Path(data).read_text("utf-8"))
app = cdk.App(outdir=outdir, analytics_reporting=False)
stacks = {}


def stack_of(kind: str, index: int) -> cdk.Stack:
    """Give the stack of the thing with this number."""
    name = f"{kind}-{index // PER_STACK}"
    if name not in stacks:
        stacks[name] = cdk.Stack(app, name, synthesizer=cdk.LegacyStackSynthesizer())
    return stacks[name]


def reading(grant: dict[str, str]) -> Iterator[iam.PolicyStatement]:
    """Allow to read below a prefix."""
    prefix = grant["prefix"]
    yield iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:aws:s3:::reports/{prefix}*"])
    yield iam.PolicyStatement(
        actions=["s3:ListBucket"],
        resources=["arn:aws:s3:::reports"],
        conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
    )


for index, (name, given) in enumerate(declared["groups"].items()):
    group = iam.Group(stack_of("groups", index), name, group_name=name)
    for statement in reading(given["grants"][0]):
        group.add_to_policy(statement)
for index, (name, given) in enumerate(declared["users"].items()):
    stack = stack_of("people", index)
    groups = [iam.Group.from_group_name(stack, f"{name}-{each}", each) for each in given["groups"]]
    user = iam.User(stack, name, user_name=name, groups=groups)
    cdk.CustomResource(
        stack,
        f"Leaving-{name}",
        service_token="arn:aws:lambda:eu-central-1:111111111111:function:keeper",
        resource_type="Custom::Leaving",
        properties={"UserName": user.user_name},
    )
for index, (name, given) in enumerate(declared["roles"].items()):
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    trusted = iam.AccountPrincipal("111111111111").with_conditions(mfa)
    role = iam.Role(stack_of("roles", index), name, role_name=name, assumed_by=trusted)
    for statement in reading(given["grants"][0]):
        role.add_to_policy(statement)
app.synth()
