"""A Deny beside an Allow in a trust policy: an Allow that it surely covers passes, one that it may cover is undecided."""

from pathlib import Path
from typing import Any

import pytest

from keywright.reporting.finding import Outcome
from tests.unit.guardrails.builders import findings, role

OWN = "arn:aws:iam::111111111111:root"
OTHER = "arn:aws:iam::222222222222:root"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{GITHUB}"}
WEB = "sts:AssumeRoleWithWebIdentity"
ORGANIZATION = {"aws:PrincipalOrgID": "o-1"}
MFA = "aws:MultiFactorAuthPresent"
PASSED, COVERED, UNSURE = [Outcome.FAULT], list[Outcome](), [Outcome.UNDECIDED]


def allow(principal: Any, condition: Any = None, action: Any = "sts:AssumeRole") -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found if condition is None else {**found, "Condition": condition}


def deny(
    condition: Any = None, principal: Any = "*", action: Any = "sts:*", **elements: Any
) -> dict[str, Any]:
    found = {"Effect": "Deny", "Principal": principal, "Action": action, **elements}
    return found if condition is None else {**found, "Condition": condition}


def github(condition: Any) -> dict[str, Any]:
    return allow(PROVIDER, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, **condition}, WEB)


ANYONE, PARTNER = allow("*"), allow({"AWS": OTHER})
PEOPLE = allow({"AWS": "arn:aws:iam::111111111111:user/alice"})
CASES = {
    "TRU001": [
        ("outside of the organization", COVERED, ANYONE, [deny({"StringNotEquals": ORGANIZATION})]),
        ("if exists changes nothing", COVERED, ANYONE, [deny({"StringNotEqualsIfExists": ORGANIZATION})]),
        ("outside of an account", COVERED, ANYONE, [deny({"StringNotLike": {"aws:PrincipalAccount": "1"}})]),
        (
            "outside of the organization, AWS's services excepted",
            COVERED,
            ANYONE,
            [
                deny(
                    {
                        "StringNotEqualsIfExists": ORGANIZATION,
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    }
                )
            ],
        ),
        (
            "all but some",
            COVERED,
            ANYONE,
            [{"Effect": "Deny", "NotPrincipal": {"AWS": [OWN]}, "Action": "sts:AssumeRole"}],
        ),
        ("without any condition", COVERED, ANYONE, [deny()]),
        (
            "in another statement order",
            COVERED,
            allow({"AWS": "*"}),
            [deny({"StringNotEquals": ORGANIZATION})],
        ),
        ("inside of the organization", PASSED, ANYONE, [deny({"StringEquals": ORGANIZATION})]),
        ("any organization", PASSED, ANYONE, [deny({"StringNotLike": {"aws:PrincipalOrgID": "*"}})]),
        ("of no organization", PASSED, ANYONE, [deny({"Null": {"aws:PrincipalOrgID": "true"}})]),
        (
            "of another action",
            PASSED,
            ANYONE,
            [deny({"StringNotEquals": ORGANIZATION}, action="sts:TagSession")],
        ),
        ("of one principal", PASSED, ANYONE, [deny({"StringNotEquals": ORGANIZATION}, {"AWS": OTHER})]),
        ("an Allow beside", PASSED, ANYONE, [{**deny({"StringNotEquals": ORGANIZATION}), "Effect": "Allow"}]),
        (
            "when the network is another one, too",
            UNSURE,
            ANYONE,
            [deny({"StringNotEquals": ORGANIZATION, "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
        ),
        (
            "under a condition of the template",
            UNSURE,
            ANYONE,
            [{"Fn::If": ["C", deny({"StringNotEquals": ORGANIZATION}), {"Ref": "AWS::NoValue"}]}],
        ),
        ("effect known only at deployment", UNSURE, ANYONE, [{**deny(), "Effect": {"Ref": "Given"}}]),
        (
            "conditions known only at deployment",
            UNSURE,
            ANYONE,
            [deny({"StringEquals": {"Fn::GetAtt": ["N", "M"]}})],
        ),
        (
            "action known only at deployment",
            UNSURE,
            ANYONE,
            [deny({"StringNotEquals": ORGANIZATION}, action={"Ref": "Given"})],
        ),
    ],
    "TRU002": [
        ("without external ID", COVERED, PARTNER, [deny({"StringNotEquals": {"sts:ExternalId": "a"}})]),
        ("without MFA", COVERED, PARTNER, [deny({"BoolIfExists": {MFA: "false"}})]),
        (
            "without MFA, in two parts",
            COVERED,
            PARTNER,
            [deny({"Bool": {MFA: "false"}}), deny({"Null": {MFA: "true"}})],
        ),
        (
            "MFA too long ago",
            COVERED,
            PARTNER,
            [deny({"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "1"}})],
        ),
        ("by its account", COVERED, PARTNER, [deny(principal={"AWS": OTHER})]),
        ("by its number", COVERED, PARTNER, [deny(principal={"AWS": "222222222222"})]),
        ("all but the own account", COVERED, PARTNER, [deny(principal=[], NotPrincipal={"AWS": OWN})]),
        ("false where it is known", PASSED, PARTNER, [deny({"Bool": {MFA: "false"}})]),
        ("no external ID at all", PASSED, PARTNER, [deny({"Null": {"sts:ExternalId": "true"}})]),
        (
            "MFA too long ago where known",
            PASSED,
            PARTNER,
            [deny({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "1"}})],
        ),
        ("by another account", PASSED, PARTNER, [deny(principal={"AWS": OWN})]),
        ("by one of its users", PASSED, PARTNER, [deny(principal={"AWS": f"{OTHER[:-4]}user/eve"})]),
        ("all but it", PASSED, PARTNER, [deny(principal=[], NotPrincipal={"AWS": OTHER})]),
        (
            "by a principal known only at deployment",
            UNSURE,
            PARTNER,
            [deny(principal={"AWS": {"Ref": "Given"}})],
        ),
        (
            "without MFA and from elsewhere",
            UNSURE,
            PARTNER,
            [deny({"BoolIfExists": {MFA: "false"}, "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
        ),
    ],
    "TRU004": [
        (
            "another subject",
            COVERED,
            github({}),
            [deny({"StringNotEquals": {f"{GITHUB}:sub": "repo:a/b:environment:p"}})],
        ),
        (
            "any of several",
            COVERED,
            github({}),
            [deny({"ForAllValues:StringNotLike": {f"{GITHUB}:sub": "repo:a/b:*"}})],
        ),
        (
            "every of several",
            PASSED,
            github({}),
            [deny({"ForAnyValue:StringNotLike": {f"{GITHUB}:sub": "repo:a/b:*"}})],
        ),
        ("one repository", PASSED, github({}), [deny({"StringLike": {f"{GITHUB}:sub": "repo:evil/*"}})]),
    ],
    "TRU005": [
        (
            "another repository",
            COVERED,
            github({"StringLike": {f"{GITHUB}:sub": "repo:acme/*"}}),
            [deny({"StringNotLike": {f"{GITHUB}:sub": "repo:acme/web:*"}})],
        ),
        (
            "another repository, from elsewhere",
            UNSURE,
            github({"StringLike": {f"{GITHUB}:sub": "repo:acme/*"}}),
            [deny({"StringNotLike": {f"{GITHUB}:sub": "repo:acme/web:*"}, "Bool": {"aws:x": "true"}})],
        ),
        (
            "as wide",
            PASSED,
            github({"StringLike": {f"{GITHUB}:sub": "repo:acme/*"}}),
            [deny({"StringNotLike": {f"{GITHUB}:sub": "repo:acme/w*"}})],
        ),
    ],
    "TRU007": [
        ("without MFA", COVERED, PEOPLE, [deny({"BoolIfExists": {MFA: "false"}})]),
        ("without MFA where known", PASSED, PEOPLE, [deny({"Bool": {MFA: "false"}})]),
    ],
}
SECTIONS = {
    "Parameters": {"Given": {"Type": "String"}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Given"}, "yes"]}},
}


@pytest.mark.parametrize(
    ("code", "statements", "outcomes"),
    [
        pytest.param(code, [allowed, *denials], outcomes, id=f"{code}-{name}")
        for code, cases in CASES.items()
        for name, outcomes, allowed, denials in cases
    ],
)
@pytest.mark.parametrize("turned", [False, True], ids=["allow first", "deny first"])
def test_considers_a_denial(
    tmp_path: Path, code: str, statements: list[Any], outcomes: list[Outcome], turned: bool
) -> None:
    written = statements[::-1] if turned else statements
    found = findings(tmp_path, code, {"Reader": role(written)}, **SECTIONS)
    assert {each.outcome for each in found if each.rule == code} == set(outcomes)
