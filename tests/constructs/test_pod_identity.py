"""Pods on EKS: which pods get the role, and the association that gives it to them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_constructs.federation.pod_identity import PodIdentity, association_id
from keywright.policy.matching.context import Context, Truth
from keywright.statements.trusts.services import pod_identity_trust

WHERE = {"partition": "aws", "region": "eu-central-1", "account": "111111111111"}
WEB = {"cluster": "production", "namespace": "shop", "service_account": "web"}
SAID = {
    "aws:SourceAccount": "111111111111",
    "aws:SourceArn": "arn:aws:eks:eu-central-1:111111111111:cluster/production",
    "aws:RequestTag/kubernetes-namespace": "shop",
    "aws:RequestTag/kubernetes-service-account": "web",
}


def test_the_trust_names_cluster_namespace_and_service_account():
    assert pod_identity_trust(**WHERE, **WEB).to_json() == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": "arn:aws:eks:eu-central-1:111111111111:cluster/production"},
            "StringEquals": {
                "aws:RequestTag/kubernetes-namespace": "shop",
                "aws:RequestTag/kubernetes-service-account": "web",
                "aws:SourceAccount": "111111111111",
            },
        },
    }


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        pytest.param({}, Truth.YES, id="these pods"),
        pytest.param({"aws:RequestTag/kubernetes-service-account": "admin"}, Truth.NO, id="other pods"),
        pytest.param(
            {"aws:RequestTag/kubernetes-namespace": "kube-system"}, Truth.NO, id="another namespace"
        ),
        pytest.param({"aws:SourceArn": SAID["aws:SourceArn"] + "-2"}, Truth.NO, id="another cluster"),
        pytest.param({"aws:SourceAccount": "222222222222"}, Truth.NO, id="another account"),
    ],
)
def test_other_pods_do_not_get_the_role(changed: dict[str, str], answer: Truth) -> None:
    tests = pod_identity_trust(**WHERE, **WEB).condition_tests
    asked = Context.of({key: (value,) for key, value in (SAID | changed).items()})
    assert min(each.holds(asked) for each in tests) is answer


@pytest.mark.parametrize("part", WEB)
@pytest.mark.parametrize("name", ["*", "a*", "", "a b", "${aws:username}"])
def test_refuses_an_invalid_name(part: str, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"found `{name}`")):
        pod_identity_trust(**WHERE, **(WEB | {part: name}))


def test_the_association_gives_them_the_role(stack: Any, resources: Any) -> None:
    role = "arn:aws:iam::111111111111:role/access/web"
    PodIdentity(stack, "pods", role_arn=role, **WEB)
    ((name, made),) = resources().items()
    assert name == association_id(*WEB.values())
    assert made == {
        "Type": "AWS::EKS::PodIdentityAssociation",
        "Properties": {
            "ClusterName": "production",
            "Namespace": "shop",
            "ServiceAccount": "web",
            "RoleArn": role,
        },
    }


@given(
    names=st.lists(
        st.tuples(*[st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)] * 3), unique=True
    )
)
def test_each_service_account_has_an_id_of_its_own(names: Any) -> None:
    assert len({association_id(*each) for each in names}) == len(names)


def test_the_longest_names_have_an_id():
    assert len(association_id("c" * 100, "n" * 63, "s" * 253)) < 255
