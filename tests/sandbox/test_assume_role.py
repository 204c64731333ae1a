"""Who can assume a role: its trust policy, the caller's own policies, and the request.

AWS: "AssumeRole" in the AWS STS API Reference, "AWS JSON policy elements: Principal", "Cross-account policy
evaluation logic". What passes here because of a repair proves the repair, not AWS.
"""

from datetime import timedelta

import pytest

from keywright.sandbox.client import clock
from tests.sandbox.cloud import (
    ACCOUNT,
    OTHER_ACCOUNT,
    allow,
    code_of,
    deny,
    is_allowed,
    policy,
    trust,
)
from tests.sandbox.test_mfa_and_sessions import device, session, with_mfa

ROLE = f"arn:aws:iam::{ACCOUNT}:role"
USER = f"arn:aws:iam::{ACCOUNT}:user"
ASSUME = allow("sts:AssumeRole")


def assumes(cloud, credentials, name="r", **more):
    request = {"RoleArn": f"{ROLE}/{name}", "RoleSessionName": "session", **more}
    return is_allowed(cloud.client("sts", credentials).assume_role, **request)


@pytest.fixture
def external_user(cloud):
    """Long-term credentials of user mallory in another account, who is allowed to assume any role."""
    iam = cloud.client("iam", cloud.other_root)
    iam.create_user(UserName="mallory")
    iam.put_user_policy(UserName="mallory", PolicyName="p", PolicyDocument=policy(ASSUME))
    key = iam.create_access_key(UserName="mallory")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_trust_in_the_account_needs_an_identity_policy(cloud):
    cloud.role("r", trust({"AWS": ACCOUNT}))
    assert assumes(cloud, cloud.user("alice", ASSUME))
    assert not assumes(cloud, cloud.user("bob"))


def test_trust_in_the_user_itself_is_enough(cloud):
    alice, bob = cloud.user("alice"), cloud.user("bob", ASSUME)
    cloud.role("r", trust({"AWS": f"{USER}/alice"}))
    assert (assumes(cloud, alice), assumes(cloud, bob)) == (True, False)


def test_deny_of_the_identity_policy_overrides_trust(cloud):
    alice = cloud.user("alice", deny("sts:AssumeRole"))
    cloud.role("r", trust({"AWS": f"{USER}/alice"}))
    assert not assumes(cloud, alice)


def test_deny_of_the_trust_policy_overrides_allow(cloud):
    alice = cloud.user("alice", ASSUME)
    refuse = {**trust({"AWS": "*"}), "Effect": "Deny"}
    cloud.iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy(trust({"AWS": ACCOUNT}), refuse))
    assert not assumes(cloud, alice)


def test_root_assumes_no_role(cloud):
    cloud.role("r", trust({"AWS": ACCOUNT}))
    assert not assumes(cloud, cloud.root)


def test_role_is_found_by_its_full_arn(cloud):
    alice = cloud.user("alice", ASSUME)
    cloud.role("r", trust({"AWS": ACCOUNT}), Path="/access/")
    assert assumes(cloud, alice, "access/r")
    assert not assumes(cloud, alice, "r")


def test_other_account_needs_both_sides(cloud, external_user):
    assert not assumes(cloud, external_user)
    cloud.role("r", trust({"AWS": OTHER_ACCOUNT}))
    assert assumes(cloud, external_user)
    cloud.client("iam", cloud.other_root).delete_user_policy(UserName="mallory", PolicyName="p")
    assert not assumes(cloud, external_user)


def test_named_user_of_another_account_still_needs_an_identity_policy(cloud, external_user):
    cloud.role("r", trust({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/mallory"}))
    assert assumes(cloud, external_user)
    cloud.client("iam", cloud.other_root).delete_user_policy(UserName="mallory", PolicyName="p")
    assert not assumes(cloud, external_user)


def test_external_id_must_match(cloud, external_user):
    """Access to AWS accounts owned by third parties."""
    cloud.role("r", trust({"AWS": OTHER_ACCOUNT}, condition={"StringEquals": {"sts:ExternalId": "agreed"}}))
    assert assumes(cloud, external_user, ExternalId="agreed")
    assert not assumes(cloud, external_user, ExternalId="guess")
    assert not assumes(cloud, external_user)


def test_session_of_a_role_in_another_account_acts_there(cloud, external_user):
    cloud.role("r", trust({"AWS": OTHER_ACCOUNT}), allow("ssm:DescribeParameters"))
    answer = cloud.client("sts", external_user).assume_role(RoleArn=f"{ROLE}/r", RoleSessionName="session")
    identity = cloud.client("sts", session(answer)).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (
        ACCOUNT,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session",
    )


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}


def test_role_accepts_the_mfa_of_a_session_for_a_limited_time(cloud):
    """Secure API access with MFA."""
    key = cloud.user("alice", allow("sts:AssumeRole", "*", MFA))
    cloud.role("r", trust({"AWS": ACCOUNT}, condition=MFA))
    serial, app = device(cloud, "alice")
    assert not assumes(cloud, key)
    assert not assumes(cloud, session(cloud.client("sts", key).get_session_token()))
    coded = with_mfa(cloud, key, serial, app)
    assert assumes(cloud, coded)
    clock.advance(cloud.endpoint, timedelta(hours=1))
    assert not assumes(cloud, coded)


def test_role_accepts_an_mfa_code_in_the_request(cloud):
    """The AWS STS API Reference "AssumeRole": SerialNumber and TokenCode."""
    key = cloud.user("alice", allow("sts:AssumeRole", "*", MFA))
    cloud.role("r", trust({"AWS": ACCOUNT}, condition=MFA))
    serial, app = device(cloud, "alice")
    assert not assumes(cloud, key, SerialNumber=serial, TokenCode="000000")
    assert assumes(cloud, key, SerialNumber=serial, TokenCode=app.code())


def test_role_session_has_no_mfa(cloud):
    """Secure API access with MFA: the credentials of AssumeRole carry no MFA information."""
    key = cloud.user("alice", ASSUME)
    cloud.role(
        "r", trust({"AWS": ACCOUNT}), allow("ssm:*", "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    )
    serial, app = device(cloud, "alice")
    answer = cloud.client("sts", key).assume_role(
        RoleArn=f"{ROLE}/r", RoleSessionName="session", SerialNumber=serial, TokenCode=app.code()
    )
    assert not is_allowed(cloud.client("ssm", session(answer)).describe_parameters)


def test_principal_arn_pattern_matches_a_path(cloud):
    """AWS global condition context keys: aws:PrincipalArn."""
    inside, outside = cloud.user("alice", ASSUME, Path="/access/"), cloud.user("bob", ASSUME)
    cloud.role("r", trust({"AWS": ACCOUNT}, condition={"ArnLike": {"aws:PrincipalArn": f"{USER}/access/*"}}))
    assert (assumes(cloud, inside), assumes(cloud, outside)) == (True, False)


def test_principal_arn_of_a_role_session_is_the_roles(cloud):
    """AWS global condition context keys: aws:PrincipalArn."""
    alice = cloud.user("alice", ASSUME)
    cloud.role("first", trust({"AWS": ACCOUNT}), ASSUME, Path="/access/")
    cloud.role(
        "r", trust({"AWS": ACCOUNT}, condition={"ArnEquals": {"aws:PrincipalArn": f"{ROLE}/access/first"}})
    )
    answer = cloud.client("sts", alice).assume_role(RoleArn=f"{ROLE}/access/first", RoleSessionName="session")
    assert assumes(cloud, session(answer))
    assert not assumes(cloud, alice)


def test_chained_session_ends_after_an_hour(cloud):
    """The AWS STS API Reference "AssumeRole": role chaining limits the session to one hour."""
    alice = cloud.user("alice", ASSUME)
    for name in ("first", "r"):
        cloud.role(name, trust({"AWS": ACCOUNT}), ASSUME, MaxSessionDuration=7200)
    answer = cloud.client("sts", alice).assume_role(RoleArn=f"{ROLE}/first", RoleSessionName="session")
    chained = cloud.client("sts", session(answer)).assume_role
    request = {"RoleArn": f"{ROLE}/r", "RoleSessionName": "session"}
    assert code_of(chained, **request, DurationSeconds=3601) == "ValidationError"
    chained(**request, DurationSeconds=3600)


def test_session_lasts_no_longer_than_the_maximum_of_the_role(cloud):
    """The AWS STS API Reference "AssumeRole": DurationSeconds."""
    alice = cloud.client("sts", cloud.user("alice", ASSUME))
    cloud.role("r", trust({"AWS": ACCOUNT}), MaxSessionDuration=3600)
    request = {"RoleArn": f"{ROLE}/r", "RoleSessionName": "session", "DurationSeconds": 3601}
    assert code_of(alice.assume_role, **request) == "ValidationError"


def test_session_tags_need_their_own_permission(cloud):
    """Pass session tags in AWS STS."""
    tags = [{"Key": "team", "Value": "a"}]
    alice = cloud.user("alice", allow(["sts:AssumeRole", "sts:TagSession"]))
    cloud.role("r", trust({"AWS": ACCOUNT}))
    assert not assumes(cloud, alice, Tags=tags)
    wanted = {"StringEquals": {"aws:RequestTag/team": "a"}}
    both = trust({"AWS": ACCOUNT}, ["sts:AssumeRole", "sts:TagSession"], wanted)
    cloud.iam.update_assume_role_policy(RoleName="r", PolicyDocument=policy(both))
    assert assumes(cloud, alice, Tags=tags)
    assert not assumes(cloud, alice, Tags=[{"Key": "team", "Value": "b"}])


def test_source_identity_needs_its_own_permission(cloud):
    """Monitor and control actions taken with assumed roles."""
    alice = cloud.user("alice", allow(["sts:AssumeRole", "sts:SetSourceIdentity"]))
    cloud.role("r", trust({"AWS": ACCOUNT}))
    assert not assumes(cloud, alice, SourceIdentity="alice")


def test_boundary_limits_trust_in_the_account_and_not_trust_in_the_user_itself(cloud):
    """Permissions boundaries for IAM entities: resource-based policies."""
    boundary = cloud.iam.create_policy(PolicyName="b", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    alice = cloud.user("alice", ASSUME, PermissionsBoundary=boundary)
    cloud.role("account", trust({"AWS": ACCOUNT}))
    cloud.role("person", trust({"AWS": f"{USER}/alice"}))
    assert (assumes(cloud, alice, "account"), assumes(cloud, alice, "person")) == (False, True)


def test_trust_in_a_user_ends_with_the_user(cloud):
    """AWS JSON policy elements: Principal: the ARN is turned into a unique id."""
    alice = cloud.user("alice")
    cloud.role("r", trust({"AWS": f"{USER}/alice"}))
    assert assumes(cloud, alice)
    cloud.iam.delete_access_key(UserName="alice", AccessKeyId=alice[0])
    cloud.iam.delete_user(UserName="alice")
    same_name = cloud.user("alice", ASSUME)
    assert not assumes(cloud, same_name)
    shown = cloud.iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"].startswith("AIDA")


def test_trust_follows_a_renamed_user(cloud):
    """The IAM API Reference "UpdateUser": the unique id stays."""
    alice = cloud.user("alice")
    cloud.role("r", trust({"AWS": f"{USER}/alice"}))
    cloud.iam.update_user(UserName="alice", NewUserName="alicia", NewPath="/access/")
    assert assumes(cloud, alice)


def test_trust_in_an_unknown_principal_is_refused(cloud):
    """AWS JSON policy elements: Principal."""
    outcome = code_of(
        cloud.iam.create_role, RoleName="r", AssumeRolePolicyDocument=policy(trust({"AWS": f"{USER}/nobody"}))
    )
    assert outcome == "MalformedPolicyDocument"


def test_wildcard_in_a_principal_matches_no_one(cloud):
    """AWS JSON policy elements: Principal: no wildcard matches part of a name."""
    alice = cloud.user("alice", ASSUME)
    document = policy(trust({"AWS": f"{USER}/a*"}))
    assert (
        code_of(cloud.iam.create_role, RoleName="r", AssumeRolePolicyDocument=document)
        == "MalformedPolicyDocument"
    )
    assert not assumes(cloud, alice)


def test_everyone_with_a_condition_matches_callers_that_meet_it(cloud, external_user):
    cloud.role("r", trust("*", condition={"StringEquals": {"aws:PrincipalAccount": OTHER_ACCOUNT}}))
    assert assumes(cloud, external_user)
    assert not assumes(cloud, cloud.user("alice", ASSUME))
