"""Which principals `Principal` and `NotPrincipal` match, and how directly.

Source: "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal".
"""

import pytest

from keywright.policy.matching.context import MAYBE, NO, UNKNOWN, YES
from keywright.policy.principals import (
    BY_ACCOUNT,
    BY_ROLE,
    DIRECTLY,
    UNNAMED,
    PrincipalKind,
    Reach,
    named_by,
    not_excepted_by,
    principal,
)

ACCOUNT = "arn:aws:iam::111111111111:root"
BOB = "arn:aws:iam::111111111111:user/people/bob"
ROLE = "arn:aws:iam::111111111111:role/team/deploy"
SESSION = "arn:aws:sts::111111111111:assumed-role/deploy/ci"
FEDERATED = "arn:aws:sts::111111111111:federated-user/eve"
PROVIDER = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
SAML = "arn:aws:iam::111111111111:saml-provider/okta"
SERVICE = "ec2.amazonaws.com"
CANONICAL = "79a5" * 16
OPEN = Reach(MAYBE, MAYBE, MAYBE)


@pytest.mark.parametrize(
    ("text", "kind", "account", "name", "path"),
    [
        ("*", PrincipalKind.ANONYMOUS, "", "", ""),
        ("111111111111", PrincipalKind.ROOT, "111111111111", "", ""),
        (ACCOUNT, PrincipalKind.ROOT, "111111111111", "", ""),
        (BOB, PrincipalKind.USER, "111111111111", "bob", "/people/"),
        ("arn:aws:iam::111111111111:user/bob", PrincipalKind.USER, "111111111111", "bob", "/"),
        (ROLE, PrincipalKind.ROLE, "111111111111", "deploy", "/team/"),
        (SESSION, PrincipalKind.ROLE_SESSION, "111111111111", "deploy", ""),
        (FEDERATED, PrincipalKind.FEDERATED_USER, "111111111111", "eve", ""),
        (SERVICE, PrincipalKind.SERVICE, "", "", ""),
        ("states.eu-west-1.amazonaws.com", PrincipalKind.SERVICE, "", "", ""),
        ("ec2.amazonaws.com.cn", PrincipalKind.SERVICE, "", "", ""),
        (PROVIDER, PrincipalKind.PROVIDER, "111111111111", "", ""),
        (SAML, PrincipalKind.PROVIDER, "111111111111", "", ""),
        ("accounts.google.com", PrincipalKind.PROVIDER, "", "", ""),
        ("cognito-identity.amazonaws.com", PrincipalKind.PROVIDER, "", "", ""),
        (CANONICAL, PrincipalKind.CANONICAL, "", "", ""),
        ("arn:aws:iam::111111111111:group/people", PrincipalKind.OTHER, "111111111111", "", ""),
        ("arn:aws:s3:::b", PrincipalKind.OTHER, "", "", ""),
        ("bob", PrincipalKind.OTHER, "", "", ""),
        ("", PrincipalKind.OTHER, "", "", ""),
    ],
)
def test_a_principal_is_read(text, kind, account, name, path):
    found = principal(text)
    assert (found.kind, found.account, found.name, found.path) == (kind, account, name, path)


@pytest.mark.parametrize("who", [BOB, ROLE, SESSION, FEDERATED, ACCOUNT, SERVICE, PROVIDER, "*", CANONICAL])
@pytest.mark.parametrize("element", [{"*": ("*",)}, {"AWS": ("*",)}, {"AWS": (BOB, "*")}])
def test_a_star_names_everyone_directly(element, who):
    assert named_by(element, principal(who)) == DIRECTLY
    assert not_excepted_by(element, principal(who)) is NO


@pytest.mark.parametrize(
    ("kind", "value", "who", "reach"),
    [
        pytest.param("AWS", ACCOUNT, BOB, BY_ACCOUNT, id="account by its root names its users"),
        pytest.param("AWS", "111111111111", SESSION, BY_ACCOUNT, id="account by its id names its sessions"),
        pytest.param("AWS", "111111111111", ACCOUNT, DIRECTLY, id="account by its id is its root user"),
        pytest.param("AWS", "222222222222", BOB, UNNAMED, id="another account"),
        pytest.param("AWS", ACCOUNT, PROVIDER, UNNAMED, id="an account does not name its providers"),
        pytest.param("AWS", ACCOUNT, "*", UNNAMED, id="an account does not name the anonymous"),
        pytest.param("AWS", BOB, BOB, DIRECTLY, id="user"),
        pytest.param("AWS", BOB.lower().replace("bob", "Bob"), BOB, UNNAMED, id="user in another case"),
        pytest.param("AWS", ROLE, ROLE, BY_ROLE, id="role"),
        pytest.param("AWS", ROLE, SESSION, BY_ROLE, id="session through its role"),
        pytest.param("AWS", ROLE.replace("deploy", "other"), SESSION, UNNAMED, id="session of another role"),
        pytest.param("AWS", SESSION, SESSION, DIRECTLY, id="session"),
        pytest.param("AWS", SESSION.replace("/ci", "/cd"), SESSION, UNNAMED, id="another session"),
        pytest.param("AWS", SESSION, ROLE, OPEN, id="some session of a role"),
        pytest.param("AWS", FEDERATED, FEDERATED, DIRECTLY, id="federated user"),
        pytest.param("AWS", BOB, FEDERATED, Reach(MAYBE, MAYBE, NO), id="federated by some user"),
        pytest.param(
            "AWS", "arn:aws:iam::111111111111:user/*", BOB, UNNAMED, id="a wildcard that doesn't fit"
        ),
        pytest.param("AWS", "arn:aws:iam::111111111111:user/people/*", BOB, OPEN, id="a wildcard that fits"),
        pytest.param("Service", SERVICE, SERVICE, DIRECTLY, id="service"),
        pytest.param("Service", "s3.amazonaws.com", SERVICE, UNNAMED, id="another service"),
        pytest.param("Service", "*", SERVICE, OPEN, id="any service"),
        pytest.param("Federated", PROVIDER, PROVIDER, DIRECTLY, id="OIDC provider"),
        pytest.param("Federated", SAML, SAML, DIRECTLY, id="SAML provider"),
        pytest.param("Federated", SAML, PROVIDER, UNNAMED, id="another provider"),
        pytest.param("CanonicalUser", CANONICAL, CANONICAL, DIRECTLY, id="canonical user"),
        pytest.param("CanonicalUser", CANONICAL, BOB, Reach(MAYBE, NO, NO), id="some account's canonical id"),
        pytest.param("CanonicalUser", CANONICAL, SERVICE, UNNAMED, id="a service has no canonical id"),
        pytest.param("AWS", "AIDAEXAMPLEEXAMPLE12", BOB, UNNAMED, id="what a deleted user left"),
    ],
)
def test_names(kind, value, who, reach):
    if value.endswith("user/*"):
        who = who.replace("user/people/", "role/")
    assert named_by({kind: (value,)}, principal(who)) == reach


def test_a_unique_id_names_its_principal():
    assert named_by({"AWS": ("AIDAEXAMPLEEXAMPLE12",)}, principal(BOB), ("AIDAEXAMPLEEXAMPLE12",)) == DIRECTLY
    assert (
        named_by({"AWS": ("AROAEXAMPLEEXAMPLE12",)}, principal(SESSION), ("AROAEXAMPLEEXAMPLE12:ci",))
        == BY_ROLE
    )
    assert (
        named_by({"AWS": ("AROAEXAMPLEEXAMPLE12",)}, principal(SESSION), ("AROAOTHEROTHEROTHER1:ci",))
        == UNNAMED
    )
    assert named_by({"AWS": ("AIDAEXAMPLEEXAMPLE12",)}, principal(BOB), UNKNOWN) == OPEN


@pytest.mark.parametrize(
    ("listed", "who", "expected"),
    [
        pytest.param((BOB, ACCOUNT), BOB, NO, id="user with account"),
        pytest.param((BOB, "111111111111"), BOB, NO, id="user with account id"),
        pytest.param((BOB,), BOB, MAYBE, id="user without account"),
        pytest.param((ACCOUNT,), BOB, YES, id="account without user"),
        pytest.param((), BOB, YES, id="nobody"),
        pytest.param((SESSION, ROLE, ACCOUNT), SESSION, NO, id="session with role and account"),
        pytest.param((SESSION, ACCOUNT), SESSION, MAYBE, id="session without role"),
        pytest.param((ROLE, ACCOUNT), SESSION, MAYBE, id="role without session"),
        pytest.param((ACCOUNT,), SESSION, YES, id="account without session"),
        pytest.param((ROLE, ACCOUNT), ROLE, MAYBE, id="any session of the role"),
        pytest.param((ACCOUNT,), ACCOUNT, NO, id="root user"),
        pytest.param((BOB, ACCOUNT), "arn:aws:iam::111111111111:user/eve", YES, id="another user"),
        pytest.param((BOB, ACCOUNT), "*", YES, id="anonymous"),
        pytest.param((BOB, ACCOUNT), SERVICE, YES, id="service"),
    ],
)
def test_excepts(listed, who, expected):
    assert not_excepted_by({"AWS": listed}, principal(who)) is expected


def test_excepts_a_listed_service():
    assert not_excepted_by({"Service": (SERVICE,)}, principal(SERVICE)) is NO
