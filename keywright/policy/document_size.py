"""How long IAM finds a policy document."""

from __future__ import annotations

import json
from typing import Any

MANAGED_QUOTA = 6144
"""Characters of a managed policy without white space ("IAM and AWS STS quotas", IAM User Guide)."""


def document_size(document: dict[str, Any]) -> int:
    """Count characters as IAM does, which ignores white space; a blank inside a value counts, to be on the safe side."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
