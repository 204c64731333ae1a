"""Trust in a machine outside AWS that has a certificate, by IAM Roles Anywhere."""

from __future__ import annotations

import re

from keywright.policy.statement import Statement
from keywright.reporting.text import refusal
from keywright.statements.trusts.document import REFERENCE

_ANCHOR = re.compile(
    r"arn:aws[a-z-]*:rolesanywhere:[a-z0-9-]+:[0-9]{12}:trust-anchor/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
# X.509 limits a common name to 64 characters; `*` and `?` would match other names, `$` can start a policy
# variable.
_LITERAL = re.compile(r"[^*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]{1,64}")


def anywhere_trust(*, trust_anchor_arn: str, common_name: str) -> Statement:
    """Let the machine with the certificate of this common name, issued under this trust anchor, assume the role.

    Without the anchor any authority that the account trusts could issue certificates for the role; without the name any
    of its certificates would do ("The IAM Roles Anywhere trust model", IAM Roles Anywhere User Guide). The session has the
    certificate's names as tags and its common name as source identity, so the trust must allow setting both.

    The ARN can be a reference to an anchor of the same stack.

    Raises:
        ValueError: It is no ARN of a trust anchor, or the name is a pattern.
    """
    if not (_ANCHOR.fullmatch(trust_anchor_arn) or REFERENCE.fullmatch(trust_anchor_arn)):
        raise refusal(
            "a trust in certificates names their trust anchor",
            found=f"`{trust_anchor_arn}`",
            accepted="the ARN of a trust anchor",
        )
    if not _LITERAL.fullmatch(common_name):
        raise refusal(
            "the common name of a certificate is compared exactly",
            found=f"`{common_name}`",
            accepted="1 to 64 Latin characters without `*`, `?` and `$`",
        )
    return Statement(
        actions=("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"),
        principals={"Service": ("rolesanywhere.amazonaws.com",)},
        conditions={
            "ArnEquals": {"aws:SourceArn": (trust_anchor_arn,)},
            "StringEquals": {"aws:PrincipalTag/x509Subject/CN": (common_name,)},
        },
    )
