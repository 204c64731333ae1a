"""Roles that trust services, pods and machines: what the declarations accept, and the whole report of each mistake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read
from keywright.model.sheets.wording import trust_in_words
from keywright.reporting.finding import with_severity
from tests.certificates import OTHER, WEAK, authority, private_key, revoked

BASE = """account: {id: "111111111111", region: eu-central-1}
buckets: {data: {}}
identity_providers: {cluster: {oidc: "https://oidc.eks.eu-central-1.amazonaws.com/id/0123ABCD"}}
"""
UUID = "1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
ANCHOR = f"arn:aws:rolesanywhere:{{}}:trust-anchor/{UUID}"
PRIVATE_CA = f"arn:aws:acm-pca:{{}}:certificate-authority/{UUID}"
HERE = "eu-central-1:111111111111"
PODS = "eks: {cluster: production, namespace: shop, service_account: web}"
USED = "roles: {floor: {trusts: [{trust_anchor: factory, common_name: floor-7}]}}\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()
    Path("access/base.yaml").write_text(BASE)


def reading(text):
    Path("access/case.yaml").write_text(text)
    return read(Path("access"), date(2026, 11, 24))


def report(text):
    return [with_severity(finding).removeprefix("access/case.yaml:") for finding in reading(text).findings]


def trusting(*trusts):
    return f"roles: {{x: {{trusts: [{', '.join(f'{{{each}}}' for each in trusts)}]}}}}\n"


@pytest.mark.parametrize(
    ("trust", "words"),
    [
        pytest.param("service: lambda", "Lambda functions", id="functions"),
        pytest.param("service: codebuild, project: build", "CodeBuild builds, project build", id="a project"),
        pytest.param(
            "service: events, rule: orders/new", "EventBridge rules, rule orders/new", id="a rule of a bus"
        ),
        pytest.param(
            "service: bedrock, agent: A1, knowledge_base: K1",
            "Bedrock agents, knowledge bases and jobs, agent A1, knowledge base K1",
            id="two kinds of one service",
        ),
        pytest.param(
            "service: newthing.amazonaws.com, because: its guide names no condition yet",
            "newthing.amazonaws.com",
            id="a service that is not known",
        ),
        pytest.param(PODS, "pods of shop/web on cluster production", id="pods"),
        pytest.param(
            "oidc: cluster, namespace: shop, service_account: web",
            "system:serviceaccount:shop:web by cluster",
            id="a service account's token",
        ),
    ],
)
def test_accepts_and_describes(trust, words):
    found = reading(trusting(trust))
    assert found.findings == []
    (declared_trust,) = found.declarations.roles["x"].trusts
    assert trust_in_words(declared_trust) == words


@pytest.mark.parametrize(
    ("trusts", "lines"),
    [
        pytest.param(
            ["service: codebuil"],
            [
                (
                    "1:32: `service` of role `x` is unknown; found `codebuil`; accepted: `codebuild`, "
                    "`codepipeline`, `codedeploy`; another one by its principal, such as `codebuil.amazonaws.com`, with `because`"
                )
            ],
            id="a slip",
        ),
        pytest.param(
            ["service: newthing.amazonaws.com"],
            [
                (
                    "1:32: role `x` trusts an unknown service without a reason; found `newthing.amazonaws.com`; "
                    "accepted: `because` with the reason; or `airflow`, `airflow-env`, `apigateway`"
                )
            ],
            id="an unknown one without a reason",
        ),
        pytest.param(
            ["service: lambda.amazonaws.com"],
            [
                "1:32: `service` of role `x` is given by principal; found `lambda.amazonaws.com`; accepted: `lambda`"
            ],
            id="a known one by its principal",
        ),
        pytest.param(
            ["service: lambda, because: nobody would know it otherwise"],
            [
                "1:49: service `lambda` of role `x` is known and needs no reason; found `because`; accepted: no `because`"
            ],
            id="a reason for a known service",
        ),
        pytest.param(
            ["service: ec2"],
            [
                (
                    "1:32: service `ec2` of role `x` has a trust of its own; found `ec2`; "
                    "accepted: a workload under `workloads`, whose instance has the role"
                )
            ],
            id="EC2",
        ),
        pytest.param(
            ["service: states, project: build"],
            [
                (
                    "1:49: service `states` of role `x` has no `project`; found `project`; "
                    "accepted: no `project` or `state_machine`; `project` is for `service: codebuild`"
                )
            ],
            id="a resource of another service",
        ),
        pytest.param(
            ["service: codebuild, project: 'build*'"],
            [
                (
                    "1:52: `project` of role `x` is not a resource's name; found `build*`; "
                    "accepted: its exact name, 1 to 128 letters, digits and `._/+=,@-`"
                )
            ],
            id="a pattern of projects",
        ),
        pytest.param(
            ["service: ''"],
            [
                (
                    "1:32: `service` of role `x` is not a service; found ``; accepted: a name such as `codebuild`, "
                    "or the principal of an unknown one, such as `newthing.amazonaws.com`"
                )
            ],
            id="no service",
        ),
        pytest.param(
            ["eks: {cluster: production, namespace: '*', service_account: web}"],
            [
                (
                    "1:61: `namespace` of role `x` is not a Kubernetes namespace; found `*`; "
                    "accepted: its exact name: 1 to 63 lower-case letters, digits and `-`, such as `shop`"
                )
            ],
            id="any namespace",
        ),
        pytest.param(
            ["eks: {cluster: production, namespace: shop}"],
            [
                (
                    "1:23: `service_account` is missing in `eks` of role `x`; found `cluster`, `namespace`; "
                    "accepted: `service_account: …`"
                )
            ],
            id="any service account",
        ),
        pytest.param(
            [PODS, PODS],
            [
                (
                    "1:92: role `x` trusts a service account that already has a role; found `shop/web on production`; "
                    "accepted: one role only, such as `x` at access/case.yaml:1:23, or another service account"
                )
            ],
            id="pods twice",
        ),
        pytest.param(
            ["oidc: cluster"],
            [
                (
                    "1:29: a trust of role `x` needs exactly one of `subject` and a service account; found neither; "
                    "accepted: `subject`, or for a Kubernetes cluster `namespace` and `service_account`"
                )
            ],
            id="every pod",
        ),
        pytest.param(
            ["oidc: cluster, service_account: web"],
            [
                (
                    "1:55: a trust of role `x` names a service account incompletely; found `service_account`; "
                    "accepted: `namespace` and `service_account`"
                )
            ],
            id="a service account of any namespace",
        ),
        pytest.param(
            ["oidc: cluster, subject: shop/web"],
            [
                (
                    "1:47: role `x` trusts a subject that no pod's token has; found `shop/web`; "
                    "accepted: `namespace` and `service_account` instead of `subject`"
                )
            ],
            id="a subject of no pod",
        ),
        pytest.param(
            ["trust_anchor: factory, common_name: floor-7"],
            [
                "1:37: trust anchor `factory` is not declared; found `factory`; accepted: a name under `trust_anchors`"
            ],
            id="an undeclared anchor",
        ),
    ],
)
def test_refuses(trusts, lines):
    assert report(trusting(*trusts)) == lines


def test_accepts_a_pod_tag_as_the_key_of_a_grant_by_tag():
    grant = "grants: [{s3: [read], bucket: data, prefix_by: {tag: kubernetes-namespace}}]"
    assert report(f"roles: {{x: {{trusts: [{{{PODS}}}], {grant}}}}}\n") == []
    (line,) = report(f"roles: {{x: {{trusts: [{{{PODS}}}, {{service: lambda}}], {grant}}}}}\n")
    assert "role `x` lacks the tag that the grant at" in line


def anchored(bundle="", *, crl=None, more=""):
    Path("access/factory.pem").write_text(bundle)
    if crl is not None:
        Path("access/revoked.pem").write_text(crl)
        more += ", revoked: revoked.pem"
    return report(f"trust_anchors: {{factory: {{bundle: factory.pem{more}}}}}\n{USED}")


def test_accepts_an_authority_and_its_revocation_list():
    assert anchored(authority() + authority("Next CA"), crl=revoked(3)) == []
    sources = (
        f'{{factory: {{authority: "{PRIVATE_CA.format(HERE)}"}}, old: {{existing: "{ANCHOR.format(HERE)}"}}}}'
    )
    assert report(f"trust_anchors: {sources}\n{USED}") == []


@pytest.mark.parametrize(
    ("bundle", "line"),
    [
        pytest.param(
            authority(ca=False, signs=False),
            "1:35: a certificate of trust anchor `factory` is not an authority's: it cannot issue others; "
            "found `CN=Factory CA` in `factory.pem`; accepted: a CA certificate with an RSA key of 2048 bits or an ECDSA key, "
            "signed with SHA-256 or better",
            id="a machine's own certificate",
        ),
        pytest.param(
            authority(ca=None),
            "is not an authority's: it cannot issue others",
            id="one without the usage to sign",
        ),
        pytest.param(
            authority(signs=False), "has no key usage for signing certificates", id="a key for else"
        ),
        pytest.param(authority(key=WEAK), "has a key of 1024 bits, fewer than 2048", id="a weak key"),
        pytest.param(
            private_key() + authority(),
            "1:35: the bundle of trust anchor `factory` contains a private key; found `factory.pem`; "
            "accepted: certificates only, and a new authority: this key is exposed",
            id="a private key",
        ),
        pytest.param(
            "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n",
            "1:35: the bundle of trust anchor `factory` has no readable certificate; found `factory.pem`; "
            "accepted: `-----BEGIN CERTIFICATE-----` and what follows",
            id="no certificate",
        ),
        pytest.param(
            authority() * 20,
            "1:35: the bundle of trust anchor `factory` has a size that IAM refuses; found ",
            id="too many",
        ),
        pytest.param(
            authority(until="2026-11-20"),
            "1:35: warning: a certificate of trust anchor `factory` expired on 2026-11-20; found `CN=Factory CA` in "
            "`factory.pem`, today is 2026-11-24; accepted: the authority's next certificate too, until all "
            "machines have changed",
            id="an expiry in the past",
        ),
        pytest.param(
            authority(until="2026-12-01"),
            "1:35: advice: a certificate of trust anchor `factory` expires in 7 days; found",
            id="an expiry that is near",
        ),
    ],
)
def test_checks_an_authority(bundle, line):
    (found,) = anchored(bundle)
    assert line in found


@pytest.mark.parametrize(
    ("crl", "line"),
    [
        pytest.param(
            "nothing", "is no list of revoked certificates in PEM; found `revoked.pem`", id="no list"
        ),
        pytest.param(
            revoked(3, key=OTHER),
            "1:57: the list of revoked certificates of trust anchor `factory` is signed by none of the authorities; "
            "found `revoked.pem`; accepted: `-----BEGIN X509 CRL-----` and what follows, signed by the anchor's authority",
            id="somebody else's",
        ),
        pytest.param(
            revoked(3, until="2026-11-01"),
            "1:57: advice: the list of revoked certificates of trust anchor `factory` expired on 2026-11-01",
            id="an old one",
        ),
    ],
)
def test_checks_a_revocation_list(crl, line):
    (found,) = anchored(authority(), crl=crl)
    assert line in found


def test_refuses_a_bundle_in_another_encoding():
    Path("access/factory.pem").write_bytes("# Müller\n".encode("latin-1") + authority().encode())
    (line,) = report(f"trust_anchors: {{factory: {{bundle: factory.pem}}}}\n{USED}")
    assert "is not text in UTF-8; found byte 4 of `factory.pem`; accepted: PEM, and comments in UTF-8" in line


def test_reports_an_unreadable_bundle_once():
    (line,) = anchored("nothing", crl=revoked(3))
    assert "has no readable certificate" in line


@pytest.mark.parametrize(
    ("anchor", "line"),
    [
        pytest.param(
            "{}",
            "1:17: trust anchor `factory` needs exactly one source; found none; "
            "accepted: one of `bundle`, `authority`, `existing`",
            id="no source",
        ),
        pytest.param(
            f'{{bundle: a.pem, authority: "{PRIVATE_CA.format(HERE)}"}}',
            "1:17: trust anchor `factory` needs exactly one source; found `bundle` and `authority`; "
            "accepted: one of `bundle`, `authority`, `existing`",
            id="two sources",
        ),
        pytest.param(
            f'{{existing: "{ANCHOR.format(HERE)}", notify: {{machine_days: 30}}}}',
            "trust anchor `factory` exists already and is never changed; found `notify`; accepted: no `notify`",
            id="more of an existing one",
        ),
        pytest.param(
            f'{{existing: "{ANCHOR.format("eu-central-1:222222222222")}"}}',
            "trust anchor `factory` is in another account or region",
            id="an existing one of another account",
        ),
        pytest.param(
            f'{{authority: "{PRIVATE_CA.format("us-east-1:111111111111")}"}}',
            "the authority of trust anchor `factory` is in another region",
            id="an authority of another region",
        ),
        pytest.param(
            "{bundle: ../secret.pem}",
            "1:35: the bundle of trust anchor `factory` is outside the folder; found `../secret.pem`",
            id="a file from elsewhere",
        ),
        pytest.param(
            f'{{authority: "{PRIVATE_CA.format(HERE)}", notify: {{machine_days: 400}}}}',
            "`machine_days` of trust anchor `factory` is out of range; found `400`; accepted: at most 360",
            id="announced too early",
        ),
    ],
)
def test_refuses_an_anchor(anchor, line):
    (found,) = report(f"trust_anchors: {{factory: {anchor}}}\n{USED}")
    assert line in found


def test_warns_of_an_anchor_that_no_role_trusts():
    Path("access/factory.pem").write_text(authority())
    assert report("trust_anchors: {factory: {bundle: factory.pem}}\n") == [
        (
            "1:17: advice: trust anchor `factory` is not trusted by a role, so that it is not "
            "created; found `factory`; accepted: a role with `trusts: [{trust_anchor: factory, "
            "common_name: …}]`"
        )
    ]
