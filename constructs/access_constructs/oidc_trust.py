"""Trust in one subject of an OpenID Connect issuer."""

from __future__ import annotations

import re

from access_constructs.oidc_provider import issuer_of
from access_constructs.refusal import refusal
from keywright.policy.statement import Statement

_LITERAL = re.compile(r"[^*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]+")


def oidc_trust(*, provider_arn: str, url: str, audience: str, subject: str) -> Statement:
    """Let one subject assume the role with a token for this audience, both compared exactly.

    The audience says who a token is for, the subject who it is from; without the subject every tenant of a public
    issuer is trusted ("Create a role for OpenID Connect federation", IAM User Guide).

    Raises:
        ValueError: Subject or audience is a pattern or holds a policy variable.
    """
    issuer = issuer_of(url)
    for what, value in (("audience", audience), ("subject", subject)):
        if not _LITERAL.fullmatch(value):
            raise refusal(
                f"the {what} of `{issuer}` is compared exactly",
                found=f"`{value}`",
                accepted="one literal value without `*`, `?` and `$`",
            )
    return Statement(
        actions=("sts:AssumeRoleWithWebIdentity",),
        principals={"Federated": (provider_arn,)},
        conditions={"StringEquals": {f"{issuer}:aud": (audience,), f"{issuer}:sub": (subject,)}},
    )
