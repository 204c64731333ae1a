"""Existing resources are referenced and never created, changed or deleted: no template contains them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keywright.model.declarations import Declarations

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "a bucket": "acme-old-data",
    "an access point": "old-door",
    "a policy": "old-policy",
    "a group": "old-group",
    "a user": "old-admin",
    "a role": "old-role",
    "a SAML provider": "old-okta",
    "an OIDC provider": "gitlab.com",
}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    folder: Path = tmp_path_factory.mktemp("existing")
    declarations = Declarations.model_validate(
        {
            "account": {"id": "1" * 12, "region": "eu-central-1"},
            "buckets": {
                "data": {"existing": "acme-old-data", "access_points": {"old-door": {"existing": True}}}
            },
            "policies": {"legacy": {"existing": f"arn:aws:iam::{'1' * 12}:policy/old-policy"}},
            "groups": {"old-group": {"existing": True}},
            "users": {
                "old-admin": {"existing": True},
                "alice": {
                    "person": {"email": "a@acme.example"},
                    "groups": ("old-group",),
                    "grants": (
                        {"s3": ("read",), "bucket": "data"},
                        {"s3": ("list",), "bucket": "data", "access_point": "old-door"},
                    ),
                    "policies": ({"managed": "policy/legacy", "because": "the test attaches what exists"},),
                    "because": "the test wants a grant on what exists",
                },
            },
            "identity_providers": {
                "old-okta": {"saml": True, "existing": True},
                "gitlab": {"oidc": "https://gitlab.com", "existing": True},
            },
            "roles": {
                "old-role": {"existing": True},
                "finance": {"trusts": ({"saml": "old-okta"},)},
                "mirror": {"trusts": ({"oidc": "gitlab", "subject": "project_path:acme/shop"},)},
            },
        }
    )
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(folder),
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    compose(app, StackInputs(declarations, folder))
    stacks = app.synth().stacks
    return {name: each for stack in stacks for name, each in stack.template["Resources"].items()}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_creates_no_resource(resources: dict[str, Any], name: str) -> None:
    named = ("UserName", "GroupName", "RoleName", "BucketName", "Name", "Url", "Bucket", "ManagedPolicyName")
    made = [
        logical
        for logical, resource in resources.items()
        if any(name in str(resource.get("Properties", {}).get(key, "")) for key in named)
    ]
    assert made == []


def test_is_referenced_by_its_name(resources: dict[str, Any]) -> None:
    alice = resources["User0alice"]["Properties"]
    assert alice["Groups"] == [{"Ref": "Group0mfaX2dguard"}, "old-group"]
    assert "arn:aws:s3:::acme-old-data/*" in json.dumps(alice["Policies"])
    assert "arn:aws:s3:eu-central-1:111111111111:accesspoint/old-door" in json.dumps(alice["Policies"])
    assert alice["ManagedPolicyArns"] == ["arn:aws:iam::111111111111:policy/old-policy"]
    assert alice["PermissionsBoundary"].endswith("/keywright-boundary-any-service")
    trusted = {
        role: resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
        for role in ("Role0finance", "Role0mirror")
    }
    assert trusted == {
        "Role0finance": {"Federated": "arn:aws:iam::111111111111:saml-provider/old-okta"},
        "Role0mirror": {"Federated": "arn:aws:iam::111111111111:oidc-provider/gitlab.com"},
    }
