"""Rules on trust policies: equivalent spellings, and conditions that only look like a restriction."""

from pathlib import Path
from typing import Any

import pytest

from keywright.reporting.finding import Outcome
from tests.unit.guardrails.builders import findings, role

OWN = "arn:aws:iam::111111111111:root"
OTHER = "arn:aws:iam::222222222222:root"
GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-central-1.amazonaws.com/id/ABC"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def trust(
    principal: Any, condition: Any = None, action: Any = "sts:AssumeRole", effect: Any = "Allow"
) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": action}
    return statement if condition is None else {**statement, "Condition": condition}


def web(issuer: Any, **condition: Any) -> dict[str, Any]:
    provider = f"arn:aws:iam::111111111111:oidc-provider/{issuer}" if isinstance(issuer, str) else issuer
    return trust({"Federated": provider}, condition or None, "sts:AssumeRoleWithWebIdentity")


def github(subject: Any, operator: str = "StringLike", **condition: Any) -> dict[str, Any]:
    return web(
        GITHUB,
        **{"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, operator: {f"{GITHUB}:sub": subject}},
        **condition,
    )


SECTIONS = {
    "Parameters": {
        "Star": {"Type": "String", "Default": "*"},
        "Given": {"Type": "String"},
        "Many": {"Type": "CommaDelimitedList", "Default": f"{OWN},*"},
    },
    "Conditions": {
        "IsOpen": {"Fn::Equals": [{"Ref": "Given"}, "yes"]},
        "Never": {"Fn::Equals": [{"Ref": "AWS::Region"}, "mars-1"]},
    },
    "Mappings": {"Who": {"eu-central-1": {"may": "*"}}},
}


def codes(folder: Path, code: str, statement: Any) -> list[tuple[str, Outcome]]:
    resources = {"Reader": role(statement), "Other": {"Type": "AWS::IAM::Role", "Properties": {}}}
    return [(each.rule, each.outcome) for each in findings(folder, code, resources, **SECTIONS)]


REFUSED = {
    "TRU001": {
        "everyone": trust("*"),
        "everyone, as an account": trust({"AWS": "*"}),
        "principal type in lower case": trust({"aws": "*"}),
        "everyone beside one principal": trust({"AWS": [OWN, "*"]}),
        "any account's root": trust({"AWS": "arn:aws:iam::*:root"}),
        "one character left open": trust({"AWS": "arn:aws:iam::11111111111?:root"}),
        "every provider": web("*"),
        "action by wildcard": trust("*", action="sts:*"),
        "action in another case": trust("*", action="STS:assumerole"),
        "action by exclusion": {"Effect": "Allow", "Principal": "*", "NotAction": "sts:TagSession"},
        "effect in another case": trust("*", effect="allow"),
        "element in another case": {"effect": "Allow", "principal": "*", "action": "sts:AssumeRole"},
        "one statement without a list": trust("*"),
        "behind a strict statement": [trust(OWN, MFA), trust("*")],
        "by a Join": trust({"AWS": {"Fn::Join": ["", ["", "*"]]}}),
        "by a Sub": trust({"AWS": {"Fn::Sub": "${Star}"}}),
        "by a default": trust({"AWS": {"Ref": "Star"}}),
        "by a default within an ARN": trust({"AWS": {"Fn::Sub": "arn:aws:iam::${Star}:root"}}),
        "by a list's default": trust({"AWS": {"Ref": "Many"}}),
        "by a mapping": trust({"AWS": {"Fn::FindInMap": ["Who", {"Ref": "AWS::Region"}, "may"]}}),
        "by one branch": trust({"AWS": {"Fn::If": ["IsOpen", "*", OWN]}}),
        "by a whole statement in one branch": [
            trust(OWN),
            {"Fn::If": ["IsOpen", trust("*"), {"Ref": "AWS::NoValue"}]},
        ],
        "by a whole document in one branch": {"Fn::If": ["IsOpen", [trust("*")], []]},
        "organization if it exists": trust("*", {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
        "any organization": trust("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        "not an organization": trust("*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
        "organization is present": trust("*", {"Null": {"aws:PrincipalOrgID": "false"}}),
        "organization if it exists, which it never does": trust(
            "*",
            {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Null": {"aws:PrincipalOrgID": "true"}},
        ),
        "all of no organization's paths": trust(
            "*", {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}
        ),
        "a role's name in any account": trust(
            "*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}
        ),
        "external ID": trust("*", {"StringEquals": {"sts:ExternalId": "abc"}}),
        "network": trust("*", {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        "unknown operator": trust("*", {"StringIs": {"aws:PrincipalOrgID": "o-1"}}),
    },
    "TRU002": {
        "root": trust({"AWS": OTHER}),
        "number": trust({"AWS": "222222222222"}),
        "role": trust({"AWS": "arn:aws:iam::222222222222:role/ci"}),
        "session": trust({"AWS": "arn:aws:sts::222222222222:assumed-role/ci/x"}),
        "among own": trust({"AWS": [OWN, OTHER]}),
        "another partition": trust({"AWS": "arn:aws-cn:iam::222222222222:root"}),
        "external ID only if sent": trust({"AWS": OTHER}, {"StringEqualsIfExists": {"sts:ExternalId": "x"}}),
        "any external ID": trust({"AWS": OTHER}, {"StringLike": {"sts:ExternalId": "*"}}),
        "not an external ID": trust({"AWS": OTHER}, {"StringNotEquals": {"sts:ExternalId": "x"}}),
        "MFA only if known": trust({"AWS": OTHER}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
        "no MFA": trust({"AWS": OTHER}, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        "MFA long ago": trust({"AWS": OTHER}, {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "1"}}),
        "MFA is known": trust({"AWS": OTHER}, {"Null": {"aws:MultiFactorAuthPresent": "false"}}),
        "second statement": [trust({"AWS": OTHER}, MFA), trust({"AWS": OTHER})],
        "account of a parameter": trust({"AWS": {"Fn::Sub": "arn:aws:iam::${Given}:root"}}),
        "everyone of another account": trust("*", {"StringEquals": {"aws:PrincipalAccount": "222222222222"}}),
    },
    "TRU003": {
        "subject alone": web(GITHUB, StringEquals={f"{GITHUB}:sub": "repo:acme/web:environment:p"}),
        "any audience": web(GITHUB, StringLike={f"{GITHUB}:aud": "*"}),
        "any audience in other signs": web(GITHUB, StringLike={f"{GITHUB}:aud": "?*"}),
        "not an audience": web(GITHUB, StringNotEquals={f"{GITHUB}:aud": "evil"}),
        "audience of another issuer": web(GITHUB, StringEquals={"gitlab.com:aud": "x"}),
        "nothing": web(GITHUB),
        "provider named by an attribute": web({"Fn::GetAtt": ["Nobody", "Arn"]}),
    },
    "TRU004": {
        "audience alone": web(GITHUB, StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com"}),
        "subject only negated": web(GITHUB, StringNotLike={f"{GITHUB}:sub": "repo:evil/*"}),
        "subject if it exists": web(GITHUB, StringEqualsIfExists={f"{GITHUB}:sub": "repo:acme/web:x"}),
        "subject of another issuer": web(GITHUB, StringEquals={"gitlab.com:sub": "x"}),
        "second statement": [github("repo:acme/web:environment:p"), web(GITHUB)],
        "action by wildcard": {**web(GITHUB), "Action": "sts:AssumeRoleWith*"},
        "EKS": web(EKS, StringEquals={f"{EKS}:aud": "sts.amazonaws.com"}),
    },
    "TRU005": {
        "everything": github("*"),
        "every repository": github("repo:*"),
        "every repository of an owner": github("repo:acme/*"),
        "every owner with a prefix": github("repo:acme*"),
        "every repository with a prefix": github("repo:acme/web*"),
        "branch of any repository": github("repo:*:ref:refs/heads/main"),
        "one character left open": github("repo:acm?/web:ref:refs/heads/main"),
        "prefix left open": github("?epo:acme/web:*"),
        "one wide among narrow": github(["repo:acme/web:ref:refs/heads/main", "repo:acme/*"]),
        "any pipeline of Buildkite": web(
            "agent.buildkite.com",
            StringLike={
                "agent.buildkite.com:sub": "organization:acme:pipeline:*:ref:refs/heads/main:commit:*"
            },
        ),
        "any project of CircleCI": web(
            "oidc.circleci.com/org/a", StringLike={"oidc.circleci.com/org/a:sub": "org/a/project/*"}
        ),
        "any repository of Bitbucket": web(
            "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
            StringLike={
                "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc:sub": "{*}:{b}:*"
            },
        ),
        "numbers left open": github("repo:acme@*/web@*:environment:p"),
        "names left open before numbers": github("repo:*@1234/*@5678:environment:p"),
        "Arn operator": github("repo:acme/*", "ArnLike"),
        "all of no values": github("repo:acme/*", "ForAnyValue:StringLike"),
        "default": github({"Fn::Sub": "repo:acme/${Star}"}),
        "GitLab": web(
            "gitlab.com", StringLike={"gitlab.com:sub": "project_path:acme/*:ref_type:branch:ref:main"}
        ),
        "Terraform, any workspace": web(
            "app.terraform.io",
            StringLike={"app.terraform.io:sub": "organization:acme:project:p:workspace:*:run_phase:*"},
        ),
        "EKS, any namespace": web(EKS, StringLike={f"{EKS}:sub": "system:serviceaccount:*:reader"}),
        "EKS, any account of a namespace": web(
            EKS, StringLike={f"{EKS}:sub": "system:serviceaccount:apps:*"}
        ),
        "another issuer": web("idp.example.com", StringLike={"idp.example.com:sub": "*"}),
    },
    "TRU006": {
        "nothing": trust({"Federated": "arn:aws:iam::1:saml-provider/okta"}, None, "sts:AssumeRoleWithSAML"),
        "issuer alone": trust(
            {"Federated": "arn:aws:iam::1:saml-provider/okta"},
            {"StringEquals": {"SAML:iss": "x"}},
            ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        ),
        "any audience": trust(
            {"Federated": "arn:aws:iam::1:saml-provider/okta"},
            {"StringLike": {"SAML:aud": "*"}},
            "sts:AssumeRoleWithSAML",
        ),
    },
    "TRU007": {
        "user": trust({"AWS": "arn:aws:iam::111111111111:user/alice"}),
        "user beside root": trust({"AWS": [OWN, "arn:aws:iam::111111111111:user/alice"]}),
        "users by path": trust(
            {"AWS": OWN}, {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/a/*"}}
        ),
        "age only if known": trust(
            {"AWS": OWN}, {"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
        ),
        "key in another case": trust({"AWS": OWN}, {"BoolIfExists": {"AWS:multifactorauthpresent": "true"}}),
    },
    "TRU008": {"Allow": {"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "sts:AssumeRole"}},
    "TRU010": {
        "user": trust({"AWS": "arn:aws:iam::111111111111:user/a/alice"}),
        "session": trust({"AWS": "arn:aws:sts::111111111111:assumed-role/ci/x"}),
        "role of the template": trust({"AWS": {"Fn::GetAtt": ["Other", "Arn"]}}),
    },
    "TRU009": {
        "anything of a repository": github("repo:acme/web:*"),
        "any ref": github("repo:acme/web:ref:*"),
        "with numbers": github("repo:acme@1/web@2:*"),
    },
}

ACCEPTED = {
    "TRU001": {
        "own account": trust({"AWS": OWN}),
        "service": trust({"Service": "ec2.amazonaws.com"}),
        "role whose name is generated": trust({"AWS": {"Fn::GetAtt": ["Other", "Arn"]}}),
        "Deny": trust("*", effect="Deny"),
        "no principal": trust("*", action="sts:TagSession"),
        "organization": trust("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        "part of an organization": trust(
            "*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}
        ),
        "account": trust("*", {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}),
        "role of one account": trust(
            "*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/ci*"}}
        ),
        "organization if it exists, and it is present": trust(
            "*",
            {
                "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                "Null": {"aws:principalorgid": "false"},
            },
        ),
        "branch whose condition is false": trust({"AWS": {"Fn::If": ["Never", "*", OWN]}}),
    },
    "TRU002": {
        "own root": trust({"AWS": OWN}),
        "own by pseudo parameter": trust(
            {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
        ),
        "own by number": trust({"AWS": {"Ref": "AWS::AccountId"}}),
        "external ID": trust({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "x"}}),
        "external ID by a list": trust({"AWS": OTHER}, {"StringLike": {"sts:externalid": ["x-*", "y"]}}),
        "external ID given at deployment": trust(
            {"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": {"Ref": "Given"}}}
        ),
        "MFA": trust({"AWS": OTHER}, MFA),
        "MFA as a boolean": trust({"AWS": OTHER}, {"Bool": {"aws:MultiFactorAuthPresent": True}}),
        "MFA lately": trust({"AWS": OTHER}, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}),
        "organization": trust({"AWS": OTHER}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        "service": trust({"Service": "ec2.amazonaws.com"}),
        "federated": github("repo:acme/web:environment:p"),
    },
    "TRU003": {
        "audience": web(GITHUB, StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com"}),
        "audience in another case": web(GITHUB, StringEquals={f"{GITHUB.upper()}:AUD": "sts.amazonaws.com"}),
        "Cognito": trust(
            {"Federated": "cognito-identity.amazonaws.com"},
            {"StringEquals": {"cognito-identity.amazonaws.com:aud": "pool"}},
            "sts:AssumeRoleWithWebIdentity",
        ),
        "SAML": trust({"Federated": "arn:aws:iam::1:saml-provider/okta"}, None, "sts:AssumeRoleWithSAML"),
    },
    "TRU004": {
        "subject": github("repo:acme/web:environment:p", "StringEquals"),
        "wide subject, which another rule reports": github("repo:*"),
        "Cognito": trust(
            {"Federated": "cognito-identity.amazonaws.com"},
            {"StringEquals": {"cognito-identity.amazonaws.com:aud": "pool"}},
            "sts:AssumeRoleWithWebIdentity",
        ),
    },
    "TRU005": {
        "environment": github("repo:acme/web:environment:production"),
        "tags": github("repo:acme/web:ref:refs/tags/v*"),
        "anything of one repository": github("repo:acme/web:*"),
        "numbers": github("repo:acme@1234/web@5678:environment:production"),
        "literal wildcard": github("repo:acme/*", "StringEquals"),
        "wide, narrowed by another test": web(
            GITHUB,
            StringLike={f"{GITHUB}:sub": "repo:acme/*"},
            StringEquals={f"{GITHUB}:sub": "repo:acme/web:environment:p"},
        ),
        "Buildkite": web(
            "agent.buildkite.com",
            StringLike={
                "agent.buildkite.com:sub": "organization:acme:pipeline:web:ref:refs/heads/main:commit:*"
            },
        ),
        "CircleCI": web(
            "oidc.circleci.com/org/a", StringLike={"oidc.circleci.com/org/a:sub": "org/a/project/b/user/*"}
        ),
        "Bitbucket": web(
            "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
            StringLike={
                "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc:sub": "{a}:{b}:*"
            },
        ),
        "GitLab": web(
            "gitlab.com", StringLike={"gitlab.com:sub": "project_path:acme/web:ref_type:branch:ref:*"}
        ),
        "Terraform": web(
            "app.terraform.io",
            StringLike={"app.terraform.io:sub": "organization:acme:project:p:workspace:w:run_phase:*"},
        ),
        "EKS": web(EKS, StringEquals={f"{EKS}:sub": "system:serviceaccount:apps:reader"}),
    },
    "TRU006": {
        "audience": trust(
            {"Federated": "arn:aws:iam::1:saml-provider/okta"},
            {"StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml"}},
            "sts:AssumeRoleWithSAML",
        ),
        "regional audiences": trust(
            {"Federated": "arn:aws:iam::1:saml-provider/okta"},
            {"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}},
            "sts:AssumeRoleWithSAML",
        ),
        "no SAML": trust({"AWS": OWN}),
    },
    "TRU007": {
        "delegation to the own account": trust({"AWS": OWN}),
        "user with MFA": trust({"AWS": "arn:aws:iam::111111111111:user/alice"}, MFA),
        "role": trust({"AWS": "arn:aws:iam::111111111111:role/ci"}),
        "lenient in a Deny": trust(
            {"AWS": OWN}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, effect="Deny"
        ),
        "lenient beside strict": trust(
            {"AWS": OWN}, {**MFA, "NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "1"}}
        ),
    },
    "TRU008": {
        "Deny": {"Effect": "Deny", "NotPrincipal": {"AWS": OWN}, "Action": "sts:AssumeRole"},
        "named": trust({"AWS": OWN}),
    },
    "TRU010": {
        "root": trust({"AWS": OWN}),
        "number": trust({"AWS": "222222222222"}),
        "Deny": trust({"AWS": "arn:aws:iam::111111111111:role/ci"}, effect="Deny"),
    },
    "TRU009": {
        "branch": github("repo:acme/web:ref:refs/heads/main"),
        "branches": github("repo:acme/web:ref:refs/heads/release-*"),
        "pull requests": github("repo:acme/web:pull_request"),
        "wider, which another rule reports": github("repo:acme/*"),
    },
}

UNDECIDED = {
    "TRU001": {
        "principal without default": trust({"AWS": {"Ref": "Given"}}),
        "all principals": trust({"Ref": "Given"}),
        "principal of a custom resource": trust({"AWS": {"Fn::GetAtt": ["Nobody", "Who"]}}),
        "dynamic reference": trust({"AWS": "{{resolve:ssm:/who}}"}),
        "export of another app": trust({"AWS": {"Fn::ImportValue": "who"}}),
        "conditions as a whole": trust("*", {"StringEquals": {"Fn::GetAtt": ["Nobody", "Map"]}}),
        "effect": trust("*", effect={"Ref": "Given"}),
        "action": trust("*", action={"Ref": "Given"}),
    },
    "TRU002": {
        "import of an account": trust(
            {"AWS": {"Fn::Sub": ["arn:aws:iam::${Of}:root", {"Of": {"Fn::ImportValue": "given"}}]}}
        ),
        "value of MFA": trust({"AWS": OTHER}, {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Given"}}}),
        "pattern of an external ID": trust(
            {"AWS": OTHER}, {"StringLike": {"sts:ExternalId": {"Ref": "Given"}}}
        ),
    },
    "TRU004": {"conditions as a whole": web(GITHUB, StringEquals={"Fn::GetAtt": ["Nobody", "Map"]})},
    "TRU005": {
        "owner without default": github({"Fn::Sub": "repo:${Given}/web:environment:p"}),
        "issuer with unknown subjects": web(
            "idp.example.com", StringLike={"idp.example.com:sub": "team/a/*"}
        ),
    },
}


def table(cases: dict[str, dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(code, statement, id=f"{code}-{name}")
        for code, named in cases.items()
        for name, statement in named.items()
    ]


@pytest.mark.parametrize(("code", "statement"), table(REFUSED))
def test_refuses(tmp_path: Path, code: str, statement: Any) -> None:
    assert set(codes(tmp_path, code, statement)) == {(code, Outcome.FAULT)}


@pytest.mark.parametrize(("code", "statement"), table(ACCEPTED))
def test_accepts(tmp_path: Path, code: str, statement: Any) -> None:
    assert codes(tmp_path, code, statement) == []


@pytest.mark.parametrize(("code", "statement"), table(UNDECIDED))
def test_is_undecided(tmp_path: Path, code: str, statement: Any) -> None:
    assert set(codes(tmp_path, code, statement)) == {(code, Outcome.UNDECIDED)}


def test_a_document_known_only_at_deployment_is_undecided(tmp_path: Path) -> None:
    resources = {"Reader": role(AssumeRolePolicyDocument={"Fn::GetAtt": ["Nobody", "Document"]})}
    (finding,) = findings(tmp_path, "TRU001", resources)
    assert finding.outcome is Outcome.UNDECIDED
    assert finding.message == (
        "cannot tell what the policy `AssumeRolePolicyDocument` allows: an attribute is known only at deployment"
    )
