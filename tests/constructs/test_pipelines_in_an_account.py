"""A pipeline's token gives a session to the declared jobs and to no others, in the sandbox account.

The tokens are made here as the issuers' documentation shows theirs; that they still are so, only the issuers can show.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from keywright.model.trusts.identity_provider import IdentityProvider
from keywright.model.trusts.issuers.bitbucket import bitbucket_subject
from keywright.model.trusts.issuers.buildkite import buildkite_subject
from keywright.model.trusts.issuers.circleci import circleci_subject
from keywright.model.trusts.issuers.gitlab import gitlab_subject
from keywright.model.trusts.issuers.issuer import TokenSubject, exactly
from keywright.model.trusts.issuers.terraform import terraform_subject
from keywright.model.trusts.trust import OidcTrust
from keywright.sandbox.account import Sandbox
from keywright.sandbox.client.issuer import Issuer
from keywright.statements.trusts.web_identity import oidc_provider_arn, oidc_trust
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, trust

pytestmark = pytest.mark.e2e

ONE, OTHER = "1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50", "2f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
COMMIT = "9f3182061f1e2cca4702c368cbc039b7dc9d4485"


@dataclass(frozen=True)
class Pipeline:
    provider: IdentityProvider
    subject: TokenSubject
    meant: str
    others: tuple[str, ...]


EKS = "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
PIPELINES = {
    "eks": Pipeline(
        IdentityProvider(oidc=EKS),
        exactly(OidcTrust(oidc="eks", namespace="shop", service_account="web").claim, EKS),
        "system:serviceaccount:shop:web",
        (
            "system:serviceaccount:shop:web2",
            "system:serviceaccount:kube-system:web",
            "system:serviceaccount:shop:web:x",
        ),
    ),
    "gitlab": Pipeline(
        IdentityProvider(oidc="gitlab"),
        gitlab_subject("acme/shop", branch="main"),
        "project_path:acme/shop:ref_type:branch:ref:main",
        (
            "project_path:acme/shop:ref_type:branch:ref:other",
            "project_path:acme/shop:ref_type:tag:ref:main",
            "project_path:evil/shop:ref_type:branch:ref:main",
        ),
    ),
    "terraform": Pipeline(
        IdentityProvider(oidc="terraform"),
        terraform_subject("acme", "Default Project", "shop", "apply"),
        "organization:acme:project:Default Project:workspace:shop:run_phase:apply",
        (
            "organization:acme:project:Default Project:workspace:shop:run_phase:plan",
            "organization:evil:project:Default Project:workspace:shop:run_phase:apply",
        ),
    ),
    "buildkite": Pipeline(
        IdentityProvider(oidc="buildkite"),
        buildkite_subject("acme/shop", branch="main"),
        f"organization:acme:pipeline:shop:ref:refs/heads/main:commit:{COMMIT}:step:build",
        (
            f"organization:acme:pipeline:shop:ref:refs/heads/main2:commit:{COMMIT}:step:build",
            f"organization:acme:pipeline:shop2:ref:refs/heads/main:commit:{COMMIT}:step:build",
        ),
    ),
    "circleci": Pipeline(
        IdentityProvider(oidc="circleci", organization=ONE),
        circleci_subject(ONE, OTHER),
        f"org/{ONE}/project/{OTHER}/user/{ONE}",
        (f"org/{ONE}/project/{ONE}/user/{ONE}",),
    ),
    "bitbucket": Pipeline(
        IdentityProvider(oidc="bitbucket", workspace="acme", workspace_id=ONE),
        bitbucket_subject(ONE, OTHER),
        f"{{{ONE}}}:{{{OTHER}}}:{{{ONE}}}",
        (f"{{{ONE}}}:{{{ONE}}}:{{{ONE}}}", f"{{{OTHER}}}:{{{OTHER}}}:{{{ONE}}}"),
    ),
}


@pytest.fixture(scope="module")
def get_session(tmp_path_factory):
    """Return what a pipeline's job gets for a token: the session's subject, or the code of the refusal."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        issuers = {name: _deployed(cloud, name, pipeline) for name, pipeline in PIPELINES.items()}
        federate = cloud.client("sts", "nobody").assume_role_with_web_identity

        def get_session(name, audience, subject):
            arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
            token = issuers[name].token(aud=audience, sub=subject)
            request = {"RoleArn": arn, "RoleSessionName": "job", "WebIdentityToken": token}
            try:
                return federate(**request)["SubjectFromWebIdentityToken"]
            except ClientError as refused:
                return refused.response["Error"]["Code"]

        yield get_session
        cloud.close()


def _deployed(cloud, name, pipeline):
    url, audiences = pipeline.provider.url, pipeline.provider.accepted_audiences
    issuer = Issuer(url)
    issuer.register(cloud.endpoint)
    cloud.iam.create_open_id_connect_provider(Url=url, ClientIDList=list(audiences))
    statement = oidc_trust(
        provider_arn=oidc_provider_arn("aws", ACCOUNT, url),
        url=url,
        audience=audiences[0],
        subject=pipeline.subject,
    ).to_json()
    cloud.role(name, trust(statement["Principal"], statement["Action"], statement["Condition"]))
    return issuer


@pytest.mark.parametrize("name", PIPELINES)
def test_only_the_declared_jobs_assume_the_role(get_session, name):
    pipeline = PIPELINES[name]
    audience = pipeline.provider.accepted_audiences[0]
    assert get_session(name, audience, pipeline.meant) == pipeline.meant
    assert {get_session(name, audience, other) for other in pipeline.others} == {"AccessDenied"}
    assert get_session(name, "another.example", pipeline.meant) == "InvalidIdentityToken"
