"""What an actor may do somewhere, and who of its account the templates declare."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import MAYBE, YES
from keywright.reasoning.account.actors import Account, Actor, ActorKind, PolicyKind
from keywright.reasoning.account.resource_sets import (
    NO_SPECIFIC_RESOURCE,
    ResourceSet,
    allowed_resources,
    arn_language,
    includes_all,
    intersects,
)
from keywright.reasoning.escalation.account_index import account_index
from keywright.reasoning.escalation.technique import GROUP, NO_RESOURCE, POLICY, ROLE, USER, resource_kinds

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from keywright.policy.matching.context import Truth, Values
    from keywright.policy.statement import Statement
    from keywright.reasoning.escalation.account_index import ActorIndex
    from keywright.reasoning.escalation.technique import Technique
    from keywright.reasoning.sets.emptiness import Union
    from keywright.reasoning.sets.languages import Language

FixedKeys = tuple[tuple[str, "Values"], ...]
"""Condition keys (lower case) whose values a way fixes; no values: the key is absent."""

NO_FIXED_KEYS: FixedKeys = ()
TOO_MANY = "the patterns overlap in too many ways to decide whether a resource remains"
KINDS = {ROLE: ActorKind.ROLE, USER: ActorKind.USER, GROUP: ActorKind.GROUP}


class ActorPermissions:
    """One actor's permissions, looked at action by action. `doubts` gathers what took too long to tell."""

    def __init__(self, actor: Actor, account: Account) -> None:
        self.actor = actor
        self.account = account
        self.register = account_index(account)
        self.doubts: dict[str, None] = {}
        self._regions: dict[tuple[str, FixedKeys], ResourceSet] = {}

    def region(self, action: str, fixed: FixedKeys) -> ResourceSet:
        """Give the resources on which the actor may do an action, worked out once."""
        key = (action, fixed)
        if key not in self._regions:
            self._regions[key] = self._in_common(action) or allowed_resources(self.actor, action, dict(fixed))
        return self._regions[key]

    def _in_common(self, action: str) -> ResourceSet | None:
        """Give what all share for whom the same statements speak of an action; None where they ask who asks, or how."""
        wanted = action.lower()
        layers = [self.actor.documents, *([(self.actor.boundary,)] if self.actor.boundary else [])]
        about = [[each for document in layer for each in document.concerning(wanted)] for layer in layers]
        if any(each.conditions or _has_variables(each) for layer in about for each in layer):
            return None
        key = action, *(tuple(map(id, layer)) for layer in about)
        known = self.register.regions.get(key)
        if known is None:
            known = (
                allowed_resources(self.actor, action, {}),
                about,
            )  # which keeps the numbers of its statements taken
            self.register.regions[key] = known
        return known[0]

    def has_all(self, technique: Technique) -> bool:
        """Tell whether the actor may do every action somewhere, so that looking closer is worth while."""
        if not self.allowed.issuperset(technique.actions):
            return False
        return not any(self.region(action, NO_FIXED_KEYS).is_empty for action in technique.actions)

    @cached_property
    def allowed(self) -> frozenset[str]:
        """Give the actions of techniques that some Allow of the actor's speaks of."""
        spoken = map(self.register.actions_allowed_in, self.actor.documents)
        return frozenset().union(*spoken)

    def on(self, technique: Technique, kind: str, fixed: FixedKeys = NO_FIXED_KEYS) -> list[ResourceSet]:
        """Give the regions of what a technique needs on a kind of resource; one resource must lie in all."""
        return [self.region(action, fixed) for action, kinds in technique.needs if kind in kinds]

    def meets(
        self,
        technique: Technique,
        regions: Sequence[ResourceSet],
        among: Union,
        but: Container[str] = (),
        barred: Iterable[Language] = (),
    ) -> bool:
        """Tell whether one resource among some, but for some, lies in all regions; what can't be told is a doubt."""
        return self._certainly(technique, intersects(regions, among, barred, but))

    def covers(self, technique: Technique, regions: Iterable[ResourceSet], kind: Union) -> bool:
        """Tell whether all regions hold every resource of a kind; what can't be told is a doubt."""
        return self._certainly(technique, min((includes_all(each, kind) for each in regions), default=YES))

    def _certainly(self, technique: Technique, found: Truth) -> bool:
        if found is MAYBE:
            self.doubts[f"{technique.title}: {TOO_MANY}"] = None
        return found is YES

    def rest_is_open(self, technique: Technique, but: str) -> bool:
        """Tell whether the resources of all other kinds can be had."""
        kinds = {kind for _, several in technique.needs for kind in several if kind != but}
        return all(self.meets(technique, self.on(technique, kind), self.any_of(kind)) for kind in kinds)

    def any_of(self, kind: str, *, here: bool = True) -> Union:
        """Give the ARNs of a kind of resource in the actor's partition, which nobody leaves.

        Those of IAM are of the actor's account, if they must be `here`.
        """
        is_here = here and kind.startswith("iam:") and self.actor.account.isdigit()
        return _any_of(kind, self._partition, self.actor.account if is_here else "*")

    @cached_property
    def _partition(self) -> str:
        arn = Arn.parse(self.actor.arn)
        return arn.partition if arn is not None and "<" not in arn.partition else "*"

    def is_here(self, other: Actor) -> bool:
        """Tell whether another is of the same account."""
        return other.account == self.actor.account

    def roll(self, kind: str) -> ActorIndex:
        """Give the actors of a kind that the templates declare in the account."""
        return self.register.roll(KINDS[kind], self.actor.account)

    def others(self, kind: str, regions: Sequence[ResourceSet]) -> Iterator[Actor]:
        """Give those of them that lie in all regions, but for the actor."""
        return (each for each in self.roll(kind).within(regions) if each.arn != self.actor.arn)

    def declared(self, kind: str) -> Container[str]:
        """Give the ARNs of a kind that the templates declare, and the actor's own."""
        if kind == POLICY:
            return {*self.account.policies, *managed_policy_arns(self.actor)}
        arns = self.roll(kind).arns
        is_listed = self.actor.kind is not KINDS[kind] or self.actor.arn in arns
        return arns if is_listed else arns | {self.actor.arn}


def _has_variables(statement: Statement) -> bool:
    return any("${" in each for each in statement.resources or statement.not_resources)


def managed_policy_arns(actor: Actor) -> list[str]:
    """Give the ARNs of the managed policies in force for an actor."""
    own = [actor.arn] if actor.kind is ActorKind.POLICY else []
    return own + [each.policy for each in actor.grants if each.kind is PolicyKind.MANAGED and each.policy]


@cache
def _any_of(kind: str, partition: str, owner: str) -> Union:
    if kind == NO_RESOURCE:
        return NO_SPECIFIC_RESOURCE
    arns = resource_kinds()[kind].arns
    here = (arn.replace("arn:*:", f"arn:{partition}:").replace("::*:", f"::{owner}:") for arn in arns)
    return frozenset(map(arn_language, here))
