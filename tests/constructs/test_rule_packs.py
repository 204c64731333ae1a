"""cdk-nag's AwsSolutions over every construct of roles, workloads and buckets: no findings, and none hidden."""

from __future__ import annotations

import json

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from access_constructs.federation.identity_providers import OidcProvider, SamlProvider
from access_constructs.roles.by_trust import AccountRole, GitHubRole, SamlRole
from access_constructs.storage.bucket import AccessBucket, AccessLogBucket, account_regional_name
from access_constructs.workloads.auto_scaling_group import InstanceGroup
from access_constructs.workloads.instance_role import InstanceRole
from access_constructs.workloads.launch import InstanceLaunch
from keywright.model.grants.grant import AccessLevel
from keywright.policy.statement import Statement
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.trusts.web_identity import GITHUB_ISSUER

ENV = {"account": "111111111111", "region": "eu-central-1"}
COMMON = {"path": "/access/", "boundary_arn": "arn:aws:iam::111111111111:policy/access/keywright-boundary"}
SESSION = {"session_seconds": 3600}


def granted(arn):
    s3 = S3Grant(
        bucket_arn=arn, levels=(AccessLevel.READ, AccessLevel.WRITE, AccessLevel.LIST), prefix="monthly/"
    )
    whole = S3Grant(bucket_arn=arn, levels=(AccessLevel.READ,), prefix=None)
    ec2 = ServiceGrant(service="ec2", levels=(AccessLevel.LIST,), resources=(), partition="aws", **ENV)
    return (*s3.statements(), *whole.statements(), *ec2.statements())


def buckets(stack):
    logs = AccessLogBucket(stack, "logs", physical_name=account_regional_name("access-logs", **ENV))
    return AccessBucket(
        stack,
        "reports",
        name="reports",
        physical_name=account_regional_name("reports", **ENV),
        account_regional=True,
        log_bucket=logs,
    )


def roles(stack, statements):
    saml = SamlProvider(
        stack, "okta", name="okta", metadata=f"<EntityDescriptor>{'x' * 1000}</EntityDescriptor>"
    )
    github = OidcProvider(stack, "github", url=GITHUB_ISSUER, audiences=("sts.amazonaws.com",))
    AccountRole(
        stack,
        "vendor",
        name="vendor",
        partition="aws",
        account="222222222222",
        external_id="acme-7f3a",
        statements=statements,
        **COMMON,
        **SESSION,
    )
    GitHubRole(
        stack,
        "deployer",
        name="deployer",
        provider_arn=github.arn,
        repository="acme/shop",
        ids=(1234, 5678),
        environment="production",
        statements=statements,
        **COMMON,
        **SESSION,
    )
    SamlRole(
        stack,
        "finance",
        name="finance",
        provider_arn=saml.arn,
        partition="aws",
        region="eu-central-1",
        console=True,
        statements=statements,
        **COMMON,
        **SESSION,
    )


def workloads(stack, statements):
    role = InstanceRole(stack, "report", name="report", statements=statements, **COMMON)
    InstanceLaunch(
        stack,
        "launch",
        name="report",
        role=role,
        launch="instance",
        image="ami-0abcdef1234567890",
        instance_type="t3.micro",
    )
    template = InstanceLaunch(
        stack,
        "template",
        name="fleet",
        role=role,
        launch="template",
        image="ami-0abcdef1234567890",
        instance_type="t3.micro",
    )
    subnets = ("subnet-0abcdef1234567890",)
    InstanceGroup(stack, "fleet", name="fleet", launch=template, subnets=subnets, minimum=0, maximum=2)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Synthesize once, with findings left in the report; one more role has declared wildcards."""
    folder = tmp_path_factory.mktemp("assembly")
    app = cdk.App(
        outdir=str(folder),
        builtin_cloud_formation_validation=False,
        analytics_reporting=False,
        context={
            "@aws-cdk/core:enablePartitionLiterals": True,
            "@aws-cdk/core:failSynthOnValidationErrors": False,
        },
    )
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(**ENV))
    statements = granted(buckets(stack).arn)
    roles(stack, statements)
    workloads(stack, statements)
    written = (
        Statement(actions=("s3:DeleteBucket",), resources=("arn:aws:s3:::reports/*",)),
        Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::reports/*",)),
        Statement(actions=("ec2:TerminateInstances",), resources=("*",)),
        Statement(actions=("ec2:DescribeInstances",), resources=("*",)),
        Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::*/x",)),
    )
    InstanceRole(stack, "wide", name="wide", statements=written, **COMMON)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))


def found(report, key):
    """List rule and construct path of a report's findings."""
    return {
        (violation["ruleName"], occurrence["constructPath"])
        for plugin in report["pluginReports"]
        for violation in plugin.get(key, [])
        for occurrence in violation["violatingConstructs"]
    }


def test_finds_only_declared_wildcards(report):
    assert found(report, "violations") == {
        ("AwsSolutions-IAM5[Resource::arn:aws:s3:::reports/*]", "Stack/wide/Role"),
        ("AwsSolutions-IAM5[Resource::*]", "Stack/wide/Role"),
        ("AwsSolutions-IAM5[Resource::arn:aws:s3:::*/x]", "Stack/wide/Role"),
    }


def test_necessary_wildcards_are_recorded_on_every_identity(report):
    objects = "arn:aws:s3:::reports-111111111111-eu-central-1-an"
    accepted = {
        f"AwsSolutions-IAM5[Resource::{each}]" for each in (f"{objects}/monthly/*", f"{objects}/*", "*")
    }
    owners = {f"Stack/{owner}/Role" for owner in ("vendor", "deployer", "finance", "report")}
    wildcards = {(rule, owner) for rule in accepted for owner in owners}
    assert found(report, "suppressedViolations") == {
        *wildcards,
        ("AwsSolutions-AS3", "Stack/fleet/Group"),
        ("AwsSolutions-EC29", "Stack/launch/Instance"),
    }
