"""Accepted findings: one at a time, with a reason, and none left that the constructs cannot avoid."""

from __future__ import annotations

import json
import re

import aws_cdk as cdk
import cdk_nag
import pytest

from access_constructs.account.settings import AccountAlias, PasswordPolicySetting
from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.people.application import Application
from access_constructs.people.key_secrets import KEY_ALIAS, KeySecretsKey
from access_constructs.people.mfa_guard import GuardGroup, MfaGuard
from access_constructs.people.person import Person
from access_constructs.policies.boundary import Boundary
from access_constructs.synthesis.accepted_findings import accept, wildcard_findings
from keywright.policy.statement import Effect, Statement
from keywright.statements.boundary import BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY
from tests.constructs.synthesis import ACCOUNT, BOUNDARY, PATH, TOKEN, new_stack

READERS = [f"arn:aws:iam::{ACCOUNT}:user{PATH}alice"]
PACKS = {
    "AwsSolutions": cdk_nag.AwsSolutionsChecks,
    "NIST.800.53.R5": cdk_nag.NIST80053R5Checks,
    "HIPAA.Security": cdk_nag.HIPAASecurityChecks,
    "PCI.DSS.321": cdk_nag.PCIDSS321Checks,
}


def report_of(stack, folder, pack="AwsSolutions"):
    """Synthesize with cdk-nag and give its report."""
    cdk.Validations.of(stack.node.root).add_plugins(PACKS[pack]())
    stack.node.root.synth()
    (report,) = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    return report


def every_construct(outdir):
    stack = new_stack(outdir=str(outdir))
    IdentityKeeper(stack, "Keeper", path=PATH)
    for name, services in ((BOUNDARY_POLICY, ["s3", "ec2"]), (WIDE_BOUNDARY_POLICY, ["*"])):
        Boundary(stack, name, path=PATH, services=services, policy_name=name)
    MfaGuard(stack, "Guard", path=PATH)
    PasswordPolicySetting(stack, "PasswordPolicy", keeper_token=TOKEN)
    AccountAlias(stack, "Alias", keeper_token=TOKEN, alias="acme")
    group = GuardGroup(stack, "GuardGroup", path=PATH)
    common = {"path": PATH, "boundary_arn": BOUNDARY, "keeper_token": TOKEN, "tags": {}}
    Person(stack, "alice", name="alice", groups=[group.name], console=True, **common)
    reading = Statement(actions=("s3:ListBucket",), resources=("arn:aws:s3:::inbox",))
    KeySecretsKey(stack, "Keys", path=PATH, readers=READERS, administrators=READERS)
    for name, key_alias in (("scanner", None), ("printer", KEY_ALIAS)):
        Application(
            stack,
            name,
            name=name,
            access_keys=[(1, True)],
            readers=READERS,
            key_alias=key_alias,
            statements=[reading],
            **common,
        )
    return stack


@pytest.mark.parametrize("pack", PACKS)
def test_constructs_pass_every_rule_pack(pack, tmp_path):
    report = report_of(every_construct(tmp_path), tmp_path, pack)
    assert (report["pluginName"], report["conclusion"], report["violations"]) == (pack, "success", [])


def test_an_accepted_finding_is_recorded_in_the_template(tmp_path):
    report = report_of(every_construct(tmp_path), tmp_path)
    assert {each["acknowledgedAt"] for each in report["suppressedViolations"]} == {
        "stack/Keeper/Keeper",
        "stack/keywright-boundary/Policy",
        "stack/keywright-boundary-any-service/Policy",
        "stack/GuardGroup/Group/Group",
        "stack/alice/FirstPassword",
        "stack/scanner/KeySecret1",
        "stack/printer/KeySecret1",
    }


def test_accepting_a_finding_on_one_resource_leaves_it_on_another(tmp_path):
    stack = new_stack(outdir=str(tmp_path))
    policies = [
        cdk.aws_iam.CfnManagedPolicy(stack, name, policy_document=document("arn:aws:s3:::reports/*"))
        for name in ("One", "Other")
    ]
    accept(policies[0], "AwsSolutions-IAM5[Resource::arn:aws:s3:::reports/*]", "the whole bucket is meant")
    (violation,) = report_of(stack, tmp_path)["violations"]
    assert [each["constructPath"] for each in violation["violatingConstructs"]] == ["stack/Other"]


def document(resource):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_names_wildcards_as_cdk_nag_does():
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "stack")
    statements = [
        Statement(actions=("s3:Get*", "s3:PutObject"), resources=(f"arn:{stack.partition}:s3:::reports/*",)),
        Statement(actions=("s3:Get*",), resources=(f"arn:aws:iam::{ACCOUNT}:mfa/${{aws:username}}*", "*")),
        Statement(effect=Effect.DENY, actions=("*",), resources=("*:denied:*",)),
    ]
    assert wildcard_findings(stack, statements) == (
        "Action::s3:Get*",
        "Resource::arn:<AWS::Partition>:s3:::reports/*",
        f"Resource::arn:aws:iam::{ACCOUNT}:mfa/<aws:username>*",
        "Resource::*",
    )


ONE = "an id must name one finding; found `{}`; accepted: `<pack>-<rule>`, and `[<finding>]` where the rule reports several"


@pytest.mark.parametrize(
    ("finding_id", "reason", "message"),
    [
        pytest.param("AwsSolutions-IAM5", "because", ONE.format("AwsSolutions-IAM5"), id="all of a rule"),
        pytest.param("AwsSolutions", "because", ONE.format("AwsSolutions"), id="all of a pack"),
        pytest.param("*", "because", ONE.format("*"), id="everything"),
        pytest.param(
            "AwsSolutions-SMG4",
            "  ",
            "an accepted finding needs a reason; found none; accepted: one sentence",
            id="no reason",
        ),
    ],
)
def test_refuses(finding_id, reason, message):
    stack = new_stack()
    with pytest.raises(ValueError, match=re.escape(message)):
        accept(stack, finding_id, reason)
