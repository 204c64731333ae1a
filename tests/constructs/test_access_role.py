"""Roles that are assumed: stable under every edit, and refused before IAM would refuse them."""

from __future__ import annotations

import re

import pytest

from access_constructs.federation.roles_anywhere import AnywhereProfile
from access_constructs.roles.by_trust import (
    AccountRole,
    GitHubRole,
    GroupRole,
    OidcRole,
    SamlRole,
    ServiceRole,
)
from access_constructs.roles.role import AccessRole, role_arn
from keywright.policy.statement import Statement
from keywright.statements.trusts.accounts import account_trust
from keywright.statements.trusts.roles_anywhere import anywhere_trust
from keywright.statements.trusts.services import service_trust

BOUNDARY = "arn:aws:iam::111111111111:policy/access/keywright-boundary"
PARTNER = account_trust(partition="aws", account="222222222222", external_id="acme-7f3a")
LISTING = Statement(actions=("s3:ListBucket",), resources=("arn:aws:s3:::reports",))
COMMON = {"path": "/access/", "boundary_arn": BOUNDARY, "session_seconds": 3600, "statements": (LISTING,)}


def role(stack, name="vendor", **arguments):
    return AccessRole(stack, f"role-{name}", name=name, **(COMMON | {"trust": (PARTNER,)} | arguments))


def many(count):
    return tuple(
        Statement(actions=("s3:GetObject",), resources=(f"arn:aws:s3:::reports/{number:04}/{'x' * 80}/*",))
        for number in range(count)
    )


def test_trusts_a_role_of_the_own_organization_by_name(stack, resources):
    AccountRole(
        stack,
        "publish",
        name="publish",
        partition="aws",
        account="222222222222",
        role_arns=["arn:aws:iam::222222222222:role/ci"],
        organization="o-a1b2c3d4e5",
        **COMMON,
    )
    (statement,) = resources()["Role0publish"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/ci"},
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    }


def test_a_profile_has_at_most_ten_session_policies(stack):
    made = role(stack, name="floor")
    arns = [f"arn:aws:iam::aws:policy/P{number}" for number in range(11)]
    message = "profile `floor` has too many session policies; found 11; accepted: at most 10"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        AnywhereProfile(stack, "profile", name="floor", role=made, session_seconds=3600, at_most=arns)


def test_is_one_resource_with_all_its_grants(stack, resources):
    role(stack)
    assert resources() == {
        "Role0vendor": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "vendor",
                "Path": "/access/",
                "PermissionsBoundary": BOUNDARY,
                "MaxSessionDuration": 3600,
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
                            "Action": "sts:AssumeRole",
                            "Condition": {"StringEquals": {"sts:ExternalId": "acme-7f3a"}},
                        }
                    ],
                },
                "Policies": [
                    {
                        "PolicyName": "grants",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "s3:ListBucket",
                                    "Resource": "arn:aws:s3:::reports",
                                }
                            ],
                        },
                    }
                ],
            },
        }
    }


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"statements": ()}, id="no grants"),
        pytest.param({"statements": many(200)}, id="more grants than fit inline"),
        pytest.param({"session_seconds": 7200}, id="longer sessions"),
        pytest.param({"boundary_arn": None}, id="no boundary"),
        pytest.param(
            {"managed_policy_arns": ("arn:aws:iam::aws:policy/SecurityAudit",)}, id="managed policy"
        ),
        pytest.param(
            {"trust": (account_trust(partition="aws", account="333333333333", mfa_within_seconds=60),)},
            id="other trust",
        ),
    ],
)
def test_an_edit_never_replaces_it(stack, resources, edit):
    role(stack, **edit)
    created = resources()["Role0vendor"]["Properties"]
    assert (created["RoleName"], created["Path"]) == ("vendor", "/access/")
    assert "Description" not in created


def test_too_many_grants_move_into_separate_policies_in_any_order(stack, resources):
    statements = many(120)
    role(stack, "one", statements=statements)
    role(stack, "two", statements=tuple(reversed(statements)))
    template = resources()

    def shares(name):
        return [
            template[policy["Ref"]]["Properties"]["PolicyDocument"]
            for policy in template[f"Role0{name}"]["Properties"]["ManagedPolicyArns"]
        ]

    assert len(shares("one")) > 1
    assert shares("one") == shares("two")
    named = [statement["Resource"] for document in shares("one") for statement in document["Statement"]]
    granted = [each for some in named for each in ([some] if isinstance(some, str) else some)]
    assert sorted(granted) == sorted(each.resources[0] for each in statements)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"trust": ()},
            "role `vendor` trusts nobody; found no statement; accepted: at least one trust",
            id="no trust",
        ),
        pytest.param(
            {"session_seconds": 900},
            "the session duration of role `vendor` is too short or too long; found `900` seconds; accepted: 3600 to 43200",
            id="short session",
        ),
        pytest.param(
            {"name": "a b"},
            "a role's name is malformed; found `a b`; accepted: 1 to 64 letters, digits and `+=,.@_-`",
            id="name",
        ),
        pytest.param(
            {
                "trust": tuple(
                    account_trust(partition="aws", account=f"{number:012}", external_id="acme-7f3a")
                    for number in range(20)
                )
            },
            "the trust policy of role `vendor` is too long; found 3198 characters; accepted: at most 2048, "
            "so fewer trusts; use a second role for the rest",
            id="long trust",
        ),
    ],
)
def test_refuses(stack, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        role(stack, **arguments)


def test_the_same_trust_twice_counts_once(stack, resources):
    role(stack, trust=(PARTNER, PARTNER))
    assert len(resources()["Role0vendor"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]) == 1


KINDS = [
    pytest.param(
        AccountRole,
        {"partition": "aws", "account": "222222222222", "external_id": "acme-7f3a"},
        "sts:AssumeRole",
        id="account",
    ),
    pytest.param(
        GroupRole,
        {"partition": "aws", "account": "111111111111", "mfa_within_seconds": 3600},
        "sts:AssumeRole",
        id="group",
    ),
    pytest.param(
        GitHubRole,
        {"provider_arn": "arn:aws:iam::1:x", "repository": "acme/shop", "ids": (1, 2), "branch": "main"},
        "sts:AssumeRoleWithWebIdentity",
        id="github",
    ),
    pytest.param(
        OidcRole,
        {
            "provider_arn": "arn:aws:iam::1:x",
            "url": "https://gitlab.com",
            "audience": "https://gitlab.com",
            "subject": "project_path:acme/shop:ref_type:branch:ref:main",
        },
        "sts:AssumeRoleWithWebIdentity",
        id="oidc",
    ),
    pytest.param(
        SamlRole,
        {"provider_arn": "arn:aws:iam::1:x", "partition": "aws", "region": "eu-central-1", "console": True},
        "sts:AssumeRoleWithSAML",
        id="saml",
    ),
    pytest.param(
        ServiceRole,
        {"service": "codebuild", "partition": "aws", "region": "eu-central-1", "account": "111111111111"},
        "sts:AssumeRole",
        id="service",
    ),
]


@pytest.mark.parametrize(("kind", "arguments", "action"), KINDS)
def test_each_kind_is_an_access_role_with_its_trust(stack, resources, kind, arguments, action):
    made = kind(stack, "role", name="some", tags={"team": "core"}, **COMMON, **arguments)
    properties = resources()["Role0some"]["Properties"]
    assert properties["Tags"] == [{"Key": "team", "Value": "core"}]
    assert isinstance(made, AccessRole)
    assert properties["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == action
    assert properties["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert properties["PermissionsBoundary"] == BOUNDARY


@pytest.mark.parametrize(("kind", "arguments", "action"), KINDS)
def test_unknown_and_missing_arguments_fail_at_the_call(stack, kind, arguments, action):
    common = {"name": "some", **COMMON, **arguments}
    with pytest.raises(TypeError, match="'nmae'"):
        kind(stack, "role", nmae="some", **common)
    for missing in ("name", *COMMON):
        with pytest.raises(TypeError, match=f"'{missing}'"):
            kind(stack, f"role-{missing}", **{key: each for key, each in common.items() if key != missing})


def test_a_group_names_the_role_literally(stack):
    made = GroupRole(
        stack,
        "role",
        name="operate",
        **COMMON,
        partition="aws",
        account="111111111111",
        mfa_within_seconds=900,
    )
    expected = role_arn(partition="aws", account="111111111111", path="/access/", name="operate")
    assert made.assume_statement().resources == (expected,)
    assert expected == "arn:aws:iam::111111111111:role/access/operate"


ANCHOR = "arn:aws:rolesanywhere:eu-central-1:111111111111:trust-anchor/1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"


def test_requires_a_certificate_by_anchor_and_name():
    trust = anywhere_trust(trust_anchor_arn=ANCHOR, common_name="floor-7").to_json()
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "rolesanywhere.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": ANCHOR},
            "StringEquals": {"aws:PrincipalTag/x509Subject/CN": "floor-7"},
        },
    }


@pytest.mark.parametrize(
    ("anchor", "name", "found"),
    [
        pytest.param(ANCHOR.replace("1f0c", "*"), "floor-7", "*", id="any anchor"),
        pytest.param(ANCHOR, "floor-*", "`floor-*`", id="any certificate"),
        pytest.param(ANCHOR, "", "``", id="no name"),
    ],
)
def test_refuses_a_trust_in_any_certificate(anchor, name, found):
    with pytest.raises(ValueError, match=re.escape(found)):
        anywhere_trust(trust_anchor_arn=anchor, common_name=name)


def test_a_profile_has_only_its_role(stack, resources):
    made = role(
        stack, name="floor.7", trust=(anywhere_trust(trust_anchor_arn=ANCHOR, common_name="floor-7"),)
    )
    AnywhereProfile(stack, "profile", name="floor.7", role=made, session_seconds=7200)
    assert resources()["AnywhereProfile0floorX2e7"]["Properties"] == {
        "Name": "floor-7",
        "RoleArns": [{"Fn::GetAtt": ["Role0floorX2e7", "Arn"]}],
        "Enabled": True,
        "DurationSeconds": 7200,
    }


def test_a_role_for_a_service_needs_no_other_resource(stack, resources):
    ServiceRole(
        stack,
        "role",
        name="build",
        service="codebuild",
        resources={"project": "build"},
        partition="aws",
        region="eu-central-1",
        account="111111111111",
        **COMMON,
    )
    (statement,) = resources()["Role0build"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    expected = service_trust(
        service="codebuild",
        partition="aws",
        region="eu-central-1",
        account="111111111111",
        resources={"project": "build"},
    )
    assert statement == expected.to_json()
