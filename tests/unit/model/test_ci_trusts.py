"""Continuous integration by name: its provider is found, and each project is named in the words of its issuer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read

UUID = "1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
ANCHOR = f"arn:aws:rolesanywhere:{{}}:{{}}:trust-anchor/{UUID}"
BASE = 'account: {id: "111111111111", region: eu-central-1}\n'
CIRCLECI = f"{{oidc: circleci, organization: {UUID}}}"
BITBUCKET = f"{{oidc: bitbucket, workspace: acme, workspace_id: {UUID}}}"
RUN = "terraform: acme, project: Default Project, workspace: shop"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()
    Path("access/base.yaml").write_text(BASE)


def report(trust, providers):
    roles = f"roles: {{ci: {{trusts: [{{{trust}}}]}}}}\n" if trust else ""
    Path("access/case.yaml").write_text(f"identity_providers: {{{providers}}}\n{roles}")
    return [str(finding) for finding in read(Path("access"), date(2026, 11, 24)).findings]


@pytest.mark.parametrize(
    ("trust", "providers"),
    [
        pytest.param("gitlab: acme/platform/shop, branch: main", "gitlab: {oidc: gitlab}", id="GitLab"),
        pytest.param(
            "gitlab: acme/shop, tag: v1, provider: ours",
            'ours: {oidc: "https://git.acme.example"}, gitlab: {oidc: gitlab}',
            id="a self-managed GitLab",
        ),
        pytest.param(f"{RUN}, phase: apply", "tfc: {oidc: terraform, existing: true}", id="HCP Terraform"),
        pytest.param("buildkite: acme/shop, branch: main", "bk: {oidc: buildkite}", id="Buildkite"),
        pytest.param(f"circleci: {UUID}", f"ci: {CIRCLECI}", id="CircleCI"),
        pytest.param(f"bitbucket: {UUID}, environment: {UUID}", f"bb: {BITBUCKET}", id="Bitbucket"),
        pytest.param('google: "112233445566778899001", audience: acme', "", id="Google, without a provider"),
        pytest.param(
            f'trust_anchor: "{ANCHOR.format("eu-central-1", "111111111111")}", common_name: floor 7',
            "",
            id="a certificate",
        ),
        pytest.param("saml: okta, source_identity: true", "okta: {saml: true, existing: true}", id="SAML"),
        pytest.param(
            "github: acme/shop, workflow: acme/ci/.github/workflows/deploy.yml@refs/heads/main",
            "github: {oidc: github}",
            id="a reusable workflow of GitHub",
        ),
    ],
)
def test_accepts(trust, providers):
    assert report(trust, providers) == []


@pytest.mark.parametrize(
    ("trust", "providers", "line"),
    [
        pytest.param(
            "gitlab: acme/shop",
            "gitlab: {oidc: gitlab}",
            (
                "2:32: role `ci` trusts every branch and tag; found `gitlab: acme/shop`; "
                "accepted: `branch` or `tag`"
            ),
            id="every branch",
        ),
        pytest.param(
            "buildkite: acme/shop, branch: main, tag: v1",
            "bk: {oidc: buildkite}",
            (
                "2:65: a trust of role `ci` selects jobs in several ways; found `branch`, `tag`; "
                "accepted: one of them; a trust of its own for each"
            ),
            id="branch and tag",
        ),
        pytest.param(
            "gitlab: shop, branch: main",
            "gitlab: {oidc: gitlab}",
            (
                "2:32: `gitlab` of role `ci` is not a GitLab project; found `shop`; "
                "accepted: its path with all groups, such as `acme/platform/shop`"
            ),
            id="no group",
        ),
        pytest.param(
            "gitlab: acme/*, branch: main",
            "gitlab: {oidc: gitlab}",
            (
                "2:32: `gitlab` of role `ci` is not a GitLab project; found `acme/*`; "
                "accepted: its path with all groups, such as `acme/platform/shop`"
            ),
            id="a pattern of projects",
        ),
        pytest.param(
            "gitlab: acme/shop, branch: main",
            "",
            (
                "2:32: no identity provider for GitLab is declared; found `gitlab: acme/shop`; "
                "accepted: `gitlab: {oidc: gitlab}` under `identity_providers`, with `existing: "
                "true` if the account has it"
            ),
            id="no provider",
        ),
        pytest.param(
            "gitlab: acme/shop, branch: main, provider: gitlap",
            "gitlab: {oidc: gitlab}",
            "2:67: identity provider `gitlap` is not declared; found `gitlap`; accepted: `gitlab`",
            id="a provider that is not declared",
        ),
        pytest.param(
            f"circleci: {UUID}",
            f"a: {CIRCLECI}, b: {{oidc: circleci, organization: {UUID.replace('1', '2')}}}",
            (
                "2:34: several identity providers have `oidc: circleci`; found `a`, `b`; "
                "accepted: `provider` with the name of one of them"
            ),
            id="several providers",
        ),
        pytest.param(
            f"{RUN}, phase: destroy",
            "tfc: {oidc: terraform}",
            "2:91: `phase` of role `ci` has an unknown value; found `destroy`; accepted: `apply`, `plan`",
            id="an unknown phase",
        ),
        pytest.param(
            "google: robot@acme.iam.gserviceaccount.com, audience: acme",
            "",
            (
                "2:32: `google` of role `ci` is not a service account of Google Cloud; found "
                "`robot@acme.iam.gserviceaccount.com`; accepted: its unique id of digits in quotes, not its address: `gcloud "
                "iam service-accounts describe`"
            ),
            id="an address that another account can get",
        ),
        pytest.param(
            f'trust_anchor: "{ANCHOR.format("us-east-1", "111111111111")}", common_name: floor-7',
            "",
            (
                "2:38: role `ci` trusts a trust anchor of another account or region; found "
                f"`{ANCHOR.format('us-east-1', '111111111111')}`; "
                "accepted: `arn:aws:rolesanywhere:eu-central-1:111111111111:trust-anchor/…`"
            ),
            id="an anchor of another region",
        ),
        pytest.param(
            f'trust_anchor: "{ANCHOR.format("eu-central-1", "111111111111")}", common_name: floor-*',
            "",
            (
                "2:152: `common_name` of role `ci` is not a common name; found `floor-*`; "
                "accepted: the certificate's exact CN in Latin letters, without `*`, `?` and `$`"
            ),
            id="a pattern of certificates",
        ),
        pytest.param(
            "",
            "ci: {oidc: circleci}",
            (
                "1:33: identity provider `ci` has no `organization`; found `oidc: circleci`; "
                "accepted: `organization` beside `oidc: circleci`"
            ),
            id="CircleCI without its organization",
        ),
        pytest.param(
            "",
            f"gitlab: {{oidc: gitlab, organization: {UUID}}}",
            (
                "1:59: `organization` of identity provider `gitlab` is only for `oidc: circleci`; "
                "found `organization`; accepted: no `organization`"
            ),
            id="an organization of another issuer",
        ),
        pytest.param(
            "",
            'gitlab: {oidc: gitlab}, twin: {oidc: "https://gitlab.com"}',
            (
                "1:59: identity provider `twin` has the same issuer as `gitlab`, and an account can have only one provider for it; "
                "found `https://gitlab.com`; "
                "accepted: one of them, with the `audiences` of both: `gitlab` is at access/case.yaml:1:22"
            ),
            id="two providers of one issuer",
        ),
    ],
)
def test_refuses(trust, providers, line):
    assert report(trust, providers) == [f"access/case.yaml:{line}"]
