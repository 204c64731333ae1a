"""A service assumes a role only for the declared source, in the sandbox account.

What a service says there is what its guide shows; that it says so, only AWS can show.
"""

from __future__ import annotations

import pytest

from keywright.sandbox.account import Sandbox
from keywright.sandbox.client.console import assume_as_service
from keywright.sandbox.client.control import ControlRefused
from keywright.statements.trusts.services import pod_identity_trust, service_trust
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, allow, is_allowed, policy, trust

pytestmark = pytest.mark.e2e

WHERE = {"partition": "aws", "region": REGION, "account": ACCOUNT}
PROJECT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/"
WEB = {"kubernetes-namespace": "shop", "kubernetes-service-account": "web"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        yield cloud
        cloud.close()


def deployed(cloud, name, statement):
    made = statement.to_json()
    cloud.role(name, trust(made["Principal"], made["Action"], made.get("Condition")))
    reading = policy(allow("iam:ListUsers"))
    cloud.iam.put_role_policy(RoleName=name, PolicyName="grants", PolicyDocument=reading)
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def acts(cloud, service, role, **context):
    """Return whether the service assumes the role: its session can then list users."""
    try:
        found = assume_as_service(cloud.endpoint, service, role, **context)
    except ControlRefused as refused:
        assert refused.code == "AccessDenied"
        return False
    keys = (found.access_key_id, found.secret_access_key, found.session_token)
    assert is_allowed(cloud.client("iam", keys).list_users)
    return True


def test_one_project_builds_with_the_role(cloud):
    role = deployed(
        cloud, "build", service_trust(service="codebuild", resources={"project": "build"}, **WHERE)
    )

    def builds(name, account=ACCOUNT, service="codebuild.amazonaws.com"):
        arn = f"{PROJECT}{name}".replace(ACCOUNT, account)
        return acts(cloud, service, role, keys={"aws:SourceArn": arn, "aws:SourceAccount": account})

    assert builds("build")
    assert not builds("build-2")
    assert not builds("build", account="222222222222")
    assert not builds("build", service="codepipeline.amazonaws.com")
    assert not acts(cloud, "codebuild.amazonaws.com", role)


def test_a_service_without_a_source_key_cannot_assume_a_role_that_requires_one(cloud):
    """So a role for an unknown service without source keys is unusable, and not open to anybody."""
    role = deployed(cloud, "new", service_trust(service="newthing.amazonaws.com", **WHERE))
    assert not acts(cloud, "newthing.amazonaws.com", role)
    assert acts(cloud, "newthing.amazonaws.com", role, keys={"aws:SourceAccount": ACCOUNT})


def test_pods_of_one_service_account_assume_the_role(cloud):
    statement = pod_identity_trust(cluster="production", namespace="shop", service_account="web", **WHERE)
    role = deployed(cloud, "web", statement)

    def pods_assume(cluster="production", **tags):
        context = {"aws:SourceArn": CLUSTER + cluster, "aws:SourceAccount": ACCOUNT}
        return acts(cloud, "pods.eks.amazonaws.com", role, keys=context, tags=WEB | tags)

    assert pods_assume()
    assert not pods_assume(cluster="test")
    assert not pods_assume(**{"kubernetes-namespace": "billing"})
    assert not pods_assume(**{"kubernetes-service-account": "admin"})
