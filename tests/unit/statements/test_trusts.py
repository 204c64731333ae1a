"""Trust statements: exactly who, under exactly which condition."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.matching.context import Context, Truth
from keywright.statements.conditions import mfa_condition
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.trusts.accounts import account_trust
from keywright.statements.trusts.same_account import group_trust, role_trust
from keywright.statements.trusts.saml import saml_trust
from keywright.statements.trusts.web_identity import github_trust, oidc_provider_arn, oidc_trust

GITHUB = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
SAML = "arn:aws:iam::111111111111:saml-provider/okta"


def subject(**arguments):
    statement = github_trust(provider_arn=GITHUB, **({"repository": "acme/shop", "ids": None} | arguments))
    (value,) = statement.conditions["StringEquals"]["token.actions.githubusercontent.com:sub"]
    return value


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"environment": "production"}, "repo:acme/shop:environment:production"),
        ({"branch": "main"}, "repo:acme/shop:ref:refs/heads/main"),
        ({"branch": "release/2"}, "repo:acme/shop:ref:refs/heads/release/2"),
        ({"tag": "v1.0"}, "repo:acme/shop:ref:refs/tags/v1.0"),
        ({"pull_request": True}, "repo:acme/shop:pull_request"),
        ({"environment": "Production:V1"}, "repo:acme/shop:environment:Production%3AV1"),
        (
            {"ids": (1234, 5678), "environment": "production"},
            "repo:acme@1234/shop@5678:environment:production",
        ),
        ({"ids": (1234, 5678), "branch": "main"}, "repo:acme@1234/shop@5678:ref:refs/heads/main"),
    ],
    ids=lambda value: value if isinstance(value, str) else ", ".join(value),
)
def test_github_subject_is(arguments, expected):
    assert subject(**arguments) == expected


def test_github_is_trusted_by_audience_and_subject_exactly():
    assert github_trust(provider_arn=GITHUB, repository="acme/shop", ids=(1, 2), tag="v1").to_json() == {
        "Effect": "Allow",
        "Principal": {"Federated": GITHUB},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:acme@1/shop@2:ref:refs/tags/v1",
            }
        },
    }


@given(branch=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12))
def test_github_subject_never_becomes_a_pattern_or_another_context(branch):
    if any(character in branch for character in "*?$"):
        with pytest.raises(ValueError, match="is compared exactly"):
            subject(branch=branch)
    else:
        assert subject(branch=branch).count(":") == len(["repo", "x", "ref", ""]) - 1
        assert subject(branch=branch).startswith("repo:acme/shop:ref:refs/heads/")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {},
            "repository `acme/shop` is trusted in exactly one context; found none: every branch; "
            "accepted: one of `environment`, `branch`, `tag`, `pull_request`, `workflow`",
            id="no context",
        ),
        pytest.param(
            {"branch": "main", "tag": "v1"},
            "repository `acme/shop` is trusted in exactly one context; found `branch`, `tag`; "
            "accepted: one of `environment`, `branch`, `tag`, `pull_request`, `workflow`",
            id="two contexts",
        ),
        pytest.param(
            {"branch": "release-*"},
            "the subject of `token.actions.githubusercontent.com` is compared exactly; found "
            "`repo:acme/shop:ref:refs/heads/release-*`; accepted: one literal value without `*`, `?` and `$`",
            id="pattern",
        ),
        pytest.param(
            {"repository": "acme/*", "branch": "main"},
            "a GitHub repository has an owner and a name; found `acme/*`; accepted: such as `acme/shop`",
            id="every repository",
        ),
        pytest.param(
            {"environment": ""},
            "`environment` of `acme/shop` is empty; found ``; accepted: the name of the environment",
            id="empty name",
        ),
    ],
)
def test_github_refuses(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        subject(**arguments)


@pytest.mark.parametrize("value", ["*", "system:serviceaccount:*:default", "a?", "${aws:userid}", "", "a\nb"])
@pytest.mark.parametrize("what", ["audience", "subject"])
def test_oidc_refuses_values_that_are_not_literal(what, value):
    exact = {"audience": "sts.amazonaws.com", "subject": "system:serviceaccount:shop:web"}
    with pytest.raises(ValueError, match=f"the {what} of `gitlab.com` is compared exactly; found `"):
        oidc_trust(provider_arn=GITHUB, url="https://gitlab.com", **(exact | {what: value}))


def test_oidc_condition_keys_are_the_issuer_with_its_path():
    statement = oidc_trust(
        provider_arn=GITHUB,
        url="https://oidc.eks.eu-central-1.amazonaws.com/id/ABC",
        audience="sts.amazonaws.com",
        subject="system:serviceaccount:shop:web",
    )
    assert statement.conditions == {
        "StringEquals": {
            "oidc.eks.eu-central-1.amazonaws.com/id/ABC:aud": ("sts.amazonaws.com",),
            "oidc.eks.eu-central-1.amazonaws.com/id/ABC:sub": ("system:serviceaccount:shop:web",),
        }
    }


@pytest.mark.parametrize("url", ["http://gitlab.com", "gitlab.com", "https://a/b?c", "https://*.example.com"])
def test_an_issuer_is_an_https_address(url):
    with pytest.raises(ValueError, match="an OIDC issuer is an https address; found `"):
        oidc_provider_arn("aws", "111111111111", url)


def test_partner_software_sends_an_external_id():
    statement = account_trust(partition="aws", account="222222222222", external_id="acme-7f3a")
    assert statement.to_json() == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "acme-7f3a"}},
    }


def test_people_of_a_partner_need_mfa():
    statement = account_trust(partition="aws-cn", account="333333333333", mfa_within_seconds=3600)
    assert statement.to_json() == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws-cn:iam::333333333333:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        },
    }


def test_a_partner_must_meet_every_further_condition():
    statement = account_trust(
        partition="aws",
        account="222222222222",
        external_id="acme-7f3a",
        organization="o-a1b2c3d4e5",
        units=["ou-ab12-22222222", "ou-ab12-11111111"],
        networks=["203.0.113.0/24"],
        since=date(2026, 12, 1),
        until=date(2027, 1, 31),
    )
    assert statement.to_json()["Condition"] == {
        "StringEquals": {"sts:ExternalId": "acme-7f3a", "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "ForAnyValue:StringLike": {
            "aws:PrincipalOrgPaths": [
                "o-a1b2c3d4e5/*/ou-ab12-11111111/*",
                "o-a1b2c3d4e5/*/ou-ab12-22222222/*",
            ]
        },
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        "DateGreaterThanEquals": {"aws:CurrentTime": "2026-12-01T00:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2027-02-01T00:00:00Z"},
    }


@pytest.mark.parametrize(
    ("path", "admitted"),
    [
        pytest.param("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", True, id="in the unit"),
        pytest.param(
            "o-a1b2c3d4e5/r-ab12/ou-ab12-99999999/ou-ab12-11111111/ou-ab12-88888888/", True, id="below it"
        ),
        pytest.param("o-a1b2c3d4e5/r-ab12/ou-ab12-99999999/", False, id="in another"),
        pytest.param("o-z1z2z3z4z5/r-ab12/ou-ab12-11111111/", False, id="in another organization"),
        pytest.param("", False, id="in none"),
    ],
)
def test_a_unit_matches_accounts_in_it_or_below(path, admitted):
    statement = account_trust(
        partition="aws",
        account="222222222222",
        external_id="x1",
        organization="o-a1b2c3d4e5",
        units=["ou-ab12-11111111"],
    )
    known = {"sts:externalid": ("x1",), "aws:principalorgid": ("o-a1b2c3d4e5",)}
    known |= {"aws:principalorgpaths": (path,)} if path else {}
    assert (statement.holds(Context.of(known)) is Truth.YES) is admitted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"account": "222222222222", "external_id": "abc", "units": ["ou-ab12-11111111"]},
            "units are given without their organization; found no organization; accepted: `organization` with them",
            id="units without organization",
        ),
        pytest.param(
            {"account": "222222222222"},
            "account `222222222222` is trusted under exactly one condition; found neither; accepted: "
            "`external_id` for its software, or `mfa_within_seconds` for its people; "
            "`role_arns` and `organization` for an account of the same organization",
            id="no condition",
        ),
        pytest.param(
            {"account": "222222222222", "external_id": "abc", "mfa_within_seconds": 60},
            "account `222222222222` is trusted under exactly one condition; found both; accepted: "
            "`external_id` for its software, or `mfa_within_seconds` for its people; "
            "`role_arns` and `organization` for an account of the same organization",
            id="both conditions",
        ),
        pytest.param(
            {"account": "*", "external_id": "abc"},
            "an account is trusted by its number; found `*`; accepted: 12 digits",
            id="any account",
        ),
        pytest.param(
            {"account": "222222222222", "external_id": "*"},
            "an external ID is malformed; found 1 characters; "
            "accepted: 2 to 1,224 letters, digits and `_+=,.@:/-`",
            id="any external id",
        ),
        pytest.param(
            {"account": "222222222222", "mfa_within_seconds": 0},
            "the age of MFA is out of range; found `0` seconds; accepted: 1 to 129600",
            id="no time",
        ),
    ],
)
def test_account_refuses(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        account_trust(partition="aws", **arguments)


PARTNER = {
    "aws:multifactorauthpresent": "true",
    "aws:multifactorauthage": "10",
    "aws:sourceip": "203.0.113.9",
    "aws:currenttime": "2027-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("changes", "admitted"),
    [
        pytest.param({}, True, id="all conditions met"),
        pytest.param({"aws:multifactorauthpresent": None}, False, id="a long-term key"),
        pytest.param({"aws:multifactorauthpresent": "false"}, False, id="a session without MFA"),
        pytest.param({"aws:multifactorauthage": None}, False, id="MFA of no age"),
        pytest.param({"aws:multifactorauthage": "3599"}, True, id="MFA just recent enough"),
        pytest.param({"aws:multifactorauthage": "3600"}, False, id="MFA just too old"),
        pytest.param({"aws:sourceip": "2001:db8:ffff::1"}, True, id="over IPv6"),
        pytest.param({"aws:sourceip": "2001:db9::1"}, False, id="from elsewhere over IPv6"),
        pytest.param({"aws:sourceip": "::ffff:203.0.113.9"}, False, id="an IPv4 address in IPv6"),
        pytest.param({"aws:sourceip": None, "aws:vpcsourceip": "203.0.113.9"}, False, id="through a VPC endpoint"),
        pytest.param({"aws:currenttime": "2026-11-30T23:59:59Z"}, False, id="the second before"),
        pytest.param({"aws:currenttime": "2026-12-01T00:00:00Z"}, True, id="the first second"),
        pytest.param({"aws:currenttime": "2027-01-31T23:59:59Z"}, True, id="the last second"),
        pytest.param({"aws:currenttime": "2027-02-01T00:00:00Z"}, False, id="the second after"),
        pytest.param({"aws:currenttime": "2027-01-31T23:59:59-02:00"}, False, id="the last second elsewhere"),
    ],
)  # fmt: skip
def test_every_condition_on_a_partner_fails_closed(changes, admitted):
    statement = account_trust(
        partition="aws",
        account="222222222222",
        mfa_within_seconds=3600,
        networks=["203.0.113.0/24", "2001:db8::/32"],
        since=date(2026, 12, 1),
        until=date(2027, 1, 31),
    )
    known = {key: (value,) for key, value in (PARTNER | changes).items() if value is not None}
    assert statement.holds(Context.of(known)) is (Truth.YES if admitted else Truth.NO)


CI = "arn:aws:iam::222222222222:role/access/ci"


@pytest.mark.parametrize(
    ("known", "admitted"),
    [
        pytest.param({"aws:principalarn": (CI,), "aws:principalorgid": ("o-a1b2c3d4e5",)}, True, id="it"),
        pytest.param(
            {"aws:principalarn": (f"{CI}2",), "aws:principalorgid": ("o-a1b2c3d4e5",)}, False, id="another"
        ),
        pytest.param(
            {"aws:principalarn": (CI,), "aws:principalorgid": ("o-zzzzzzzzzz",)}, False, id="it, elsewhere"
        ),
        pytest.param({"aws:principalorgid": ("o-a1b2c3d4e5",)}, False, id="nobody in particular"),
    ],
)
def test_a_named_role_of_the_same_organization_is_trusted(known, admitted):
    statement = account_trust(
        partition="aws", account="222222222222", role_arns=[CI], organization="o-a1b2c3d4e5"
    )
    assert statement.principals == {"AWS": ("arn:aws:iam::222222222222:root",)}
    assert (statement.holds(Context.of(known)) is Truth.YES) is admitted


def test_sessions_of_named_roles_are_trusted_without_mfa():
    statement = role_trust(
        partition="aws", account="111111111111", role_arns=["arn:aws:iam::111111111111:role/b", CI]
    )
    assert statement.conditions == {
        "ArnEquals": {"aws:PrincipalArn": ("arn:aws:iam::111111111111:role/b", CI)}
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: role_trust(partition="aws", account="2" * 12, role_arns=[]),
            "roles are trusted by name; found none; accepted: ARNs of roles, without `*`, `?` and `$`",
            id="no role",
        ),
        pytest.param(
            lambda: role_trust(partition="aws", account="2" * 12, role_arns=[CI, f"{CI}*"]),
            f"roles are trusted by name; found `{CI}*`; accepted: ARNs of roles, without `*`, `?` and `$`",
            id="a pattern",
        ),
        pytest.param(
            lambda: account_trust(partition="aws", account="2" * 12, role_arns=[CI]),
            "account `222222222222` is trusted under exactly one condition; found neither; accepted: "
            "`external_id` for its software, or `mfa_within_seconds` for its people; "
            "`role_arns` and `organization` for an account of the same organization",
            id="a role of no organization",
        ),
        pytest.param(
            lambda: account_trust(partition="aws", account="2" * 12, role_arns=[CI], mfa_within_seconds=60),
            "roles of account `222222222222` are its own, and their sessions have no MFA; "
            "found `role_arns` with `mfa_within_seconds`; accepted: one of them",
            id="a role with MFA",
        ),
        pytest.param(
            lambda: account_trust(partition="aws", account="3" * 12, role_arns=[CI], external_id="abc"),
            "roles of account `333333333333` are its own, and their sessions have no MFA; "
            f"found `{CI}`; accepted: ARNs of roles of account `333333333333`",
            id="a role of a different account",
        ),
        pytest.param(
            lambda: assume_statement(role_arn=f"{CI}*"),
            f"a grant to assume a role names one role; found `{CI}*`; accepted: an ARN without `*` and `?`",
            id="any role is assumed",
        ),
        pytest.param(
            lambda: assume_statement(role_arn=CI, mfa_within_seconds=60, external_id="abc"),
            f"role `{CI}` is assumed by people or by software; found `mfa_within_seconds` and `external_id`; "
            "accepted: one of them",
            id="people and software",
        ),
    ],
)
def test_roles_are_named_exactly(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_trust_and_grant_of_a_groups_role_require_the_same_mfa():
    trust = group_trust("aws", "111111111111", "/access/", 900)
    side = assume_statement(role_arn="arn:aws:iam::111111111111:role/access/operate", mfa_within_seconds=900)
    assert trust.to_json() == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/access/*"},
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": "900"},
        },
    }
    assert side.conditions == mfa_condition(900)
    assert side.resources == ("arn:aws:iam::111111111111:role/access/operate",)


@pytest.mark.parametrize(
    ("members", "arns"),
    [
        pytest.param(None, "arn:aws:iam::111111111111:user/access/*", id="every user"),
        pytest.param(("bob",), "arn:aws:iam::111111111111:user/access/bob", id="one"),
        pytest.param(
            ("bob", "alice"),
            ["arn:aws:iam::111111111111:user/access/alice", "arn:aws:iam::111111111111:user/access/bob"],
            id="two, in any order",
        ),
        pytest.param((), "arn:aws:iam::111111111111:user/access/keywright-nobody", id="an empty group"),
    ],
)
def test_a_groups_role_trusts_its_members_by_name(members, arns):
    trust = group_trust("aws", "111111111111", "/access/", 900, members).to_json()
    assert trust["Condition"]["ArnLike"] == {"aws:PrincipalArn": arns}


def saml(**arguments):
    return saml_trust(
        **({"provider_arn": SAML, "partition": "aws", "region": "eu-central-1", "console": True} | arguments)
    )


def test_saml_audience_is_the_partitions_or_the_regions_address():
    (statement,) = saml()
    assert statement.to_json() == {
        "Effect": "Allow",
        "Principal": {"Federated": SAML},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {
            "StringEquals": {
                "SAML:aud": [
                    "https://signin.aws.amazon.com/saml",
                    "https://eu-central-1.signin.aws.amazon.com/saml",
                ]
            }
        },
    }


def test_saml_session_tags_are_restricted_to_their_keys():
    _, tagging = saml(session_tags=["team", "cost-center"])
    assert tagging.to_json() == {
        "Effect": "Allow",
        "Principal": {"Federated": SAML},
        "Action": "sts:TagSession",
        "Condition": {
            "StringEquals": {
                "SAML:aud": [
                    "https://signin.aws.amazon.com/saml",
                    "https://eu-central-1.signin.aws.amazon.com/saml",
                ]
            },
            "ForAllValues:StringEquals": {"aws:TagKeys": ["cost-center", "team"]},
            "Null": {"aws:TagKeys": "false"},
        },
    }


def test_saml_source_identity_is_required_and_settable():
    assuming, setting = saml(source_identity=True)
    assert assuming.conditions["Null"] == {"sts:SourceIdentity": ("false",)}
    assert setting.actions == ("sts:SetSourceIdentity",)
    assert setting.conditions == {"Null": {"sts:SourceIdentity": ("false",)}}


def test_saml_for_the_command_line_can_have_its_own_recipients():
    (statement,) = saml(console=False, recipients=["https://cli.acme.example/saml"])
    assert statement.conditions == {"StringEquals": {"SAML:aud": ("https://cli.acme.example/saml",)}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"partition": "aws-iso"},
            "the SAML sign-in address of this partition is unknown; found `aws-iso`; accepted: "
            "`recipients`, or one of `aws`, `aws-cn`, `aws-us-gov`",
            id="unknown partition",
        ),
        pytest.param(
            {"recipients": ["https://x.example"]},
            "`recipients` are given for console sign-in, whose addresses are fixed; found `https://x.example`; accepted: "
            "no `recipients` with `console`",
            id="recipients for the console",
        ),
        pytest.param(
            {"session_tags": ["*"]},
            "the key of a session tag is malformed; found `*`; accepted: at most 50 keys of 1 to 128 letters, "
            "digits, spaces and `_.:/=+@-`",
            id="any tag",
        ),
        pytest.param(
            {"session_tags": ["aws:team"]},
            "the key of a session tag is malformed; found `aws:team`; accepted: at most 50 keys of 1 to 128 "
            "letters, digits, spaces and `_.:/=+@-`",
            id="a tag of AWS's own",
        ),
    ],
)
def test_saml_refuses(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        saml(**arguments)


@pytest.mark.parametrize(
    "statement",
    [
        *saml(session_tags=["team"]),
        github_trust(provider_arn=GITHUB, repository="acme/shop", ids=None, branch="main"),
    ],
    ids=["SAML", "session tags", "web identity"],
)
def test_condition_keys_are_known_to_the_action(catalogue, statement):
    (action,) = statement.actions
    known = catalogue.actions.get_action_details("sts", action.removeprefix("sts:"))["conditionKeys"]
    known = {key.lower() for key in known} | {
        f"token.actions.githubusercontent.com:{claim}" for claim in ("aud", "sub")
    }
    assert {key.lower() for keys in statement.conditions.values() for key in keys} <= known
