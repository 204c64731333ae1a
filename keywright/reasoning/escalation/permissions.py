"""What an actor can do, action by action, and the declared actors of its account."""

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
"""Condition keys (in lower case) whose values a technique determines; no values: the key is absent."""

NO_FIXED_KEYS: FixedKeys = ()
TOO_MANY = "the patterns overlap in too many ways to decide whether a resource remains"
KINDS = {ROLE: ActorKind.ROLE, USER: ActorKind.USER, GROUP: ActorKind.GROUP}


class ActorPermissions:
    """The permissions of one actor; `doubts` collects what exceeded the limits."""

    def __init__(self, actor: Actor, account: Account) -> None:
        self.actor = actor
        self.account = account
        self.index = account_index(account)
        self.doubts: dict[str, None] = {}
        self._resources: dict[tuple[str, FixedKeys], ResourceSet] = {}

    def resources(self, action: str, fixed: FixedKeys) -> ResourceSet:
        """Return the resources on which the actor can perform an action; computed once."""
        key = (action, fixed)
        if key not in self._resources:
            self._resources[key] = self._in_common(action) or allowed_resources(
                self.actor, action, dict(fixed)
            )
        return self._resources[key]

    def _in_common(self, action: str) -> ResourceSet | None:
        """Return the resources shared by all actors with the same statements.

        None where these depend on the actor.
        """
        wanted = action.lower()
        about = [
            [each for document in layer for each in document.concerning(wanted)]
            for layer in self.actor.layers
        ]
        # Conditions and variables make the result depend on the actor, so it cannot be shared.
        if any(each.conditions or _has_variables(each) for layer in about for each in layer):
            return None
        key = action, *(tuple(map(id, layer)) for layer in about)
        known = self.index.resource_sets.get(key)
        if known is None:
            # The entry keeps its statements alive, so that no other statement can get the same id.
            known = allowed_resources(self.actor, action, {}), about
            self.index.resource_sets[key] = known
        return known[0]

    def has_all(self, technique: Technique) -> bool:
        """Return whether the actor can perform every action of a technique on some resource.

        A quick first test.
        """
        if not self.allowed.issuperset(technique.actions):
            return False
        return not any(self.resources(action, NO_FIXED_KEYS).is_empty for action in technique.actions)

    @cached_property
    def allowed(self) -> frozenset[str]:
        """The technique actions that some Allow statement of the actor matches."""
        spoken = map(self.index.actions_allowed_in, self.actor.documents)
        return frozenset().union(*spoken)

    def on(self, technique: Technique, kind: str, fixed: FixedKeys = NO_FIXED_KEYS) -> list[ResourceSet]:
        """Return the allowed resources of each action that a technique performs on a kind of resource."""
        return [self.resources(action, fixed) for action, kinds in technique.needs if kind in kinds]

    def intersects(
        self,
        technique: Technique,
        resource_sets: Sequence[ResourceSet],
        among: Union,
        except_for: Container[str] = (),
        excluded: Iterable[Language] = (),
    ) -> bool:
        """Return whether one of some resources, except those in `but`, is in all sets.

        What is undecided becomes a doubt.
        """
        return self._decided(technique, intersects(resource_sets, among, excluded, except_for))

    def includes_all(self, technique: Technique, resource_sets: Iterable[ResourceSet], kind: Union) -> bool:
        """Return whether all sets include every resource of a kind; what is undecided becomes a doubt."""
        return self._decided(
            technique, min((includes_all(each, kind) for each in resource_sets), default=YES)
        )

    def _decided(self, technique: Technique, found: Truth) -> bool:
        if found is MAYBE:
            self.doubts[f"{technique.title}: {TOO_MANY}"] = None
        return found is YES

    def allows_other_kinds(self, technique: Technique, except_for: str) -> bool:
        """Return whether the technique's actions on all other kinds of resource are allowed."""
        kinds = {kind for _, several in technique.needs for kind in several if kind != except_for}
        return all(self.intersects(technique, self.on(technique, kind), self.any_of(kind)) for kind in kinds)

    def any_of(self, kind: str, *, here: bool = True) -> Union:
        """Return the ARN patterns of a kind of resource in the actor's partition.

        With `here`, resources of IAM must be in the actor's account.
        """
        is_same_account = here and kind.startswith("iam:") and self.actor.account.isdigit()
        return _any_of(kind, self._partition, self.actor.account if is_same_account else "*")

    @cached_property
    def _partition(self) -> str:
        arn = Arn.parse(self.actor.arn)
        return arn.partition if arn is not None and "<" not in arn.partition else "*"

    def is_same_account(self, other: Actor) -> bool:
        """Return whether another actor is in the same account."""
        return other.account == self.actor.account

    def actors_of(self, kind: str) -> ActorIndex:
        """Return the actors of a kind that the templates declare in the account."""
        return self.index.actors_of(KINDS[kind], self.actor.account)

    def other_actors(self, kind: str, resource_sets: Sequence[ResourceSet]) -> Iterator[Actor]:
        """Return those of them, except the actor, that are in all given sets."""
        return (each for each in self.actors_of(kind).within(resource_sets) if each.arn != self.actor.arn)

    def declared_arns(self, kind: str) -> Container[str]:
        """Return the declared ARNs of a kind, and the actor's own."""
        if kind == POLICY:
            return {*self.account.policies, *managed_policy_arns(self.actor)}
        arns = self.actors_of(kind).arns
        is_listed = self.actor.kind is not KINDS[kind] or self.actor.arn in arns
        return arns if is_listed else arns | {self.actor.arn}


def _has_variables(statement: Statement) -> bool:
    return any("${" in each for each in statement.resources or statement.not_resources)


def managed_policy_arns(actor: Actor) -> list[str]:
    """Return the ARNs of the managed policies that apply to an actor."""
    own = [actor.arn] if actor.kind is ActorKind.POLICY else []
    return own + [each.policy for each in actor.grants if each.kind is PolicyKind.MANAGED and each.policy]


@cache
def _any_of(kind: str, partition: str, owner: str) -> Union:
    if kind == NO_RESOURCE:
        return NO_SPECIFIC_RESOURCE
    arns = resource_kinds()[kind].arns
    here = (arn.replace("arn:*:", f"arn:{partition}:").replace("::*:", f"::{owner}:") for arn in arns)
    return frozenset(map(arn_language, here))
