"""Rules of single services that differ from the general rules."""

import pytest

from keywright.policy.matching.context import Context
from keywright.reasoning.evaluation.evaluate import Policies, evaluate
from keywright.reasoning.evaluation.request import Request
from tests.unit.reasoning.policies import (
    ACCOUNT,
    FEDERATED,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SESSION,
    USER,
    allow,
    deny,
    shared_with,
    trusting,
)

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitly-denied", "implicitly-denied"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1234"
THEIR_ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/partner"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
AUDIENCE = "token.actions.githubusercontent.com:aud"


def decide(who, action, arn, context=None, **policies):
    return evaluate(Request(who, action, arn, Context.of(context or {})), Policies(**policies))


@pytest.mark.parametrize(
    ("who", "identity", "trusted", "expected"),
    [
        pytest.param(USER, (), {"AWS": USER}, ALLOWED, id="user trusted"),
        pytest.param(USER, (), {"AWS": ROOT}, IMPLICIT, id="account trusted, user not allowed"),
        pytest.param(
            USER, (allow("sts:AssumeRole"),), {"AWS": ROOT}, ALLOWED, id="account trusted, user allowed"
        ),
        pytest.param(
            USER, (allow(),), {"Service": "ec2.amazonaws.com"}, IMPLICIT, id="administrator, not trusted"
        ),
        pytest.param(SESSION, (), {"AWS": ROLE}, ALLOWED, id="session through its role"),
        pytest.param(SESSION, (), {"AWS": SESSION}, ALLOWED, id="session trusted"),
        pytest.param(USER, (deny(),), {"AWS": USER}, EXPLICIT, id="user trusted and denied"),
        pytest.param(
            "ec2.amazonaws.com", (), {"Service": "ec2.amazonaws.com"}, ALLOWED, id="service trusted"
        ),
        pytest.param(USER, (), "*", ALLOWED, id="everyone trusted"),
        pytest.param(ROOT, (), {"AWS": ROOT}, IMPLICIT, id="the root user assumes no role"),
    ],
)
def test_a_role_is_assumed_where_its_trust_policy_allows(who, identity, trusted, expected):
    """Source: "How IAM roles differ from resource-based policies", "Methods to assume a role", "AssumeRole"."""
    found = decide(who, "sts:AssumeRole", ROLE, identity=identity, resource=trusting(trusted))
    assert found.name == expected


@pytest.mark.parametrize(
    ("identity", "trusted", "expected"),
    [
        pytest.param((allow("sts:AssumeRole"),), {"AWS": ROOT}, ALLOWED, id="both sides"),
        pytest.param((), {"AWS": USER}, IMPLICIT, id="trusted alone"),
        pytest.param((allow(),), {"AWS": OTHER_ACCOUNT}, IMPLICIT, id="allowed alone"),
    ],
)
def test_a_role_of_another_account_needs_both_sides(identity, trusted, expected):
    """Source: "Cross account resource access in IAM"."""
    found = decide(USER, "sts:AssumeRole", THEIR_ROLE, identity=identity, resource=trusting(trusted))
    assert found.name == expected


def test_a_missing_trust_policy_says_what_is_missing():
    found = decide(
        USER, "sts:AssumeRole", ROLE, identity=(allow(),), resource=trusting({"AWS": OTHER_ACCOUNT})
    )
    assert (
        found.because
        == "no statement of the resource-based policy allows the action, which this resource requires"
    )


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        pytest.param({AUDIENCE: ("sts.amazonaws.com",)}, ALLOWED, id="audience fits"),
        pytest.param({AUDIENCE: ("other",)}, IMPLICIT, id="audience does not"),
        pytest.param({}, IMPLICIT, id="no audience"),
    ],
)
def test_web_identities_need_the_trust_policy_alone(context, expected):
    """Source: "AssumeRoleWithWebIdentity"."""
    action = "sts:AssumeRoleWithWebIdentity"
    conditions = {"StringEquals": {AUDIENCE: "sts.amazonaws.com"}}
    trust = trusting({"Federated": PROVIDER}, action, Condition=conditions)
    assert decide(PROVIDER, action, ROLE, context, resource=trust).name == expected


def test_tagging_a_session_needs_its_own_allow():
    """Source: "Pass session tags in AWS STS"."""
    trust = trusting({"AWS": USER}, ["sts:AssumeRole"])
    assert decide(USER, "sts:TagSession", ROLE, resource=trust).name == IMPLICIT


def test_everyone_can_call_get_caller_identity():
    """Source: "GetCallerIdentity"."""
    for who in (USER, SESSION, FEDERATED, ROOT):
        assert decide(who, "sts:GetCallerIdentity", "*", identity=(deny(),)).name == ALLOWED
    assert decide("*", "sts:GetCallerIdentity", "*").name == IMPLICIT


def test_policies_have_no_effect_on_session_tokens():
    """Source: "Permissions for GetSessionToken"."""
    for who in (USER, ROOT):
        assert decide(who, "sts:GetSessionToken", "*", identity=(deny(),)).name == ALLOWED
    assert decide(SESSION, "sts:GetSessionToken", "*", identity=(allow(),)).name == IMPLICIT


@pytest.mark.parametrize(
    ("who", "identity", "shared", "expected"),
    [
        pytest.param(
            USER, (allow("kms:*"),), {"AWS": ROOT}, ALLOWED, id="key allows the account, account the user"
        ),
        pytest.param(USER, (), {"AWS": ROOT}, IMPLICIT, id="key allows the account alone"),
        pytest.param(USER, (), {"AWS": USER}, ALLOWED, id="key allows the user"),
        pytest.param(
            USER, (allow(),), {"AWS": ROLE}, IMPLICIT, id="an administrator whom the key does not allow"
        ),
        pytest.param(ROOT, (), {"AWS": USER}, IMPLICIT, id="not even the root user"),
        pytest.param(ROOT, (), {"AWS": ROOT}, ALLOWED, id="the root user where the key allows the account"),
    ],
)
def test_a_kms_key_is_controlled_by_its_policy(who, identity, shared, expected):
    """Source: "Key policies in AWS KMS"."""
    assert decide(who, "kms:Decrypt", KEY, identity=identity, resource=shared_with(shared)).name == expected


def test_only_keys_are_controlled_by_a_key_policy():
    assert decide(USER, "kms:ListKeys", "*", identity=(allow("kms:ListKeys"),)).name == ALLOWED


def test_kms_knows_the_account_of_its_caller():
    """Source: "Condition keys for AWS KMS"."""
    shared = shared_with("*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})
    assert decide(USER, "kms:Decrypt", KEY, resource=shared).name == ALLOWED
    assert (
        decide(
            USER.replace(ACCOUNT, OTHER_ACCOUNT), "kms:Decrypt", KEY, identity=(allow(),), resource=shared
        ).name
        == IMPLICIT
    )


@pytest.mark.parametrize("pattern", ["*", "arn:aws:s3:::*"])
def test_all_buckets_are_listed_by_either_pattern(pattern):
    """Source: "Identity-based policy examples for Amazon S3"."""
    assert decide(USER, "s3:ListAllMyBuckets", "*", identity=(allow("s3:*", pattern),)).name == ALLOWED
    assert (
        decide(USER, "s3:ListAllMyBuckets", "*", identity=(allow("s3:*", "arn:aws:s3:::b"),)).name == IMPLICIT
    )


def test_buckets_have_an_account_of_their_own():
    """Source: "Condition keys for Amazon S3"."""
    policy = allow("s3:GetObject", Condition={"StringEquals": {"s3:ResourceAccount": ACCOUNT}})
    ours = Request(USER, "s3:GetObject", "arn:aws:s3:::b/k", resource_account=ACCOUNT)
    unknown = Request(USER, "s3:GetObject", "arn:aws:s3:::b/k")
    assert evaluate(ours, Policies(identity=(policy,))).name == ALLOWED
    assert evaluate(unknown, Policies(identity=(policy,))).name == IMPLICIT


def test_a_session_of_a_reserved_role_hides_its_arn():
    """Source: "Referencing permission sets in resource policies"."""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/bob"
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_*"
    policies = {"identity": (allow(Condition={"ArnLike": {"aws:PrincipalArn": role}}),)}
    found = decide(session, "sqs:SendMessage", "*", **policies)
    assert found.name == "undecided"
    assert found.because == "the condition `ArnLike` on `aws:PrincipalArn` cannot be evaluated"
    known = {"aws:PrincipalArn": (role.replace("*", "0123456789abcdef"),)}
    assert decide(session, "sqs:SendMessage", "*", known, **policies).name == ALLOWED
