"""Trust anchors: how an authority is synthesized, and that another authority replaces nothing."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from access_constructs.federation.roles_anywhere import TrustAnchor
from access_constructs.roles.role import AccessRole
from keywright.statements.trusts.document import TRUST_QUOTA
from keywright.statements.trusts.roles_anywhere import anywhere_trust
from tests.certificates import authority, private_key, revoked

PRIVATE_CA = (
    "arn:aws:acm-pca:eu-central-1:111111111111:certificate-authority/1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
)
BUNDLE, LIST = authority(), revoked(3)


def test_a_bundle_becomes_an_anchor_that_announces_expiry(stack: Any, resources: Any) -> None:
    TrustAnchor(stack, "anchor", name="factory", bundle=BUNDLE, revoked=LIST, machine_days=30)
    made = resources()
    assert made["TrustAnchor0factory"]["Properties"] == {
        "Name": "factory",
        "Enabled": True,
        "Source": {
            "SourceType": "CERTIFICATE_BUNDLE",
            "SourceData": {"X509CertificateData": BUNDLE.strip()},
        },
        "NotificationSettings": [
            {"Event": "CA_CERTIFICATE_EXPIRY", "Threshold": 45, "Enabled": True, "Channel": "ALL"},
            {"Event": "END_ENTITY_CERTIFICATE_EXPIRY", "Threshold": 30, "Enabled": True, "Channel": "ALL"},
        ],
    }
    assert made["RevokedCertificates0factory"]["Properties"] == {
        "Name": "factory",
        "Enabled": True,
        "CrlData": LIST.strip(),
        "TrustAnchorArn": {"Fn::GetAtt": ["TrustAnchor0factory", "TrustAnchorArn"]},
    }


def templates(*anchors: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for each in anchors:
        stack = cdk.Stack(
            cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False), "stack"
        )
        anchor = TrustAnchor(stack, "anchor", name="factory", **each)
        AccessRole(
            stack,
            "role",
            name="floor",
            path="/access/",
            boundary_arn=None,
            trust=(anywhere_trust(trust_anchor_arn=anchor.arn, common_name="floor-7"),),
            session_seconds=3600,
            statements=(),
        )
        found.append(Template.from_stack(stack).to_json()["Resources"])
    return found


def test_a_new_authority_updates_only_the_anchor():
    """No property of an anchor is create-only (AWS::RolesAnywhere::TrustAnchor, CloudFormation registry)."""
    bundle, other, private = templates(
        {"bundle": BUNDLE}, {"bundle": authority("Other CA")}, {"authority_arn": PRIVATE_CA}
    )
    for changed in (other, private):
        assert changed["Role0floor"] == bundle["Role0floor"]
        assert changed["TrustAnchor0factory"] != bundle["TrustAnchor0factory"]
        assert changed.keys() == bundle.keys()


def test_a_role_trusts_the_anchor_of_its_own_stack():
    (made,) = templates({"bundle": BUNDLE})
    (statement,) = made["Role0floor"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["TrustAnchor0factory", "TrustAnchorArn"]}},
        "StringEquals": {"aws:PrincipalTag/x509Subject/CN": "floor-7"},
    }


def test_counts_references_by_their_resolved_length(stack: Any) -> None:
    anchor = TrustAnchor(stack, "anchor", name="factory", bundle=BUNDLE)
    machines = [
        anywhere_trust(trust_anchor_arn=anchor.arn, common_name=f"machine-{each}") for each in range(8)
    ]
    with pytest.raises(ValueError, match=re.escape(f"at most {TRUST_QUOTA}")):
        AccessRole(
            stack,
            "role",
            name="floor",
            path="/access/",
            boundary_arn=None,
            trust=machines,
            session_seconds=3600,
            statements=(),
        )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({}, "found none", id="no source"),
        pytest.param({"bundle": BUNDLE, "authority_arn": PRIVATE_CA}, "found two", id="two sources"),
        pytest.param({"bundle": BUNDLE + private_key()}, "found a private key", id="a private key"),
        pytest.param({"bundle": BUNDLE, "machine_days": 0}, "found 0 days", id="announced too late"),
    ],
)
def test_refuses(stack: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrustAnchor(stack, "anchor", name="factory", **given)
