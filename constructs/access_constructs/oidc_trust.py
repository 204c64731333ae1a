"""Trust in one subject of an OpenID Connect issuer."""

from __future__ import annotations

import re

from access_constructs.issuer import issuer_of
from access_constructs.refusal import refusal
from access_constructs.token_subject import TokenSubject, exactly
from keywright.policy.statement import Conditions, Statement

_LITERAL = re.compile(r"[^*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]+")


def oidc_trust(*, provider_arn: str, url: str, audience: str, subject: str | TokenSubject) -> Statement:
    """Let one subject assume the role with a token for this audience, both compared exactly.

    The audience says who a token is for, the subject who it is from; without the subject every tenant of a public
    issuer is trusted ("Create a role for OpenID Connect federation", IAM User Guide). Where an issuer writes into the
    subject what nobody knows before, such as a commit, a subject of `token_subject` leaves that open, and that alone.

    Raises:
        ValueError: Subject or audience is a pattern or holds a policy variable.
    """
    issuer = issuer_of(url)
    if not _LITERAL.fullmatch(audience):
        raise refusal(
            f"the audience of `{issuer}` is compared exactly",
            found=f"`{audience}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    meant = exactly(subject, issuer) if isinstance(subject, str) else subject
    return Statement(
        actions=("sts:AssumeRoleWithWebIdentity",),
        principals={"Federated": (provider_arn,)},
        conditions=_conditions(issuer, audience, meant),
    )


def _conditions(issuer: str, audience: str, subject: TokenSubject) -> Conditions:
    audiences, subjects = {f"{issuer}:aud": (audience,)}, {f"{issuer}:sub": (subject.text,)}
    if subject.is_pattern:
        return {"StringEquals": audiences, "StringLike": subjects}
    return {"StringEquals": audiences | subjects}
