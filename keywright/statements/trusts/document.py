"""The trust policy of a role: its statements in one document that fits IAM's quota."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from keywright.policy.quotas import TRUST_POLICY
from keywright.policy.statement import Statement, policy_document
from keywright.reporting.text import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

TRUST_QUOTA = TRUST_POLICY.default
"""Characters of a trust policy without white space ("IAM and AWS STS quotas", IAM User Guide)."""
REFERENCE, _LONGEST_ARN = re.compile(r"\$\{Token\[[^\]]*\]\}"), "x" * 130
"""How CDK writes a reference to a resource of the stack before synthesis, and how long the ARN becomes at most."""


def trust_document(role: str, statements: Sequence[Statement]) -> dict[str, Any]:
    """Give a role's trust policy with its statements in this order, without duplicates.

    Raises:
        ValueError: There is no statement, or the document exceeds its quota.
    """
    if not statements:
        raise refusal(f"role `{role}` trusts nobody", found="no statement", accepted="at least one trust")
    document = _document(statements)
    size = _size(document)
    if size > TRUST_QUOTA:
        raise refusal(
            f"the trust policy of role `{role}` is too long",
            found=f"{size} characters",
            accepted=f"at most {TRUST_QUOTA}, so fewer trusts; use a second role for the rest",
        )
    return document


def fits_quota(statements: Sequence[Statement]) -> bool:
    """Tell whether a trust policy with these statements fits its quota."""
    return _size(_document(statements)) <= TRUST_QUOTA


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return policy_document(
        *{json.dumps(each.to_json(), sort_keys=True): each for each in statements}.values()
    )


def _size(document: dict[str, Any]) -> int:
    # IAM counts characters, not the escape sequences that JSON could have in their place.
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return len(REFERENCE.sub(_LONGEST_ARN, text))
