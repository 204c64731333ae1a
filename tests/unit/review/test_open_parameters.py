"""Parameters without a default, imports and generated names are unknown, and equal on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import (
    MFA,
    OBJECTS,
    allow,
    deny,
    document,
    resource,
    reviewed,
    role,
    to,
    trust,
    user,
)

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = {"Parameters": {"Bucket": {"Type": "String"}, "Partner": {"Type": "String"}}}
WITHIN = {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}
JOINED = {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Bucket"}, "/*"]]}
ITSELF = {"Fn::Sub": "arn:aws:s3:::${Bucket}"}
IMPORTED = {"Fn::ImportValue": "table"}
READ, WRITE = allow("s3:GetObject", WITHIN), allow("s3:PutObject", WITHIN)
BOTH = allow(["s3:GetObject", "s3:PutObject"], WITHIN)
PARTNER = {"AWS": {"Fn::Sub": "arn:aws:iam::${Partner}:root"}}
FROM_PARTNER = {"StringEquals": {"sts:ExternalId": "x"}}
OWN = {"StringEquals": {"aws:PrincipalTag/home": {"Ref": "Bucket"}}}


def alice(*statements: Any, **properties: Any) -> dict[str, Any]:
    return {"Alice": user(*statements, **properties)}


def worker(trusted: Any, *statements: Any) -> dict[str, Any]:
    return {"Worker": role(trusted, *statements)}


def policy(*statements: Any) -> dict[str, Any]:
    given = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document(*statements)}
    return {"Policy": resource("S3::BucketPolicy", **given)}


TLS = to("*", "s3:*", [ITSELF, WITHIN]) | {
    "Effect": "Deny",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
SAME: dict[str, tuple[Any, Any]] = {
    "Sub to Join": (alice(READ), alice(allow("s3:GetObject", JOINED))),
    "a statement split": (alice(BOTH), alice(WRITE, READ)),
    "the case of actions": (alice(BOTH), alice(allow(["S3:PUTOBJECT", "s3:getobject"], [WITHIN]))),
    "a statement more that says less": (alice(BOTH), alice(BOTH, READ)),
    "an import in a list": (
        alice(allow("dynamodb:GetItem", IMPORTED)),
        alice(allow(["dynamodb:getitem"], [IMPORTED])),
    ),
    "a value of a condition in a list": (
        alice(allow("s3:GetObject", OBJECTS, Condition=OWN)),
        alice(
            allow(
                "S3:GetObject",
                OBJECTS,
                Condition={"StringEquals": {"aws:PrincipalTag/home": [{"Ref": "Bucket"}]}},
            )
        ),
    ),
    "a trust written otherwise": (
        worker(trust(PARTNER, Condition=FROM_PARTNER), READ),
        worker(trust({"AWS": [PARTNER["AWS"]]}, Condition={"stringequals": {"STS:ExternalId": ["x"]}}), READ),
    ),
    "a bucket's policy in another order": (
        policy(to(PARTNER, "s3:GetObject", WITHIN), TLS),
        policy(TLS | {"Resource": [JOINED, ITSELF]}, to(PARTNER, "s3:getobject", [JOINED])),
    ),
    "a denial split": (
        alice(BOTH, deny(["s3:PutObject", "s3:DeleteObject"], WITHIN)),
        alice(BOTH, deny("s3:DeleteObject", WITHIN), deny("s3:PutObject", JOINED)),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
@pytest.mark.parametrize("way", [1, -1], ids=["forth", "back"])
def test_the_same_whatever_it_is_is_proved(pair: tuple[Any, Any], way: int, tmp_path: Path) -> None:
    found = reviewed(tmp_path, *pair[::way], before=GIVEN)
    assert found.verdict in {Verdict.NO_NEW_ACCESS, Verdict.NOTHING}


WIDENING: dict[str, tuple[Any, Any]] = {
    "an action more": (alice(READ), alice(BOTH)),
    "a path more": (alice(allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Bucket}/a/*"})), alice(BOTH)),
    "everything": (alice(READ), alice(READ, allow("*"))),
    "a policy of AWS": (
        alice(READ),
        alice(READ, ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ),
    "beside an import": (
        alice(allow("dynamodb:GetItem", IMPORTED)),
        alice(allow("dynamodb:GetItem", IMPORTED), allow("sqs:SendMessage")),
    ),
    "a condition on an unknown value goes": (
        alice(allow("s3:GetObject", OBJECTS, Condition=OWN)),
        alice(allow("s3:GetObject", OBJECTS)),
    ),
    "an external ID goes": (worker(trust(PARTNER, Condition=FROM_PARTNER)), worker(trust(PARTNER))),
    "the MFA condition is removed": (worker(trust(PARTNER, Condition=MFA)), worker(trust(PARTNER))),
    "a bucket opens": (
        policy(to(PARTNER, "s3:GetObject", WITHIN), TLS),
        policy(to(PARTNER, "s3:GetObject", WITHIN), TLS, to("*", "s3:GetObject", WITHIN)),
    ),
    "a bucket's denial goes": (
        policy(to(PARTNER, "s3:GetObject", WITHIN), TLS),
        policy(to(PARTNER, "s3:GetObject", WITHIN)),
    ),
}


@pytest.mark.parametrize("pair", WIDENING.values(), ids=WIDENING)
def test_more_whatever_it_is_is_shown(pair: tuple[Any, Any], tmp_path: Path) -> None:
    assert reviewed(tmp_path, *pair, before=GIVEN).exit_code == 1


UNDECIDED: dict[str, tuple[Any, Any, Any]] = {
    "it may be what is denied": (
        alice(allow("s3:GetObject", "*"), deny("s3:GetObject", "arn:aws:s3:::secret/*")),
        alice(READ),
        GIVEN,
    ),
    "it may be what is excepted": (
        alice({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"}),
        alice(READ),
        GIVEN,
    ),
    "it may be longer than a pattern counts": (
        alice(allow("s3:GetObject", "arn:aws:s3:::????????/*")),
        alice(READ),
        GIVEN,
    ),
    "it comes from another place": (
        alice(READ),
        alice(allow("s3:GetObject", [WITHIN, JOINED])),
        {
            "Parameters": {
                "Bucket": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/other"},
                "Partner": {"Type": "String"},
            }
        },
    ),
}


@pytest.mark.parametrize("case", UNDECIDED.values(), ids=UNDECIDED)
def test_a_symbol_that_may_equal_something_else_is_undecided(
    case: tuple[Any, Any, Any], tmp_path: Path
) -> None:
    base, head, after = case
    assert reviewed(tmp_path, base, head, before=GIVEN, after=after).verdict is Verdict.UNDECIDED
