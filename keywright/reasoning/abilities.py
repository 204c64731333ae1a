"""What an actor may do somewhere, and who of its account the templates declare."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from keywright.reasoning.actor import Account, Actor, ActorKind, Way
from keywright.reasoning.regions import NOTHING_IN_PARTICULAR, Region, arn_language, exactly, meets, region
from keywright.reasoning.technique import GROUP, NO_RESOURCE, POLICY, ROLE, USER, resource_kinds

if TYPE_CHECKING:
    from keywright.policy.context import Values
    from keywright.reasoning.emptiness import Union
    from keywright.reasoning.languages import Language
    from keywright.reasoning.technique import Technique

Fixed = tuple[tuple[str, "Values"], ...]
"""Condition keys (lower case) whose values a way fixes; no values: the key is absent."""

NOT_FIXED: Fixed = ()
KINDS = {ROLE: ActorKind.ROLE, USER: ActorKind.USER, GROUP: ActorKind.GROUP}


class Abilities:
    """One actor's permissions, looked at action by action."""

    def __init__(self, actor: Actor, account: Account) -> None:
        self.actor = actor
        self.account = account
        self._regions: dict[tuple[str, Fixed], Region] = {}

    def region(self, action: str, fixed: Fixed) -> Region:
        """Give the resources on which the actor may do an action, worked out once."""
        key = (action, fixed)
        if key not in self._regions:
            self._regions[key] = region(self.actor, action, dict(fixed))
        return self._regions[key]

    def has_all(self, technique: Technique) -> bool:
        """Tell whether the actor may do every action somewhere, so that looking closer is worth while."""
        if not self._allowed.issuperset(technique.actions):
            return False
        return not any(self.region(action, NOT_FIXED).is_empty for action in technique.actions)

    @cached_property
    def _allowed(self) -> frozenset[str]:
        """Give the actions of techniques that some Allow of the actor's speaks of."""
        spoken = map(self.account.actions_allowed_in, self.actor.documents)
        return frozenset().union(*spoken)

    def on(self, technique: Technique, kind: str, fixed: Fixed = NOT_FIXED) -> list[Region]:
        """Give the regions of what a technique needs on a kind of resource; one resource must lie in all."""
        return [self.region(action, fixed) for action, kinds in technique.needs if kind in kinds]

    def rest_is_open(self, technique: Technique, but: str) -> bool:
        """Tell whether the resources of all other kinds can be had."""
        kinds = {kind for _, several in technique.needs for kind in several if kind != but}
        return all(meets(self.on(technique, kind), self.any_of(kind)) for kind in kinds)

    def any_of(self, kind: str, *, here: bool = True) -> Union:
        """Give the ARNs of a kind of resource; those of IAM are of the actor's account, if they must be `here`."""
        if kind == NO_RESOURCE:
            return NOTHING_IN_PARTICULAR
        arns = resource_kinds()[kind].arns
        if here and kind.startswith("iam:") and self.actor.account.isdigit():
            arns = tuple(arn.replace("::*:", f"::{self.actor.account}:") for arn in arns)
        return frozenset(map(arn_language, arns))

    def is_here(self, other: Actor) -> bool:
        """Tell whether another is of the same account."""
        return other.account == self.actor.account

    def inside(self, kind: str) -> tuple[Actor, ...]:
        """Give the actors of a kind that the templates declare in the account."""
        return tuple(each for each in self.account.of_kind(KINDS[kind]) if self.is_here(each))

    def declared(self, kind: str) -> set[Language]:
        """Give the ARNs of a kind that the templates declare, and the actor's own."""
        if kind == POLICY:
            return set(map(exactly, (*self.account.policies, *self.own_policies())))
        return {exactly(each.arn) for each in (*self.inside(kind), self.actor)}

    def own_policies(self) -> list[str]:
        """Give the ARNs of the managed policies in force for the actor."""
        own = [self.actor.arn] if self.actor.kind is ActorKind.POLICY else []
        return own + [each.policy for each in self.actor.grants if each.way is Way.MANAGED and each.policy]
