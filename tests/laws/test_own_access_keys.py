"""Users can create their own access keys: only with MFA, only their own, and usable only for sessions."""

from __future__ import annotations

import pytest

from tests.laws.insiders import ACCOUNT, EVERYTHING, Account, assembly_of

DECLARED = f"""\
account: {{id: "{ACCOUNT}", region: eu-central-1, handover: onboarders}}
groups:
  onboarders: {{}}
  admins: {{{EVERYTHING}}}
  makers: {{self_service: {{access_keys: {{because: the machines of the lab have no browser}}}}}}
users:
  maker: {{person: {{email: m@acme.example}}, console: true, groups: [makers]}}
  ending: {{person: {{email: n@acme.example}}, console: true, groups: [{{name: makers, until: 2027-01-31}}]}}
  sailor:
    person: {{email: s@acme.example}}
    console: true
    groups: [admins]
    cli: {{session_token: {{because: the ship has no browser most of the time}}}}
  insider: {{person: {{email: i@acme.example}}, console: true, cli: true, groups: [admins]}}
  robot:
    application: {{because: the test wants software that holds everything, review: 2027-05-01}}
    access_keys: [{{serial: 1, issued: 2026-11-01}}]
    {EVERYTHING}
roles:
  powerful: {{trusts: [{{group: admins}}], {EVERYTHING}}}
"""
IAM = f"arn:aws:iam::{ACCOUNT}"
MFA = {
    "aws_MultiFactorAuthPresent": "true",
    "aws_MultiFactorAuthAge": "10",
    "aws_CurrentTime": "2026-12-01T00:00:00Z",
}
TAGGED = {"aws_PrincipalTag/keywright-own-access-keys": "true"}
WITHOUT = {"console": {"aws_MultiFactorAuthPresent": "false"}, "key": {}}
ON_KEYS = ("iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey")
MAKERS = ("maker", "ending", "sailor")


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory):
    return assembly_of(DECLARED, tmp_path_factory.mktemp("own-keys"))


@pytest.fixture(scope="module")
def account(assembly) -> Account:
    return Account(assembly)


@pytest.mark.parametrize("action", ON_KEYS)
@pytest.mark.parametrize("who", MAKERS)
def test_users_manage_their_own_keys_with_mfa(account: Account, who, action):
    own = f"{IAM}:user/access/{who}"
    assert account.does(f"user/{who}", action, own, **MFA, **TAGGED)
    for without in WITHOUT.values():
        assert not account.does(f"user/{who}", action, own, **without, **TAGGED)


@pytest.mark.parametrize("action", ON_KEYS)
@pytest.mark.parametrize(
    "who", [*(f"user/{name}" for name in MAKERS), "user/insider", "user/robot", "role/powerful"]
)
def test_no_user_changes_keys_of_others(account: Account, who, action):
    for other in ("insider", "makers", "xmaker", "robot", "below/maker"):
        if who != f"user/{other}":
            assert not account.may(who, action, f"{IAM}:user/access/{other}", **TAGGED)


@pytest.mark.parametrize("action", ON_KEYS)
@pytest.mark.parametrize("who", ["user/insider", "user/robot"])
def test_undeclared_users_create_no_keys(account: Account, who, action):
    """Not even who holds everything: the tag is on those who are declared to, and nobody changes it."""
    own = f"{IAM}:user/access/{who.removeprefix('user/')}"
    for context in (MFA, *WITHOUT.values()):
        assert not account.does(who, action, own, **context)
        assert not account.does(who, "iam:TagUser", own, **context)


def test_the_tag_is_on_declared_users(assembly):
    users = {each.logical_id: str(each.raw) for each in assembly.resources if each.type == "AWS::IAM::User"}
    tagged = {name for name, text in users.items() if "keywright-own-access-keys" in text}
    assert tagged == {"User0maker", "User0ending", "User0sailor"}


def test_an_access_key_alone_gets_a_session_and_nothing_else(account: Account):
    assert account.does("user/sailor", "sts:GetSessionToken", "*", **TAGGED)
    for action, resource in (
        ("s3:ListAllMyBuckets", "*"),
        ("sts:AssumeRole", f"{IAM}:role/access/powerful"),
        ("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/sailor"),
        ("iam:ListAccessKeys", f"{IAM}:user/access/sailor"),
        ("iam:EnableMFADevice", f"{IAM}:user/access/sailor"),
    ):
        assert not account.does("user/sailor", action, resource, **TAGGED), action
    assert account.does("user/sailor", "s3:ListAllMyBuckets", "*", **MFA, **TAGGED)


def test_key_creation_ends_with_the_membership(account: Account):
    later = {**MFA, "aws_CurrentTime": "2027-02-01T00:00:00Z"}
    own = f"{IAM}:user/access/ending"
    assert not account.does("user/ending", "iam:CreateAccessKey", own, **later, **TAGGED)


@pytest.mark.parametrize("action", [
    "iam:UploadSSHPublicKey", "iam:CreateServiceSpecificCredential", "iam:UploadSigningCertificate",
    "iam:CreateLoginProfile", "iam:AttachUserPolicy", "iam:PutUserPolicy",
])  # fmt: skip
def test_no_other_credential_can_be_created(account: Account, action):
    for who in (*MAKERS, "insider", "robot"):
        own = f"{IAM}:user/access/{who}"
        assert not account.may(f"user/{who}", action, own, **TAGGED)
