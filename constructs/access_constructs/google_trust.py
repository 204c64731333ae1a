"""Trust in a service account of Google Cloud, which IAM knows without a provider of the account's own."""

from __future__ import annotations

import re

from access_constructs.refusal import refusal
from keywright.policy.statement import Statement

GOOGLE = "accounts.google.com"
_UNIQUE_ID = re.compile(r"[0-9]{15,30}")
_AUDIENCE = re.compile(r"[^\s*?$]{1,255}")


def google_trust(*, service_account: str, audience: str) -> Statement:
    """Let one service account assume the role, by its unique id, with a token for this audience.

    For Google `aud` is compared with the token's `azp`, here the same unique id, and `oaud` with its audience ("Available
    keys for AWS OIDC federation", IAM User Guide). Without these any user of Google with a token could come.

    Raises:
        ValueError: An address in place of the id, which another account may get later, or a pattern.
    """
    if not _UNIQUE_ID.fullmatch(service_account):
        raise refusal(
            "a service account is told by its unique id",
            found=f"`{service_account}`",
            accepted="its digits: `gcloud iam service-accounts describe`",
        )
    if not _AUDIENCE.fullmatch(audience):
        raise refusal(
            f"the audience of `{GOOGLE}` is compared exactly",
            found=f"`{audience}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    claims = {"aud": service_account, "oaud": audience, "sub": service_account}
    return Statement(
        actions=("sts:AssumeRoleWithWebIdentity",),
        principals={"Federated": (GOOGLE,)},
        conditions={"StringEquals": {f"{GOOGLE}:{claim}": (value,) for claim, value in claims.items()}},
    )
