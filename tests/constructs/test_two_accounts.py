"""What two folders declare about each other works between two sandbox accounts."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from keywright.sandbox.account import Sandbox
from keywright.sandbox.client import clock
from tests.laws.insiders import assembly_of
from tests.sandbox.cloud import ACCOUNT, OTHER_ACCOUNT, REGION, Cloud, code_of, is_allowed
from tests.sandbox.test_mfa_and_sessions import device, session, with_mfa

pytestmark = pytest.mark.e2e

PEOPLE = f"""\
account: {{id: "{ACCOUNT}", region: {REGION}, handover: operators}}
groups:
  operators: {{grants: [{{assume: look-after, account: "{OTHER_ACCOUNT}", mfa: {{within: 1h}}}}]}}
users:
  alice: {{person: {{email: a@acme.example}}, console: true, groups: [operators]}}
roles:
  ci:
    trusts: [{{group: operators}}]
    grants:
      - {{assume: publish, account: "{OTHER_ACCOUNT}", external_id: acme-7f3a}}
      - {{statement: {{effect: allow, actions: ["sts:AssumeRole"], resources: ["arn:aws:iam::{OTHER_ACCOUNT}:role/access/look-after"]}}, because: the test assumes the role without MFA}}
  another: {{trusts: [{{group: operators}}], grants: [{{assume: publish, account: "{OTHER_ACCOUNT}", external_id: acme-7f3a}}]}}
  inner: {{trusts: [{{role: ci}}]}}
"""
SITE = f"""\
account: {{id: "{OTHER_ACCOUNT}", region: {REGION}}}
roles:
  publish:
    trusts: [{{account: "{ACCOUNT}", roles: [ci], external_id: acme-7f3a}}]
    grants: [{{allow: {{service: sqs, levels: [read]}}}}]
  look-after: {{trusts: [{{account: "{ACCOUNT}", people: {{mfa: {{within: 1h}}}}}}]}}
"""
KINDS = ({"AWS::IAM::ManagedPolicy"}, {"AWS::IAM::Group", "AWS::IAM::User", "AWS::IAM::Role"})
"""The deployed part of the declarations, in two steps; without the identity keeper and buckets."""


def deploy(cloud, credentials, folder, text):
    resources = {
        each.logical_id: each.raw
        for each in assembly_of(text, folder).resources
        if "keeper" not in each.logical_id
    }
    formation = cloud.client("cloudformation", credentials)
    for number, kinds in enumerate(KINDS):
        chosen = {name: each for name, each in resources.items() if each["Type"] in kinds}
        body = {name: {key: each[key] for key in ("Type", "Properties")} for name, each in chosen.items()}
        name, capabilities = f"part-{number}", ["CAPABILITY_NAMED_IAM"]
        formation.create_stack(
            StackName=name, TemplateBody=json.dumps({"Resources": body}), Capabilities=capabilities
        )
        while (found := formation.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"].endswith("S"):
            time.sleep(0.02)
        events = formation.describe_stack_events(StackName=name)["StackEvents"]
        assert found["StackStatus"] == "CREATE_COMPLETE", [
            why for each in events if (why := each.get("ResourceStatusReason"))
        ]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        deploy(cloud, cloud.root, tmp_path_factory.mktemp("people"), PEOPLE)
        deploy(cloud, cloud.other_root, tmp_path_factory.mktemp("site"), SITE)
        yield cloud
        cloud.close()


@pytest.fixture(scope="module")
def alice(cloud):
    """Alice's key, which the MFA guard denies everything, and her MFA device."""
    return cloud.key("alice"), *device(cloud, "alice")


def arn(role, account=OTHER_ACCOUNT):
    return f"arn:aws:iam::{account}:role/access/{role}"


def assumes(cloud, credentials, role, account=OTHER_ACCOUNT, **more):
    request = {"RoleArn": arn(role, account), "RoleSessionName": "session", **more}
    return is_allowed(cloud.client("sts", credentials).assume_role, **request)


def acting_as(cloud, credentials, role, account=ACCOUNT, **more):
    request = {"RoleArn": arn(role, account), "RoleSessionName": "session", **more}
    return session(cloud.client("sts", credentials).assume_role(**request))


def test_people_need_mfa(cloud, alice):
    key, serial, app = alice
    assert not assumes(cloud, key, "look-after")
    coded = with_mfa(cloud, key, serial, app)
    assert assumes(cloud, coded, "look-after")
    assert not assumes(cloud, coded, "publish", ExternalId="acme-7f3a")


def test_only_a_named_role_assumes_it(cloud, alice):
    coded = with_mfa(cloud, *alice)
    ci, another = acting_as(cloud, coded, "ci"), acting_as(cloud, coded, "another")
    assert assumes(cloud, ci, "publish", ExternalId="acme-7f3a")
    assert not assumes(cloud, ci, "publish", ExternalId="acme-0000")
    assert not assumes(cloud, ci, "publish")
    assert not assumes(cloud, another, "publish", ExternalId="acme-7f3a")


def test_a_chained_session_has_no_mfa_and_lasts_an_hour(cloud, alice):
    ci = acting_as(cloud, with_mfa(cloud, *alice), "ci")
    assert not assumes(cloud, ci, "look-after")
    assert assumes(cloud, ci, "inner", ACCOUNT)
    longer = {"RoleArn": arn("inner", ACCOUNT), "RoleSessionName": "session", "DurationSeconds": 7200}
    assert code_of(cloud.client("sts", ci).assume_role, **longer) == "ValidationError"
    inner = acting_as(cloud, ci, "inner")
    assert not assumes(cloud, inner, "publish", ExternalId="acme-7f3a")


def test_a_session_policy_narrows_a_session(cloud, alice):
    ci = acting_as(cloud, with_mfa(cloud, *alice), "ci")
    sent = {"account": OTHER_ACCOUNT, "ExternalId": "acme-7f3a"}
    whole = acting_as(cloud, ci, "publish", **sent)
    nothing = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    narrow = acting_as(cloud, ci, "publish", **sent, Policy=json.dumps(nothing))
    assert is_allowed(cloud.client("sqs", whole).list_queues)
    assert not is_allowed(cloud.client("sqs", narrow).list_queues)


def test_mfa_expires(cloud, alice):
    coded = with_mfa(cloud, *alice)
    clock.advance(cloud.endpoint, timedelta(hours=1))
    assert not assumes(cloud, coded, "look-after")
