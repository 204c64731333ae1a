"""The resources on which a principal can perform an action.

An over-approximation, whatever the request context.

An Allow counts where its conditions may hold, a Deny only where they certainly do, and variables are bounded
in both directions. So an empty result is a proof, while a resource that is found may need certain context
keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from keywright.policy.matching.context import ABSENT, MAYBE, NO, YES, Truth, truth
from keywright.policy.matching.patterns import ANY
from keywright.policy.matching.variables import Variable, tokens
from keywright.policy.statement import Effect
from keywright.reasoning.account.partial_context import conditions_hold, partial_context
from keywright.reasoning.evaluation.aws_refusals import refusals_of, refused_patterns
from keywright.reasoning.evaluation.service_rules import may_be_service_linked
from keywright.reasoning.sets.emptiness import PatternsTooComplexError, find_word, is_subset, text_of
from keywright.reasoning.sets.examples import EXAMPLE
from keywright.reasoning.sets.languages import Dialect, Language, language, over_approximation, pattern

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from keywright.policy.matching.context import Context, Values
    from keywright.policy.matching.variables import Token
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Actor
    from keywright.reasoning.sets.emptiness import Union, Word

MOST_CHOICES = 2_000
"""Combinations of Allow statements with `NotResource` that one query may try."""

MOST_EXCLUSIONS = 50
"""Known resources that one query may exclude before it gives up."""


@dataclass(frozen=True)
class PatternSet:
    """A union of patterns (`any_of`), or the complement of one (`none_of`, where `any_of` is None)."""

    any_of: Union | None
    none_of: Union = frozenset()

    def contains(self, text: str) -> bool:
        """Return whether a resource is in the set."""
        if self.any_of is None:
            return not any(each.contains(text) for each in self.none_of)
        return any(over_approximation(each).contains(text) for each in self.any_of)


@dataclass(frozen=True)
class ResourceSet:
    """Resources on which an action may be allowed.

    In a pattern set of each layer, in all of `required`, in none of `excluded`, and in none of `refused`: on those
    AWS refuses the action to everyone.
    """

    layers: tuple[tuple[PatternSet, ...], ...]
    required: tuple[Union, ...] = ()
    excluded: Union = frozenset()
    refused: Union = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether some layer allows no resource at all."""
        return not all(self.layers)

    def contains(self, text: str) -> bool:
        """Return whether the action may be allowed on a resource."""
        if any(each.contains(text) for union in (self.excluded, self.refused) for each in union):
            return False
        if not all(any(over_approximation(each).contains(text) for each in union) for union in self.required):
            return False
        return all(any(pattern_set.contains(text) for pattern_set in layer) for layer in self.layers)

    def patterns(self) -> tuple[str, ...]:
        """Return the patterns of the first layer as text."""
        pattern_sets = self.layers[0] if self.layers else ()
        return tuple(
            sorted({pattern_text(each) for pattern_set in pattern_sets for each in pattern_set.any_of or ()})
        )


def allowed_resources(actor: Actor, action: str, fixed: Mapping[str, Values]) -> ResourceSet:
    """Return the resources on which an actor can perform an action, given the keys in `fixed`."""
    wanted = action.lower()
    if not any(document.concerning(wanted) for layer in actor.layers for document in layer):
        return ResourceSet(((),) * len(actor.layers))
    context = partial_context(actor, action, fixed)
    return resources_allowed_by(actor.layers, action, context, is_linked=may_be_service_linked(actor.arn))


def resources_allowed_by(
    layers: Sequence[Sequence[Document]], action: str, context: Context, *, is_linked: bool = False
) -> ResourceSet:
    """Return the resources on which every layer may allow an action and no layer certainly denies it.

    `is_linked` says that the policies may be those of a service-linked role, to which AWS refuses nothing.
    """
    wanted = action.lower()
    allowing = tuple(tuple(_pattern_sets(_allowing(layer, wanted, context), context)) for layer in layers)
    required: list[Union] = []
    excluded: set[Language] = set()
    for statement in _denying(layers, wanted, context):
        read = list(_read(statement, context))
        texts = {each for each in read if each is not None}
        if not statement.not_resources:
            excluded |= texts if read else {EVERYTHING}
        elif len(texts) == len(set(read)):  # otherwise AWS does not document what it denies
            required.append(frozenset(texts))
    refused = frozenset() if is_linked else frozenset(map(arn_language, refused_patterns(wanted)))
    return ResourceSet(allowing, tuple(required), frozenset(excluded), refused)


def _allowing(layer: Sequence[Document], action: str, context: Context) -> Iterator[Statement]:
    for document in layer:
        for statement in document.concerning(action):
            if statement.effect is Effect.ALLOW and conditions_hold(statement, context) is not NO:
                yield statement


def _denying(layers: Sequence[Sequence[Document]], action: str, context: Context) -> Iterator[Statement]:
    for document in (document for layer in layers for document in layer):
        for statement in document.concerning(action):
            if statement.effect is Effect.DENY and conditions_hold(statement, context) is YES:
                yield statement


def _pattern_sets(statements: Iterable[Statement], context: Context) -> Iterator[PatternSet]:
    """Make one pattern set of all statements with `Resource`, and one of each with `NotResource`."""
    together: set[Language] = set()
    for statement in statements:
        if statement.not_resources:
            yield PatternSet(None, resource_languages(statement, context))
        else:
            together |= resource_languages(statement, context) if statement.resources else {EVERYTHING}
    if together:
        yield PatternSet(frozenset(together))


def resource_languages(statement: Statement, context: Context) -> Union:
    """Return the patterns of `Resource` or `NotResource`.

    A pattern with a variable that is absent matches nothing.
    """
    return frozenset(each for each in _read(statement, context) if each is not None)


def _read(statement: Statement, context: Context) -> Iterator[Language | None]:
    """Read each pattern; None for one with a variable that is certainly absent."""
    for text in statement.resources or statement.not_resources:
        found = [_written(token, context) for token in tokens(text, statement.knows_variables)]
        yield None if None in found else pattern((each for each in found if each is not None), Dialect.ARN)


def _written(token: Token, context: Context) -> Token | None:
    if not isinstance(token, Variable):
        return token
    value = context.lookup(token.key)
    if value is ABSENT:
        return token.default
    return value[0] if isinstance(value, tuple) and len(value) == 1 else token


EVERYTHING = language((ANY,))
NO_SPECIFIC_RESOURCE = frozenset({language(("*",))})
"""The resource of actions that do not act on a specific one."""


@lru_cache(maxsize=4096)
def arn_language(text: str, knows_variables: bool = False) -> Language:  # noqa: FBT001, FBT002 - cached by position
    """Read an ARN pattern, with or without policy variables."""
    return pattern(tokens(text, knows_variables), Dialect.ARN)


@lru_cache(maxsize=4096)
def literal_language(text: str) -> Language:
    """Return the language of one literal text."""
    return language((text,), Dialect.ARN)


def pattern_text(each: Language) -> str:
    """Return a pattern as text."""
    parts = (f"${{{part.key}}}" if isinstance(part, Variable) else part for part in each.tokens)
    return "".join(part if isinstance(part, str) else part.value for part in parts)


def intersects(
    resource_sets: Sequence[ResourceSet],
    candidates: Union,
    excluded: Iterable[Language] = (),
    known: Container[str] = (),
) -> Truth:
    """Return whether some resource in `candidates` is in all sets, not known and not excluded.

    MAYBE where deciding it would exceed the limits.
    """
    if any(each.is_empty for each in resource_sets):
        return NO
    excluded_patterns = set(excluded)
    for texts in filter(None, (_literals(layer) for each in resource_sets for layer in each.layers)):
        left = (text for text in texts if text not in known)
        return truth(any(_is_common(text, resource_sets, candidates, excluded_patterns) for text in left))
    try:
        for _ in range(MOST_EXCLUSIONS):
            word = next(_words(resource_sets, candidates, excluded_patterns), None)
            text = text_of(word) if word is not None else None
            if text is None or text not in known:
                return truth(word is not None)
            excluded_patterns.add(literal_language(text))
    except PatternsTooComplexError:
        pass
    return MAYBE


def _literals(layer: tuple[PatternSet, ...]) -> frozenset[str]:
    """Return the resources of a layer that lists single resources; empty where it has wildcards."""
    patterns = [each for pattern_set in layer for each in pattern_set.any_of or (EVERYTHING,)]
    texts = frozenset(each.literal for each in patterns if each.literal is not None)
    return texts if len(texts) == len(set(patterns)) else frozenset()


def _is_common(
    text: str, resource_sets: Sequence[ResourceSet], candidates: Union, excluded_patterns: Iterable[Language]
) -> bool:
    if any(each.contains(text) for each in excluded_patterns) or not any(
        each.contains(text) for each in candidates
    ):
        return False
    return all(each.contains(text) for each in resource_sets)


def example_resource(resource_sets: Sequence[ResourceSet], candidates: Union) -> str | None:
    """Return an example of a resource in `candidates` that may be in all sets.

    Empty for none, None where it is undecided.

    Variables get made-up values.
    """
    try:
        word = next(_words(resource_sets, candidates, ()), ())
    except PatternsTooComplexError:
        return None
    return "".join(EXAMPLE if isinstance(symbol, Variable) else symbol for symbol in word)


def _words(
    resource_sets: Sequence[ResourceSet], candidates: Union, excluded: Iterable[Language]
) -> Iterator[Word]:
    """Search each combination of one pattern set per layer."""
    layers = [layer for each in resource_sets for layer in each.layers]
    required = [union for each in resource_sets for union in each.required]
    excluded_patterns = {
        *excluded,
        *(pattern for each in resource_sets for union in (each.excluded, each.refused) for pattern in union),
    }
    for count, choice in enumerate(product(*layers)):
        if count > MOST_CHOICES:
            raise PatternsTooComplexError
        wanted = [
            candidates,
            *required,
            *(pattern_set.any_of for pattern_set in choice if pattern_set.any_of is not None),
        ]
        word = find_word(wanted, excluded_patterns.union(*(pattern_set.none_of for pattern_set in choice)))
        if word is not None:
            yield word


def includes_all(each: ResourceSet, kind: Union) -> Truth:
    """Return whether a set certainly includes every resource of a kind.

    MAYBE where deciding it would exceed the limits.
    """
    if each.required or each.excluded:
        return NO
    try:
        return truth(all(_layer_includes_all(layer, kind) for layer in each.layers))
    except PatternsTooComplexError:
        return MAYBE


def refusal_of_all(actions: Iterable[str], resources: Sequence[str]) -> str:
    """Return why AWS refuses each of these actions, on each resource of these patterns, to everyone; empty where it does not."""
    reasons = {_refusal_on(action.lower(), each) for action in actions for each in resources}
    return reasons.pop() if len(reasons) == 1 else ""


def _refusal_on(lowered_action: str, resource: str) -> str:
    for refusal in refusals_of(lowered_action):
        try:
            if any(is_subset(arn_language(resource), arn_language(each)) for each in refusal.resources):
                return refusal.reason
        except PatternsTooComplexError:
            continue
    return ""


def _layer_includes_all(layer: tuple[PatternSet, ...], kind: Union) -> bool:
    return any(
        pattern_set.any_of and all(any(is_subset(one, other) for other in pattern_set.any_of) for one in kind)
        for pattern_set in layer
    )
