"""`access-groups-1` and on: groups that don't share a stack with the first people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.stacks.shards import stack_name
from stacks.declared_groups import DeclaredGroups
from stacks.pinned_stack import PinnedStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.setting import Setting


class GroupsStack(PinnedStack):
    """The declared groups of a shard, with their time-bound twins."""

    def __init__(self, scope: Construct, number: int, *, setting: Setting) -> None:
        super().__init__(scope, stack_name("groups", number), setting=setting, description="Groups")
        self.declared |= DeclaredGroups(self, number, setting=setting).made
