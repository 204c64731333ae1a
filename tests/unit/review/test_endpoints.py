"""VPC endpoint policies before and after a change; without a policy, an endpoint allows everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import resource, reviewed, to

if TYPE_CHECKING:
    from pathlib import Path

READ, WRITE = (to("*", f"s3:{each}Object", "*") for each in ("Get", "Put"))
BUCKET = {"B": resource("S3::Bucket")}
OWN = {"Fn::Sub": "${B.Arn}/*"}
MAYBE = {"Fn::If": ["C", {"Version": "2012-10-17", "Statement": [READ]}, {"Ref": "AWS::NoValue"}]}


def endpoint(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    policy = (
        {"PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}} if statements else {}
    )
    return {
        "E": resource("EC2::VPCEndpoint", VpcId="vpc-1", ServiceName="s3", **policy, **properties),
        **BUCKET,
    }


CASES: dict[str, tuple[Any, Any, Verdict, str]] = {
    "a policy that goes": (endpoint(READ), endpoint(), Verdict.WIDENS, "allows more, for instance"),
    "one that comes": (endpoint(), endpoint(READ), Verdict.NARROWS, "may allow less"),
    "more actions": (endpoint(READ), endpoint(READ, WRITE), Verdict.WIDENS, "`s3:PutObject`"),
    "fewer": (endpoint(READ, WRITE), endpoint(WRITE), Verdict.NARROWS, "may allow less"),
    "a denial that goes": (
        endpoint(to("*", "*", "*"), WRITE | {"Effect": "Deny"}),
        endpoint(to("*", "*", "*")),
        Verdict.WIDENS,
        "`s3:PutObject`",
    ),
    "what a reference means, and more": (
        endpoint(to("*", on=OWN)),
        endpoint(to("*", on=OWN), to("*", "s3:PutObject", OWN)),
        Verdict.WIDENS,
        "`s3:PutObject`",
    ),
    "the same in other words": (
        endpoint(READ, WRITE),
        endpoint(to("*", ["s3:PutObject", "s3:GetObject"], "*")),
        Verdict.NOTHING,
        "",
    ),
    "somebody by name": (
        endpoint(READ),
        endpoint(to({"AWS": "arn:aws:iam::111111111111:role/r"}, "*", "*")),
        Verdict.UNDECIDED,
        "its policy is not evaluated",
    ),
    "a policy that may be none": (
        endpoint(READ),
        endpoint(PolicyDocument=MAYBE),
        Verdict.WIDENS,
        "allows more, for instance",
    ),
    "an endpoint that goes": (
        endpoint(READ),
        BUCKET,
        Verdict.UNDECIDED,
        "is deleted; the access that it controlled is not evaluated",
    ),
    "one without a policy that goes": (endpoint(), BUCKET, Verdict.NOTHING, ""),
    "another network": (endpoint(READ), endpoint(READ, SubnetIds=["s"]), Verdict.NOTHING, ""),
}


@pytest.mark.parametrize(("was", "now", "verdict", "says"), CASES.values(), ids=CASES)
def test_compares_endpoint_policies(tmp_path: Path, was: Any, now: Any, verdict: Verdict, says: str) -> None:
    conditions = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "y"]}},
    }
    found = reviewed(tmp_path, was, now, before=conditions)
    assert found.verdict is verdict
    assert any(says in each.says for each in found.facts) if says else not found.facts


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(resource("New::Thing", Name="n"), id="without its policy"),
        pytest.param(resource("SNS::Topic", TopicName="n"), id="of another type"),
    ],
)
def test_a_change_of_an_unevaluated_type_is_undecided(tmp_path: Path, now: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": [WRITE | {"Effect": "Deny"}]}
    was = {"It": resource("New::Thing", Name="n", Policy=policy)}
    assert reviewed(tmp_path, was, {"It": now}).verdict is Verdict.UNDECIDED
