"""Settings that allow public access, and values known only at deployment, are never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import resource, reviewed, role, trust

if TYPE_CHECKING:
    from pathlib import Path

EC2 = trust({"Service": "ec2.amazonaws.com"})
INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}}}


def pool(**properties: Any) -> dict[str, Any]:
    return resource("Cognito::IdentityPool", **{"AllowUnauthenticatedIdentities": False, **properties})


def with_properties(**more: Any) -> dict[str, Any]:
    given = role(EC2)
    return {**given, "Properties": {**given["Properties"], **more}}


CASES: dict[str, tuple[Any, Any, Verdict]] = {
    "guests": (pool(), pool(AllowUnauthenticatedIdentities=True), Verdict.WIDENS),
    "guests that go": (pool(AllowUnauthenticatedIdentities=True), pool(), Verdict.NARROWS),
    "a flow that chooses its role": (pool(), pool(AllowClassicFlow=True), Verdict.UNDECIDED),
    "a method that asks nobody": (
        resource("ApiGateway::Method", HttpMethod="GET", AuthorizationType="AWS_IAM"),
        resource("ApiGateway::Method", HttpMethod="GET", AuthorizationType="NONE"),
        Verdict.WIDENS,
    ),
    "one that browsers ask beforehand": (
        resource("ApiGateway::Method", HttpMethod="OPTIONS", AuthorizationType="AWS_IAM"),
        resource("ApiGateway::Method", HttpMethod="OPTIONS", AuthorizationType="NONE"),
        Verdict.NOTHING,
    ),
    "a route without a word": (
        resource("ApiGatewayV2::Route", RouteKey="GET /", AuthorizationType="JWT"),
        resource("ApiGatewayV2::Route", RouteKey="GET /"),
        Verdict.WIDENS,
    ),
    "lists count again": (
        resource("S3::Bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
        resource("S3::Bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}),
        Verdict.UNDECIDED,
    ),
    "a member of a pool's group": (
        None,
        resource("Cognito::UserPoolUserToGroupAttachment", GroupName="g", Username="eve"),
        Verdict.UNDECIDED,
    ),
    "a role's properties from elsewhere": (role(EC2), with_properties(**INCLUDE), Verdict.UNDECIDED),
    "a role's properties by a loop": (
        role(EC2),
        with_properties(**{"Fn::ForEach::P": ["N", ["a"], {"Policies": []}]}),
        Verdict.UNDECIDED,
    ),
    "a module": (None, {"Type": "Acme::Grants::Wide::MODULE", "Properties": {}}, Verdict.UNDECIDED),
}


@pytest.mark.parametrize(("was", "now", "verdict"), CASES.values(), ids=CASES)
def test_tells(tmp_path: Path, was: Any, now: Any, verdict: Verdict) -> None:
    assert reviewed(tmp_path, {"It": was} if was else {}, {"It": now}).verdict is verdict
