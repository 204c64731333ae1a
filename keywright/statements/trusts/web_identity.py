"""Trust in web identities: tokens of OpenID Connect issuers, with exactly the claims that are compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.trusts.issuers.github import GITHUB, github_subject
from keywright.model.trusts.issuers.google import HOST as GOOGLE_HOST
from keywright.model.trusts.issuers.google import google_claims
from keywright.model.trusts.issuers.issuer import LITERAL_TEXT, STS_AUDIENCE, TokenSubject, exactly
from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

GITHUB_ISSUER = GITHUB.address
_URL = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
# The limit of "CreateOpenIDConnectProvider" (IAM API Reference).
_LONGEST_URL = 255


def issuer_of(url: str) -> str:
    """Give an issuer as ARNs and condition keys write it, without `https://`.

    Raises:
        ValueError: Not an https address without query.
    """
    if not _URL.fullmatch(url) or len(url) > _LONGEST_URL:
        raise refusal(
            "an OIDC issuer is an https address", found=f"`{url}`", accepted=f"such as `{GITHUB_ISSUER}`"
        )
    return url.removeprefix("https://")


def oidc_provider_arn(partition: str, account: str, url: str) -> str:
    """Give the ARN of an issuer's provider in an account, whether or not it exists."""
    return f"arn:{partition}:iam::{account}:oidc-provider/{issuer_of(url)}"


def oidc_trust(*, provider_arn: str, url: str, audience: str, subject: str | TokenSubject) -> Statement:
    """Let one subject assume the role with a token for this audience, both compared exactly.

    The audience states who a token is for, the subject who it is from; without the subject every tenant of a public
    issuer is trusted ("Create a role for OpenID Connect federation", IAM User Guide). Where an issuer writes into the
    subject what is not known in advance, such as a commit, a `TokenSubject` of the issuer's module leaves that part open.

    Raises:
        ValueError: Subject or audience is a pattern or contains a policy variable.
    """
    issuer = issuer_of(url)
    if not re.fullmatch(LITERAL_TEXT, audience):
        raise refusal(
            f"the audience of `{issuer}` is compared exactly",
            found=f"`{audience}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    expected = exactly(subject, issuer) if isinstance(subject, str) else subject
    audiences, subjects = {f"{issuer}:aud": (audience,)}, {f"{issuer}:sub": (expected.text,)}
    # Only the subject can be a pattern; the audience is always compared exactly.
    conditions: Conditions = (
        {"StringEquals": audiences, "StringLike": subjects}
        if expected.is_pattern
        else {"StringEquals": audiences | subjects}
    )
    return _web_identity(provider_arn, conditions)


def built_in_trust(host: str, claims: Mapping[str, str]) -> Statement:
    """Trust an issuer that IAM has built in, and that needs no provider in the account, with these claims."""
    return _web_identity(
        host, {"StringEquals": {f"{host}:{claim}": (value,) for claim, value in claims.items()}}
    )


def github_trust(
    *,
    provider_arn: str,
    repository: str,
    ids: tuple[int, int] | None,
    environment: str | None = None,
    branch: str | None = None,
    tag: str | None = None,
    pull_request: bool = False,
    workflow: str | None = None,
    audience: str = STS_AUDIENCE,
) -> Statement:
    """Let the workflows of one GitHub repository assume the role, in exactly one context; see `github_subject`.

    Raises:
        ValueError: Not exactly one context, or a value that is no literal name.
    """
    subject = github_subject(
        repository,
        ids=ids,
        environment=environment,
        branch=branch,
        tag=tag,
        pull_request=pull_request,
        workflow=workflow,
    )
    return oidc_trust(provider_arn=provider_arn, url=GITHUB_ISSUER, audience=audience, subject=subject)


def google_trust(*, service_account: str, audience: str) -> Statement:
    """Let one service account of Google Cloud assume the role; see `google_claims`.

    Raises:
        ValueError: An address in place of the service account's ID, or a pattern.
    """
    return built_in_trust(GOOGLE_HOST, google_claims(service_account, audience))


def _web_identity(provider: str, conditions: Conditions) -> Statement:
    return Statement(
        actions=("sts:AssumeRoleWithWebIdentity",),
        principals={"Federated": (provider,)},
        conditions=conditions,
    )
