"""Each rule's whole message, once; and how many rules there are."""

from pathlib import Path

import pytest

from keywright.guardrails.pages import Page
from keywright.guardrails.rule import all_rules
from tests.unit.guardrails.builders import as_resources, findings

MESSAGES = {
    "INS001": "1:16: INS001 `Server` hands out credentials without a session (IMDSv1); found no `HttpTokens`; "
    "accepted: `MetadataOptions` with `HttpTokens: required`",
    "LIF001": "1:16: LIF001 role `Worker` has no permissions boundary; found no `PermissionsBoundary`; "
    "accepted: `PermissionsBoundary` with the ARN of a managed policy",
    "LIF002": "1:216: LIF002 user `alice` is put into group `readers` by two resources; found `Alice` and `Addition`; "
    "accepted: `Groups` and `Policies` of the identity itself",
    "LIF003": "1:16: LIF003 `Reports` and its data go with its stack; found no `UpdateReplacePolicy`; "
    "accepted: `Retain` for both",
    "POL001": "1:329: POL001 policy `grants` allows all but a few; found NotAction `iam:*`; "
    "accepted: `Action` and `Resource` with what is needed",
    "POL002": "1:329: POL002 policy `grants` allows everything; found Action `*`; "
    "accepted: the actions and resources that are needed",
    "POL003": "1:329: POL003 policy `grants` lets any role be passed to any service; found Resource `*`; "
    "accepted: the roles' ARNs, or a condition on `iam:PassedToService`",
    "POL004": "1:407: POL004 policy `grants` has a condition that an absent key passes; "
    'found `ForAllValues:StringEquals` on `aws:TagKeys`; accepted: `Null` with `aws:TagKeys` "false" beside it',
    "TRU001": "1:177: TRU001 role `reader` trusts everyone; found `*`; "
    "accepted: accounts, roles or services by name, or a condition on `aws:PrincipalOrgID`",
    "TRU002": "1:144: TRU002 role `reader` trusts another account without proof; found account `222222222222`; "
    "accepted: a condition on `sts:ExternalId` for software, `Bool` on `aws:MultiFactorAuthPresent` for people, "
    "or `aws:PrincipalOrgID`",
    "TRU003": "1:144: TRU003 role `reader` takes tokens made for any audience; "
    "found no test of the audience of `token.actions.githubusercontent.com`; "
    "accepted: StringEquals on `token.actions.githubusercontent.com:aud`",
    "TRU004": "1:144: TRU004 role `reader` trusts every subject of its issuer; "
    "found no test of the subject of `token.actions.githubusercontent.com`; "
    "accepted: StringEquals on `token.actions.githubusercontent.com:sub`, such as `repo:acme/web:ref:refs/heads/main`",
    "TRU005": "1:144: TRU005 role `reader` trusts more than one project of its issuer; found `repo:acme/*`; "
    "accepted: a subject that names one project, such as `repo:acme/web:environment:production`",
    "TRU006": "1:144: TRU006 role `reader` takes assertions made for any audience; found no test of `SAML:aud`; "
    "accepted: StringEquals on `SAML:aud`, such as `https://signin.aws.amazon.com/saml`",
    "TRU007": "1:144: TRU007 role `reader` lets people in without MFA; "
    "found `arn:aws:iam::111111111111:user/access/alice`; accepted: `Bool` on `aws:MultiFactorAuthPresent`",
    "TRU008": "1:144: TRU008 role `reader` trusts everyone but a few; "
    "found NotPrincipal `AWS: arn:aws:iam::111111111111:user/mallory`; accepted: `Principal` with those who may come in",
    "TRU009": "1:144: TRU009 role `reader` trusts every branch of a repository; found `repo:acme/web:*`; "
    "accepted: `environment:…`, `ref:refs/heads/…`, `ref:refs/tags/…` or `pull_request` after the repository",
    "TRU010": "1:177: TRU010 role `reader` trusts one identity, and no other of that name; "
    "found `arn:aws:iam::111111111111:role/ci`; "
    "accepted: the account's root with `ArnEquals` on `aws:PrincipalArn`",
    "USR001": "1:88: USR001 user `alice` may get its first password again at an update; found `LoginProfile`; "
    "accepted: a login that is made once, apart from the user",
    "USR002": "1:16: USR002 user `alice` is not held by a second factor; "
    "found no Deny without `aws:MultiFactorAuthPresent`; "
    "accepted: a group that denies all but enrolling while BoolIfExists `aws:MultiFactorAuthPresent` is false",
    "USR003": "1:173: USR003 the secret of an access key is written in the open; found `SecretAccessKey`; "
    "accepted: `SecretString` of an AWS::SecretsManager::Secret",
    "USR004": "1:16: USR004 user `alice` signs in and has an access key; found `Key`; "
    "accepted: `aws login`, or a role to assume; an application of its own for software",
    "USR005": "1:194: USR005 user `scanner` has 2 active access keys; found `First`, `Second`; "
    "accepted: one `Active`, the other `Inactive` until it goes",
}


@pytest.mark.parametrize("code", [*all_rules()])
def test_says_what_where_and_a_way_on(tmp_path: Path, code: str) -> None:
    rule = all_rules()[code]
    (finding,) = findings(tmp_path, code, as_resources(rule, Page(rule).examples("Refused")[0]))
    assert str(finding) == f"{tmp_path}/cdk.out/stack.template.json:{MESSAGES[code]}"


def test_no_rule_is_missing() -> None:
    assert list(all_rules()) == list(MESSAGES)
