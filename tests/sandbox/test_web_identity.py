"""AssumeRoleWithWebIdentity: issuer, audience, subject, end and signature of the token decide.

AWS: "AssumeRoleWithWebIdentity" in the AWS STS API Reference. The key comes from a registration, not from the
issuer's address, so nothing here proves that AWS can fetch it.
"""

import pytest

from keywright.sandbox.client.issuer import Issuer
from tests.sandbox.cloud import ACCOUNT, allow, code_of, is_allowed, trust
from tests.sandbox.test_mfa_and_sessions import session

GITHUB = "https://token.actions.githubusercontent.com"
HOST = GITHUB.removeprefix("https://")
SUBJECT = "repo:acme@1234/shop@5678:environment:production"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
CONDITION = {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com", f"{HOST}:sub": SUBJECT}}


@pytest.fixture(scope="module")
def github():
    return Issuer(GITHUB)


@pytest.fixture
def deployed(cloud, github):
    """A provider, its key, and a role that requires the subject."""
    github.register(cloud.endpoint)
    cloud.iam.create_open_id_connect_provider(Url=GITHUB, ClientIDList=["sts.amazonaws.com"])
    action = "sts:AssumeRoleWithWebIdentity"
    cloud.role("deployer", trust({"Federated": PROVIDER}, action, CONDITION), allow("ssm:DescribeParameters"))
    return cloud


def request(token):
    arn = f"arn:aws:iam::{ACCOUNT}:role/deployer"
    return {"RoleArn": arn, "RoleSessionName": "run", "WebIdentityToken": token}


def federate(cloud):
    return cloud.client("sts", "nobody").assume_role_with_web_identity


def test_right_token_gives_a_session(deployed, github):
    answer = federate(deployed)(**request(github.token(aud="sts.amazonaws.com", sub=SUBJECT)))
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == (SUBJECT, "sts.amazonaws.com")
    given = session(answer)
    assert deployed.client("sts", given).get_caller_identity()["Arn"].endswith(":assumed-role/deployer/run")
    assert is_allowed(deployed.client("ssm", given).describe_parameters)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param(
            {"sub": "repo:acme@1234/shop@5678:ref:refs/heads/x"}, "AccessDenied", id="another subject"
        ),
        pytest.param(
            {"sub": "repo:evil@1/shop@2:environment:production"}, "AccessDenied", id="another repository"
        ),
        pytest.param({"aud": "else"}, "InvalidIdentityToken", id="no client of the provider"),
        pytest.param({"exp": 1}, "ExpiredTokenException", id="expired"),
        pytest.param({"iss": "https://evil.example"}, "InvalidIdentityToken", id="issuer without a key"),
        pytest.param(
            {"iss": f"{GITHUB}/acme"}, "InvalidIdentityToken", id="issuer below the provider's address"
        ),
    ],
)
def test_wrong_token_is_refused(deployed, github, claims, code):
    token = github.token(**{"aud": "sts.amazonaws.com", "sub": SUBJECT, **claims})
    assert code_of(federate(deployed), **request(token)) == code


def test_forged_signature_is_refused(deployed, github):
    forger = Issuer(GITHUB)
    forger.key_id = github.key_id
    token = forger.token(aud="sts.amazonaws.com", sub=SUBJECT)
    assert code_of(federate(deployed), **request(token)) == "InvalidIdentityToken"


def test_unsigned_token_is_refused(deployed, github):
    _, body, _ = github.token(aud="sts.amazonaws.com", sub=SUBJECT).split(".")
    assert code_of(federate(deployed), **request(f"eyJhbGciOiJub25lIn0.{body}.")) == "InvalidIdentityToken"


def test_malformed_token_is_refused(deployed):
    assert code_of(federate(deployed), **request("a.b.c")) == "InvalidIdentityToken"


def test_provider_must_be_of_the_account(cloud, github):
    github.register(cloud.endpoint)
    cloud.role("deployer", trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", CONDITION))
    token = github.token(aud="sts.amazonaws.com", sub=SUBJECT)
    assert code_of(federate(cloud), **request(token)) == "InvalidIdentityToken"


def test_further_claim_of_the_issuer_is_a_condition_key(deployed, github):
    """Available keys for AWS OIDC federation; the Service Authorization Reference lists them for each issuer."""
    pinned = {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com", f"{HOST}:repository_id": "5678"}}
    deployed.role("other", trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", pinned))
    other = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/other"}
    for repository, admitted in (("5678", True), ("9", False)):
        token = github.token(aud="sts.amazonaws.com", sub=SUBJECT, repository_id=repository)
        assert is_allowed(federate(deployed), **{**request(token), **other}) is admitted


def test_web_identity_does_not_bypass_a_trust_policy(deployed, github):
    deployed.role("plain", trust({"AWS": ACCOUNT}))
    token = github.token(aud="sts.amazonaws.com", sub=SUBJECT)
    plain = {**request(token), "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/plain"}
    assert code_of(federate(deployed), **plain) == "AccessDenied"


def test_federated_session_has_its_provider(deployed, github):
    """AWS global condition context keys: aws:FederatedProvider."""
    condition = {"StringEquals": {"aws:FederatedProvider": PROVIDER}}
    trusting = trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", CONDITION)
    deployed.role("told", trusting, allow("ssm:DescribeParameters", "*", condition))
    token = github.token(aud="sts.amazonaws.com", sub=SUBJECT)
    answer = federate(deployed)(**{**request(token), "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/told"})
    assert is_allowed(deployed.client("ssm", session(answer)).describe_parameters)
