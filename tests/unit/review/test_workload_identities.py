"""IAM Roles Anywhere and EKS Pod Identity: new trust is a gain, removed trust is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.certificates import OTHER, authority, revoked
from tests.unit.review.templates import OBJECTS, allow, resource, reviewed, role, trust

if TYPE_CHECKING:
    from pathlib import Path

OPEN = {"Parameters": {"Anything": {"Type": "String"}}}
FACTORY, NEXT = authority(), authority("Next CA")
PRIVATE_CA = (
    "arn:aws:acm-pca:eu-central-1:111111111111:certificate-authority/1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
)
ANCHOR_ARN = {"Fn::GetAtt": ["Anchor", "TrustAnchorArn"]}


def anchor(*bundle: Any, **properties: Any) -> dict[str, Any]:
    data = {"X509CertificateData": bundle[0]} if bundle else {"AcmPcaArn": PRIVATE_CA}
    kind = "CERTIFICATE_BUNDLE" if bundle else "AWS_ACM_PCA"
    source = {"SourceType": kind, "SourceData": data}
    return {"Anchor": resource("RolesAnywhere::TrustAnchor", Name="factory", Source=source, **properties)}


def crl(data: Any, **properties: Any) -> dict[str, Any]:
    given = {"Name": "factory", "CrlData": data, "TrustAnchorArn": ANCHOR_ARN} | properties
    return anchor(FACTORY) | {"Revoked": resource("RolesAnywhere::CRL", **given)}


WORKER = role(trust({"Service": "pods.eks.amazonaws.com"}), allow("s3:GetObject", OBJECTS))


def pods(account: str = "web", on: dict[str, Any] = WORKER, **properties: Any) -> dict[str, Any]:
    given = {
        "ClusterName": "production",
        "Namespace": "shop",
        "ServiceAccount": account,
        "RoleArn": {"Fn::GetAtt": ["Worker", "Arn"]},
    } | properties
    return {"Worker": on, "Pods": resource("EKS::PodIdentityAssociation", **given)}


ADMIN = "arn:aws:iam::111111111111:role/admin"
DENYING = '{"Version": "2012-10-17", "Statement": []}'
WIDENINGS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an anchor comes": ({}, anchor(FACTORY), "accepts certificates issued by `CN=Factory CA`"),
    "an anchor's other authority": (anchor(FACTORY), anchor(NEXT), "`CN=Next CA`"),
    "an authority beside it": (anchor(FACTORY), anchor(FACTORY + NEXT), "`CN=Next CA`"),
    "one of the same name, with another key": (
        anchor(FACTORY),
        anchor(authority(key=OTHER)),
        "`CN=Factory CA`",
    ),
    "AWS Private CA in its place": (anchor(FACTORY), anchor(), f"`{PRIVATE_CA}`"),
    "an anchor is enabled": (
        anchor(FACTORY, Enabled=False),
        anchor(FACTORY, Enabled=True),
        "`CN=Factory CA`",
    ),
    "an anchor of whatever is given": (
        anchor(FACTORY),
        anchor({"Ref": "Anything"}),
        "an unreadable certificate",
    ),
    "a list of revoked ones goes": (
        crl(revoked(3, 4)),
        anchor(FACTORY),
        "2 certificates are no longer revoked",
    ),
    "one is revoked no more": (crl(revoked(3, 4)), crl(revoked(4)), "1 certificate is no longer revoked"),
    "a list is disabled": (crl(revoked(3)), crl(revoked(3), Enabled=False), "no longer revoked"),
    "a list for another anchor": (crl(revoked(3)), crl(revoked(3), TrustAnchorArn="x"), "no longer revoked"),
    "an association comes": (
        {"Worker": WORKER},
        pods(),
        "pods of `shop/web` on cluster `production` act as `arn:<AWS::Partition>:iam::",
    ),
    "for other pods": (pods(), pods("admin"), "pods of `shop/admin`"),
    "for another cluster": (pods(), pods(ClusterName="test"), "on cluster `test`"),
    "for another role": (pods(), pods(RoleArn=ADMIN), f"act as `{ADMIN}`"),
    "on to another role": (pods(), pods(TargetRoleArn=ADMIN), f"then assume `{ADMIN}`"),
    "without tags": (pods(), pods(DisableSessionTags=True), "have no session tags"),
    "without a policy on sessions": (pods(Policy=DENYING), pods(), "act as"),
    "with another policy on sessions": (
        pods(Policy=DENYING),
        pods(Policy="{}"),
        "limited by a session policy",
    ),
}


@pytest.mark.parametrize(("base", "head", "says"), WIDENINGS.values(), ids=WIDENINGS)
def test_widens(tmp_path: Path, base: dict[str, Any], head: dict[str, Any], says: str) -> None:
    review = reviewed(tmp_path, base, head, before=OPEN)
    assert review.verdict is Verdict.WIDENS
    assert says in "\n".join(each.says for each in review.facts if each.widens)


@pytest.mark.parametrize(
    ("base", "head"),
    [
        pytest.param(anchor(FACTORY), {}, id="an anchor goes"),
        pytest.param(anchor(FACTORY + NEXT), anchor(NEXT), id="one of two authorities goes"),
        pytest.param(anchor(FACTORY), crl(revoked(3)), id="a certificate is revoked"),
        pytest.param(crl(revoked(3)), crl(revoked(3, 4)), id="another one is revoked"),
        pytest.param(pods(), {"Worker": WORKER}, id="an association goes"),
    ],
)
def test_narrows(tmp_path: Path, base: dict[str, Any], head: dict[str, Any]) -> None:
    assert reviewed(tmp_path, base, head).verdict is Verdict.NARROWS


@pytest.mark.parametrize(
    ("base", "head"),
    [
        pytest.param(anchor(FACTORY), anchor(f"{FACTORY}\n\n"), id="the same certificate, written otherwise"),
        pytest.param(anchor(FACTORY + NEXT), anchor(NEXT + FACTORY), id="in another order"),
        pytest.param(crl(revoked(3)), crl(revoked(3, until="2090-01-01")), id="a newer list of the same"),
    ],
)
def test_text_is_not_access(tmp_path: Path, base: dict[str, Any], head: dict[str, Any]) -> None:
    review = reviewed(tmp_path, base, head)
    assert not [each for each in review.facts if each.widens]


def test_restored_session_tags_are_undecided(tmp_path: Path) -> None:
    tagged = allow("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/kubernetes-namespace": "shop"}})
    worker = role(trust({"Service": "pods.eks.amazonaws.com"}), tagged)
    review = reviewed(tmp_path, pods(on=worker, DisableSessionTags=True), pods(on=worker))
    assert review.verdict is Verdict.UNDECIDED
    assert ["have session tags again" in each.says for each in review.facts if each.undecided] == [True]


def test_what_the_deployment_decides_is_undecided(tmp_path: Path) -> None:
    here, there = ({"Parameters": {"Anything": {"Type": "String", "Default": each}}} for each in "ab")
    given = pods(ServiceAccount={"Ref": "Anything"})
    review = reviewed(tmp_path, given, given, before=here, after=there)
    assert review.verdict in {Verdict.UNDECIDED, Verdict.WIDENS}


def test_a_narrowed_role_is_no_gain(tmp_path: Path) -> None:
    """An association decides by its own words: what the role may do is told of the role."""
    less = role(trust({"Service": "pods.eks.amazonaws.com"}))
    review = reviewed(tmp_path, pods(), pods(on=less))
    assert review.verdict is Verdict.NARROWS
    assert not [each for each in review.facts if each.undecided or each.widens]
