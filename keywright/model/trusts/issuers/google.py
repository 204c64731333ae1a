"""Google Cloud: service accounts, for which IAM has a built-in provider ("Available keys for AWS OIDC federation")."""

from __future__ import annotations

import re
from typing import Annotated

from keywright.model.fields.text import Audience, Shape
from keywright.model.trusts.issuers.issuer import DeclaredKey, DeclaredKeys, Issuer
from keywright.reporting.text import refusal

HOST = "accounts.google.com"
_UNIQUE_ID = r"[0-9]{15,30}"
_AUDIENCE = r"[^\s*?$]{1,255}"
_SERVICE_ACCOUNT = Annotated[
    str,
    Shape(
        "a service account of Google Cloud",
        "its unique id of digits in quotes, not its address: `gcloud iam service-accounts describe`",
        pattern=r"^[0-9]{15,30}$",
    ),
]


def google_claims(service_account: str, audience: str) -> dict[str, str]:
    """Give the claims of one service account's tokens for one audience.

    IAM compares `aud` with the token's `azp`, here the service account's unique ID, and `oaud` with its audience
    ("Available keys for AWS OIDC federation", IAM User Guide). Without all three any Google user's token would do.

    Raises:
        ValueError: An address in place of the ID, which another account can get later, or a pattern.
    """
    if not re.fullmatch(_UNIQUE_ID, service_account):
        raise refusal(
            "a service account is identified by its unique ID",
            found=f"`{service_account}`",
            accepted="its digits: `gcloud iam service-accounts describe`",
        )
    if not re.fullmatch(_AUDIENCE, audience):
        raise refusal(
            f"the audience of `{HOST}` is compared exactly",
            found=f"`{audience}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    return {"aud": service_account, "oaud": audience, "sub": service_account}


GOOGLE = Issuer(
    key="google",
    name="Google Cloud",
    recognized_by=HOST,
    sample_subject="112233445566778899001",
    trust=DeclaredKeys(
        "GoogleTrust",
        'One service account, with tokens for one audience ("Available keys for AWS OIDC federation", IAM User Guide).',
        (
            DeclaredKey(
                "google",
                _SERVICE_ACCOUNT,
                "The unique ID, which no later account with the same address has.",
                required=True,
            ),
            DeclaredKey(
                "audience",
                Audience,
                "The audience that the token is requested for, its `aud`; your choice, such as the role's ARN.",
                required=True,
            ),
        ),
    ),
    words="service account {google} of Google Cloud",
    example={"google": "112233445566778899001", "audience": "AUDIENCE"},
    claims=lambda trust: google_claims(trust["google"], trust["audience"]),
)
