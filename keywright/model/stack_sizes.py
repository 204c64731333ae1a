"""How many resources each stack of a kind holds, as far as declarations tell, and how many stacks would do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from keywright.model.shards import stack_name
from keywright.model.stack_kinds import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.model.declarations import Declarations
    from keywright.model.draft import Draft
    from keywright.model.shards import Shards
    from keywright.model.stack_kinds import Kind

RESOURCES = 500
"""The most resources of a stack ("Understand CloudFormation quotas", AWS CloudFormation User Guide)."""
INLINE = 190
"""So many resources of people fill a template of 51,200 bytes, the most that is deployed without a bucket to hand it over."""
_OF_EACH: dict[Kind, int] = {"people": 2, "groups": 1, "roles": 1, "workloads": 2, "buckets": 2}
"""Resources that each thing of a kind has at least; a user's second one ends what it had."""
_OF_A_LOGIN = 2
_OF_A_KEY = 2


def sizes(declared: Declarations | Draft, kind: Kind, shards: Shards) -> Mapping[int, int]:
    """Count the resources of a kind in each of its stacks, by the stack's number."""
    counted: Counter[int] = Counter()
    for name, thing in getattr(declared, SECTIONS[kind]).items():
        if not getattr(thing, "existing", None):
            counted[shards.number(kind, name)] += _resources(kind, thing)
    return counted


def _resources(kind: Kind, thing: object) -> int:
    login = _OF_A_LOGIN if getattr(thing, "console", False) else 0
    return _OF_EACH[kind] + login + _OF_A_KEY * len(getattr(thing, "access_keys", ()))


def fullest(declared: Declarations | Draft, kind: Kind, shards: Shards) -> tuple[str, int]:
    """Name the stack of a kind that holds most, with the number of its resources."""
    found = sizes(declared, kind, shards)
    number = max(found, key=lambda each: found[each], default=0)
    return stack_name(kind, number), found.get(number, 0)
