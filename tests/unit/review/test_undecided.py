"""What is known only at deployment is undecided and listed, never counted as a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import (
    OBJECTS,
    allow,
    deny,
    document,
    resource,
    reviewed,
    role,
    trust,
    user,
)

if TYPE_CHECKING:
    from pathlib import Path

READ = allow("s3:GetObject", OBJECTS)
OPEN = {"Parameters": {"Anything": {"Type": "String"}}}
SWITCH = {
    "Parameters": {"Stage": {"Type": "String"}},
    "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
}
OTHER_SWITCH = SWITCH | {"Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "test"]}}}
PARAMETER = allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Anything}/*"})
IF = allow("s3:GetObject", {"Fn::If": ["Live", "arn:aws:s3:::live/*", "arn:aws:s3:::test/*"]})


TEAM_A, TEAM_B = ([{"Key": "team", "Value": each}] for each in ("a", "b"))


def alice(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Alice": user(*statements, **properties)}


def custom(value: str) -> dict[str, Any]:
    return {"Custom": resource("X::Y", Value=value) | {"Type": "Custom::Anything"}}


FROM_CUSTOM = allow("s3:GetObject", {"Fn::GetAtt": ["Custom", "Somewhere"]})
STARTS = {"Fn::Select": ["0", {"Fn::Cidr": ["10.0.0.0/16", "1", "8"]}]}
ENDS = {"Fn::Select": ["0", {"Fn::Cidr": ["10.9.0.0/16", "1", "8"]}]}

WRITTEN_OUT = {
    "account": ("arn:aws:s3:*:111111111111:x", "arn:aws:s3:*:${AWS::AccountId}:x"),
    "region": ("arn:aws:s3:eu-west-1:*:x", "arn:aws:s3:${AWS::Region}:*:x"),
    "stack": ("arn:aws:s3:::prod-x/*", "arn:aws:s3:::${AWS::StackName}-x/*"),
}


def without_a_denial(place: str) -> tuple[dict[str, Any], dict[str, Any], None, None]:
    """Drop a denial that may have been about what is written out beside it."""
    written, given = WRITTEN_OUT[place]
    allowed = allow("s3:GetObject", written)
    return alice(allowed, deny("s3:GetObject", {"Fn::Sub": given})), alice(allowed), None, None


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], Any, Any]] = {
    "a denial in the deployment's account goes": without_a_denial("account"),
    "a denial in the deployment's region goes": without_a_denial("region"),
    "a denial by the stack's name goes": without_a_denial("stack"),
    "what excepted the deployment's account does not": (
        alice(
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "NotResource": {"Fn::Sub": "arn:aws:s3:*:${AWS::AccountId}:*"},
            }
        ),
        alice(allow("s3:GetObject", "arn:aws:s3:*:111111111111:x")),
        None,
        None,
    ),
    "a resource is a parameter now": (alice(READ), alice(PARAMETER), OPEN, OPEN),
    "the statement was all, and is by a switch": (alice(READ), alice(IF), SWITCH, SWITCH),
    "a switch turns the other way": (alice(IF), alice(IF), SWITCH, OTHER_SWITCH),
    "a custom resource says otherwise": (
        alice(FROM_CUSTOM) | custom("one"),
        alice(FROM_CUSTOM) | custom("two"),
        None,
        None,
    ),
    "a function that is not worked out": (
        alice(allow("s3:GetObject", {"Fn::Cidr": ["10.0.0.0/16", "1", "8"]})),
        alice(allow("s3:GetObject", {"Fn::Cidr": ["10.9.0.0/16", "1", "8"]})),
        None,
        None,
    ),
    "a condition's value that is not worked out": (
        alice(READ | {"Condition": {"IpAddress": {"aws:SourceIp": STARTS}}}),
        alice(READ | {"Condition": {"IpAddress": {"aws:SourceIp": ENDS}}}),
        None,
        None,
    ),
    "a policy that is no policy": (
        alice(READ),
        alice()
        | {
            "More": resource(
                "IAM::UserPolicy", UserName="alice", PolicyName="m", PolicyDocument={"Fn::Cidr": ["a"]}
            )
        },
        None,
        None,
    ),
    "a policy declared elsewhere is attached": (
        alice(READ),
        alice(READ, ManagedPolicyArns=["arn:aws:iam::111111111111:policy/unknown"]),
        None,
        None,
    ),
    "a group declared elsewhere is joined": (alice(READ), alice(READ, Groups=["unknown"]), None, None),
    "a policy declared elsewhere goes, which may have denied": (
        alice(READ, ManagedPolicyArns=["arn:aws:iam::111111111111:policy/unknown"]),
        alice(READ),
        None,
        None,
    ),
    "a boundary declared elsewhere goes": (
        alice(READ, PermissionsBoundary="arn:aws:iam::111111111111:policy/unknown"),
        alice(READ),
        None,
        None,
    ),
    "a denial goes beside a policy declared elsewhere": (
        alice(deny("s3:*"), ManagedPolicyArns=["arn:aws:iam::111111111111:policy/unknown"]),
        alice(ManagedPolicyArns=["arn:aws:iam::111111111111:policy/unknown"]),
        None,
        None,
    ),
    "a macro changes the template": (
        alice(READ),
        alice(allow("s3:GetObject", [OBJECTS])),
        {"Transform": "Macro"},
        None,
    ),
    "a policy of a kind that is not read": (
        {"Endpoint": resource("EC2::VPCEndpoint", PolicyDocument=document(READ))},
        {"Endpoint": resource("EC2::VPCEndpoint", PolicyDocument=document(allow("*")))},
        None,
        None,
    ),
    "a provider vouches for others": (
        {"Provider": resource("IAM::SAMLProvider", Name="okta", SamlMetadataDocument="<one/>")},
        {"Provider": resource("IAM::SAMLProvider", Name="okta", SamlMetadataDocument="<other/>")},
        None,
        None,
    ),
    "a nested stack lies elsewhere": (
        {},
        {"Nested": resource("CloudFormation::Stack", TemplateURL="https://example.com/template.json")},
        None,
        None,
    ),
    "what is excluded may be what is allowed": (
        {"Bucket": resource("S3::Bucket")}
        | alice({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"}),
        {"Bucket": resource("S3::Bucket")}
        | alice(allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"})),
        None,
        None,
    ),
    "a made-up name may be longer than a pattern counts": (
        {"Bucket": resource("S3::Bucket")} | alice(allow("s3:ListBucket", "arn:aws:s3:::????????")),
        {"Bucket": resource("S3::Bucket")}
        | alice(allow("s3:ListBucket", {"Fn::Sub": "arn:aws:s3:::${Bucket}"})),
        None,
        None,
    ),
    "a made-up name in a condition may be longer than a pattern counts": (
        {"Bucket": resource("S3::Bucket")}
        | alice(READ | {"Condition": {"StringLike": {"aws:PrincipalTag/home": "????????"}}}),
        {"Bucket": resource("S3::Bucket")}
        | alice(READ | {"Condition": {"StringEquals": {"aws:PrincipalTag/home": {"Ref": "Bucket"}}}}),
        None,
        None,
    ),
    "a tag changes by which a policy decides": (
        alice(READ | {"Condition": {"StringEquals": {"aws:PrincipalTag/Team": "a"}}}, Tags=TEAM_B),
        alice(READ | {"Condition": {"StringEquals": {"aws:PrincipalTag/Team": "a"}}}, Tags=TEAM_A),
        None,
        None,
    ),
    "a trusted account is a parameter": (
        {"Worker": role(trust({"AWS": "222222222222"}))},
        {"Worker": role(trust({"AWS": {"Ref": "Anything"}}))},
        OPEN,
        OPEN,
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_never_passes(pair: tuple[dict[str, Any], dict[str, Any], Any, Any], tmp_path: Path) -> None:
    base, head, before, after = pair
    found = reviewed(tmp_path, base, head, before=before, after=after)
    assert found.exit_code in {1, 3}
    assert found.open_questions or found.widening


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_is_nothing_where_both_sides_say_the_same(pair: tuple[Any, Any, Any, Any], tmp_path: Path) -> None:
    _, head, before, after = pair
    sections = before if after is None else after
    assert reviewed(tmp_path, head, head, before=sections, after=sections).verdict is Verdict.NOTHING


def test_an_unchanged_part_that_is_not_known_does_not_hide_a_gain(tmp_path: Path) -> None:
    found = reviewed(tmp_path, alice(PARAMETER), alice(PARAMETER, allow("iam:*")), before=OPEN)
    assert found.verdict is Verdict.WIDENS


def test_an_unchanged_part_that_is_not_known_does_not_spoil_a_proof(tmp_path: Path) -> None:
    split = allow("s3:GetObject", [OBJECTS, OBJECTS])
    found = reviewed(tmp_path, alice(PARAMETER, READ), alice(PARAMETER, split), before=OPEN)
    assert found.verdict is Verdict.NO_NEW_ACCESS


LENDING = role(trust({"Service": "rolesanywhere.amazonaws.com"}), READ)


PROFILE = resource("RolesAnywhere::Profile", Name="floor", RoleArns=[{"Fn::GetAtt": ["Floor", "Arn"]}])
ELSEWHERE = resource(
    "RolesAnywhere::Profile", Name="floor", RoleArns=["arn:aws:iam::111111111111:role/elsewhere"]
)
LEFT_OPEN = resource("RolesAnywhere::Profile", Name="floor", RoleArns=[{"Ref": "Anything"}])
BOUND = resource("RolesAnywhere::Profile", **PROFILE["Properties"], ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])  # fmt: skip


@pytest.mark.parametrize(
    ("base", "head", "undecided"),
    [
        pytest.param({}, {"Floor": LENDING, "Profile": PROFILE}, 0, id="new with its role"),
        pytest.param({"Floor": LENDING}, {"Floor": LENDING, "Profile": PROFILE}, 1, id="of a role that was there"),
        pytest.param({"Floor": LENDING}, {"Floor": LENDING, "Profile": ELSEWHERE}, 1, id="of a role elsewhere"),
        pytest.param({"Floor": LENDING}, {"Floor": LENDING, "Profile": LEFT_OPEN}, 1, id="of the deployment's"),
        pytest.param({"Floor": LENDING, "Profile": PROFILE}, {"Floor": LENDING}, 0, id="goes"),
    ],
)  # fmt: skip
def test_a_profile_is_weighed_by_the_trust_of_its_new_roles(
    tmp_path: Path, base: dict[str, Any], head: dict[str, Any], undecided: int
) -> None:
    """IAM Roles Anywhere lends a role only if both the role trusts it and a profile names it."""
    review = reviewed(tmp_path, base, head, before=OPEN)
    assert len([each for each in review.facts if each.undecided]) == undecided


READS, LISTS = (
    f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "job-function/ViewOnlyAccess")
)
INLINE = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'


def held(*policies: Any, inline: Any = None, **properties: Any) -> dict[str, Any]:
    limits = ({"ManagedPolicyArns": list(policies)} if policies else {}) | (
        {"SessionPolicy": inline} if inline else {}
    )
    return resource("RolesAnywhere::Profile", **PROFILE["Properties"], **limits, **properties)


@pytest.mark.parametrize(
    ("base", "head", "verdict"),
    [
        pytest.param(held(), held(READS), Verdict.NARROWS, id="held to a policy"),
        pytest.param(held(READS), held(), Verdict.WIDENS, id="held to none any more"),
        pytest.param(held(inline=INLINE), held(), Verdict.WIDENS, id="no policy of its own any more"),
        pytest.param(held(READS), held(READS, LISTS), Verdict.WIDENS, id="to one or another"),
        pytest.param(held(READS), held(READS, inline=INLINE), Verdict.WIDENS, id="to one or one of its own"),
        pytest.param(held(READS, LISTS), held(LISTS), Verdict.NARROWS, id="to one of them"),
        pytest.param(held(READS), held(LISTS), Verdict.UNDECIDED, id="to another"),
        pytest.param(held(READS), held({"Ref": "Anything"}), Verdict.UNDECIDED, id="to what is not known"),
        pytest.param(held(), held(READS, Enabled=True), Verdict.UNDECIDED, id="and enabled"),
        pytest.param(held(READS), held({"Fn::If": ["Odd", READS, {"Ref": "AWS::NoValue"}]}), Verdict.WIDENS, id="perhaps"),
        pytest.param(held(Name2={"Ref": "Anything"}), held(READS, Name2={"Ref": "Anything"}), Verdict.UNDECIDED, id="beside what is not known"),
    ],
)  # fmt: skip
def test_session_policies_of_a_profile(tmp_path: Path, base: Any, head: Any, verdict: Verdict) -> None:
    """Session policies are alternatives: one more lets more through, the last one gone lets all through."""
    found = reviewed(
        tmp_path, {"Floor": LENDING, "Profile": base}, {"Floor": LENDING, "Profile": head}, before=OPEN
    )
    assert found.verdict is verdict
