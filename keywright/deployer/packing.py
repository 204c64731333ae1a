"""Statements packed into managed policies: as few as they fit into, each under IAM's quota.

Source: "IAM and AWS STS quotas": 6,144 characters without white space a managed policy, 10 policies a role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.policy.compaction import MANAGED_QUOTA, document_size, in_pieces
from keywright.policy.statement import Statement, policy_document

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 10
_PIECE = 2_000
"""Characters of a statement's actions, or of its resources: what is longer is cut, so that pieces fit together."""


class TooLongError(ValueError):
    """More policies than a role may have, or one that is too long."""


def too_many(policies: int) -> TooLongError:
    """Say that a role would have too many policies."""
    return TooLongError(f"found {policies} managed policies; accepted: at most {MOST} a role")


def too_long(size: int) -> TooLongError:
    """Say that the boundary would be too long; it can't be cut in two."""
    return TooLongError(
        f"found {size} characters of a permissions boundary; accepted: at most {MANAGED_QUOTA}"
    )


def packed(statements: Iterable[Statement]) -> tuple[dict[str, Any], ...]:
    """Pack statements that allow into documents; the first that has room takes each.

    Raises:
        TooLongError: There are too many for a role.
    """
    boxes: list[list[Statement]] = []
    for statement in statements:
        for piece in in_pieces(statement, _PIECE):
            _put(piece, boxes)
    if len(boxes) > MOST:
        raise too_many(len(boxes))
    return tuple(policy_document(*box) for box in boxes)


def _put(piece: Statement, boxes: list[list[Statement]]) -> None:
    for box in boxes:
        if document_size(policy_document(*box, piece)) <= MANAGED_QUOTA:
            box.append(piece)
            return
    boxes.append([piece])
