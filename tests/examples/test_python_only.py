"""The account in plain Python synthesizes, cdk-nag finds nothing in it, and its templates are the reviewed ones."""

from __future__ import annotations

import json

import pytest

ACCOUNT = "acme-account"
REVIEWED = ("acme-data", "acme-people", "acme-roles", "acme-workloads")


@pytest.mark.parametrize("stack", REVIEWED)
def test_template_is_the_reviewed_one(assembly, stack, golden):
    template = json.loads((assembly / f"{stack}.template.json").read_text(encoding="utf-8"))
    golden(f"python_only/{stack}.json", json.dumps(template, indent=2) + "\n")


def test_account_stack_has_what_must_exist_before_any_identity(assembly):
    """The documents of keeper, boundary and guard are those constructs' own; here it counts that they are there."""
    resources = json.loads((assembly / f"{ACCOUNT}.template.json").read_text(encoding="utf-8"))["Resources"]
    policies = {
        each["Properties"]["ManagedPolicyName"]
        for each in resources.values()
        if each["Type"] == "AWS::IAM::ManagedPolicy"
    }
    assert {"keywright-boundary", "keywright-mfa-guard"} <= policies
    assert {"AWS::Lambda::Function", "Custom::PasswordPolicy", "Custom::AccountAlias"} <= {
        each["Type"] for each in resources.values()
    }


def test_there_are_only_the_reviewed_stacks(assembly):
    assert {path.name.partition(".")[0] for path in assembly.glob("*.template.json")} == {ACCOUNT, *REVIEWED}


def test_cdk_nag_finds_nothing_and_every_acceptance_leaves_its_reason(assembly):
    report = json.loads((assembly / "validation-report.json").read_text(encoding="utf-8"))
    for plugin in report["pluginReports"]:
        assert plugin["conclusion"] == "success"
        assert not plugin.get("violations")
        assert all(accepted["reason"] for accepted in plugin["suppressedViolations"])
