"""Issuers of OpenID Connect tokens: their addresses, and the ARNs of their providers in an account."""

from __future__ import annotations

import re

from access_constructs.refusal import refusal

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
STS_AUDIENCE = "sts.amazonaws.com"

_URL = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
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
