"""Principals of services and sign-in addresses agree with what CDK knows of each region."""

from __future__ import annotations

import pytest
from aws_cdk.region_info import RegionInfo

from keywright.policy.reference.services import DOMAIN, SERVICES
from keywright.statements.trusts.saml import sign_in_addresses


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1", "us-isob-east-1"])
def test_a_principal_is_the_same_in_every_partition(region: str) -> None:
    facts = RegionInfo.get(region)
    assert {facts.service_principal(name) for name in SERVICES} == {f"{name}{DOMAIN}" for name in SERVICES}


@pytest.mark.parametrize(
    ("partition", "region", "address"),
    [
        ("aws", "eu-central-1", "https://signin.aws.amazon.com/saml"),
        ("aws-cn", "cn-north-1", "https://signin.amazonaws.cn/saml"),
        ("aws-us-gov", "us-gov-west-1", "https://signin.amazonaws-us-gov.com/saml"),
    ],
)
def test_saml_address_is_that_of_the_cdk(partition, region, address):
    assert sign_in_addresses(partition, region)[0] == address == RegionInfo.get(region).saml_sign_on_url
