"""How the stacks are called that declarations become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.shards import stack_name
from keywright.model.stack_kinds import STACKS

if TYPE_CHECKING:
    from keywright.model.declarations import Declarations

ACCOUNT_STACK = "access-account"
ANALYZER_STACK = "access-analyzer"
CENTER_STACK = "access-identity-center"
KEYS_STACK = "access-keys"
"""How the stack is called, before its region, that holds the key for the copies of keys."""


def stack_patterns(declarations: Declarations) -> list[str]:
    """Name the stacks, those with a number by a pattern."""
    account, shards = declarations.account, declarations.shards
    first = {stack_name(kind, 0) for kind in STACKS}
    numbered = {f"{name}-*" for kind, name in STACKS.items() if len(shards.numbers(kind)) > 1}
    replica, analyzer = account.access_keys.replica, account.access_analyzer
    copies = [f"{KEYS_STACK}-{replica}"] if replica else []
    elsewhere = [f"{ANALYZER_STACK}-*"] if analyzer and analyzer.regions else []
    center = [CENTER_STACK] if declarations.identity_center else []
    return [ACCOUNT_STACK, *sorted(first | numbered), *copies, *elsewhere, *center]
