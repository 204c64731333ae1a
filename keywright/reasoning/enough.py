"""Whether somebody may make every request of those asked, or which one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Effect
from keywright.reasoning.layers import layers_of, limits_of
from keywright.reasoning.reaching import naming
from keywright.reasoning.replay import Replayed
from keywright.reasoning.search import Comparison, Search, Sides, UndecidedComparison
from keywright.reasoning.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from keywright.reasoning.holder import Holder
    from keywright.reasoning.layers import Layers
    from keywright.reasoning.reaching import Inquiry
    from keywright.reasoning.request import Request


def missing_in(inquiry: Inquiry, holder: Holder) -> Comparison:
    """Look for a request that is refused: new access is one, no new access that every one is allowed.

    What a resource's policy alone allows counts where nothing limits whom it names, for then the two are one.
    """
    unread = next(
        (one for layer in layers_of(holder.policies) for each in layer for one in each.unread), None
    )
    unread = unread or next((one for each in inquiry.hung for one in each.document.unread), None)
    if unread:
        return UndecidedComparison(f"a part of a policy can't be understood: {unread.reason}")

    def confirm(request: Request) -> Replayed:
        verdict = inquiry.evaluated(holder, request)
        is_refused = not isinstance(verdict, Allowed | Undecided)
        return Replayed.EITHER_WAY if is_refused else Replayed.NOT_NEW

    sides = Sides(_allowed(inquiry, holder), [(inquiry.asked.document,)])
    return Search(sides, confirm, holder.arn).answer()


def _allowed(inquiry: Inquiry, holder: Holder) -> Layers:
    hung = tuple(each.document for each in inquiry.hung)
    limits = limits_of(holder.policies)
    if inquiry.is_foreign_to(holder):
        return [holder.identity, *limits, hung]
    if limits:
        own = (*holder.identity, *(each.only(Effect.DENY) for each in hung))
    else:
        own = (*holder.identity, *naming(hung, holder.arn, "role"))
    return [own, *limits, *([inquiry.needed] if inquiry.needed else [])]
