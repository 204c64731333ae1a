"""Trusts in what a token's issuer vouches for: which provider is meant, for whom its tokens are, and from whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from keywright.model import roles as declared
from keywright.model.trusts.issuer import provider_for
from keywright.statements.trusts.web_identity import (
    TokenSubject,
    bitbucket_subject,
    buildkite_subject,
    circleci_subject,
    github_trust,
    gitlab_subject,
    google_trust,
    oidc_trust,
    terraform_subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.statement import Statement
    from stacks.inputs import StackInputs

    WebIdentityTrust = declared.GitHubTrust | declared.OidcTrust | declared.GoogleTrust | declared.CiTrust


def web_identity_trusts(trust: WebIdentityTrust, inputs: StackInputs) -> Iterator[Statement]:
    """Give a statement for each audience of the provider."""
    match trust:
        case declared.GoogleTrust():
            yield google_trust(service_account=trust.google, audience=trust.audience)
        case declared.GitHubTrust():
            yield from _github(trust, inputs)
        case declared.OidcTrust():
            yield from _of(trust.oidc, trust.claim, inputs)
        case _:
            kind = _kind(trust)
            provider = provider_for(kind, trust.provider, inputs.declarations.identity_providers) or kind
            yield from _of(provider, _subject(trust, provider, inputs), inputs)


def _of(provider: str, subject: str | TokenSubject, inputs: StackInputs) -> Iterator[Statement]:
    for audience in inputs.audiences(provider):
        yield oidc_trust(
            provider_arn=inputs.provider_arn(provider),
            url=inputs.issuer(provider),
            audience=audience,
            subject=subject,
        )


def _kind(trust: declared.CiTrust) -> str:
    match trust:
        case declared.GitLabTrust():
            return "gitlab"
        case declared.BuildkiteTrust():
            return "buildkite"
        case declared.TerraformTrust():
            return "terraform"
        case declared.CircleCiTrust():
            return "circleci"
        case declared.BitbucketTrust():
            return "bitbucket"
        case _:
            assert_never(trust)


def _subject(trust: declared.CiTrust, provider: str, inputs: StackInputs) -> TokenSubject:
    match trust:
        case declared.GitLabTrust():
            return gitlab_subject(trust.gitlab, branch=trust.branch, tag=trust.tag)
        case declared.BuildkiteTrust():
            return buildkite_subject(trust.buildkite, branch=trust.branch, tag=trust.tag)
        case declared.TerraformTrust():
            return terraform_subject(trust.terraform, trust.project, trust.workspace, trust.phase)
        case declared.CircleCiTrust():
            organization = inputs.declarations.identity_providers[provider].organization
            return circleci_subject(organization or "", trust.circleci)
        case declared.BitbucketTrust():
            return bitbucket_subject(trust.bitbucket, trust.environment)
        case _:
            assert_never(trust)


def _github(trust: declared.GitHubTrust, inputs: StackInputs) -> Iterator[Statement]:
    provider = provider_for("github", None, inputs.declarations.identity_providers) or "github"
    for audience in inputs.audiences(provider):
        yield github_trust(
            provider_arn=inputs.provider_arn(provider),
            repository=trust.github,
            ids=(trust.ids.owner, trust.ids.repository) if trust.ids else None,
            environment=trust.environment,
            branch=trust.branch,
            tag=trust.tag,
            pull_request=bool(trust.pull_request),
            workflow=trust.workflow,
            audience=audience,
        )
