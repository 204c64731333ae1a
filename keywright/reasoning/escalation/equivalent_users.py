"""Finds users that differ only in their name: if one of them cannot escalate, none of them can.

Thousands of people often have the same policies. Take two of them and swap their names everywhere: in their
ARNs, in the secrets with their credentials, and wherever a policy has `${aws:username}`. If no pattern of the
account distinguishes the two names, the swap maps the account onto itself (an automorphism), and maps each
step of one user to a step of the other. So a proof about one is a proof about the other. The analysis covers
everything that a search compares: resources, conditions, principals, boundaries, ARNs. Where a pattern may
distinguish names in a way that is not supported, no users count as equivalent.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import pieces
from keywright.policy.matching.variables import tokens
from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference.managed_policies import PREFIX, managed_policy_document
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.escalation.limits import partition_of_arn, unrestricted_boundaries
from keywright.reasoning.escalation.name_patterns import (
    BY_ARN,
    PLAIN_NAME,
    USER_ID,
    USER_NAME,
    NameDistinctions,
    NamePosition,
    Pattern,
    UnsupportedPatternError,
    are_disjoint_prefixes,
    arn_pattern,
    has_name_variable,
    value_pattern,
    values_of,
    whole_pattern,
)
from keywright.reasoning.escalation.technique import resource_kinds
from keywright.reasoning.sets.languages import Dialect, over_approximation, pattern

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from keywright.policy.conditions import Condition
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Account, Actor, CredentialSource
    from keywright.reasoning.sets.languages import Language

EquivalenceKey = tuple[object, ...]

_NAMING_POLICIES = frozenset({"iam:policyarn", "iam:permissionsboundary"})
_BY_NAME = frozenset({USER_NAME, USER_ID})
_BUDGET_PER_USER = 500
"""Pattern comparisons per user that are budget their time: searching for one user costs about as much."""
_SPELLING = 10
_COLONS = 5
"""The number of colons in a complete ARN of a user."""
_ANY_POSITION = NamePosition((), "")


def equivalence_classes(account: Account, actors: Iterable[Actor]) -> Mapping[Actor, EquivalenceKey]:
    """Return, for each user that has an equivalent one among `actors`, the key that they share."""
    several = _shared_keys({actor: _policies_key(actor) for actor in actors if _is_plain(actor)})
    if not several:
        return {}
    try:
        distinctions = _NameUses(
            account, {_path(actor) for actor in several}, _BUDGET_PER_USER * len(several)
        ).distinctions()
    except UnsupportedPatternError:
        return {}
    return _shared_keys(
        {actor: (*shared, distinctions.of(actor.user_name)) for actor, shared in several.items()}
    )


def _shared_keys(shared: Mapping[Actor, EquivalenceKey]) -> Mapping[Actor, EquivalenceKey]:
    """Drop the users that share their key with no other."""
    sorts: dict[EquivalenceKey, list[Actor]] = {}
    for actor, each in shared.items():
        sorts.setdefault(each, []).append(actor)
    return {actor: each for each, actors in sorts.items() if len(actors) > 1 for actor in actors}


def _is_plain(actor: Actor) -> bool:
    is_whole = actor.arn.count(":") == _COLONS
    return actor.kind is ActorKind.USER and is_whole and bool(PLAIN_NAME.fullmatch(actor.user_name))


def _policies_key(actor: Actor) -> EquivalenceKey:
    held = ((id(each.document), each.kind, each.group, each.policy) for each in actor.grants)
    limits = id(actor.boundary), actor.boundary_arn, actor.may_have_boundary
    tags = frozenset(actor.tags.items())
    return _path(actor), *held, *limits, actor.groups, tags, actor.doubts, actor.made_by


def _path(actor: Actor) -> str:
    return actor.arn.removesuffix(actor.user_name)


Elements = dict["Hashable", tuple[Pattern, ...]]
"""Patterns by the element that they are part of: a statement's resources, a condition's values."""
_Resources = tuple[tuple[str, ...], bool]
"""Patterns of resources, and whether they may contain variables."""


class _NameUses:
    """The search through all patterns of an account for user names that they distinguish."""

    def __init__(self, account: Account, paths: Iterable[str], budget: int) -> None:
        self._account = account
        self._paths = paths
        self._documents = list(_documents(account))
        self._distinctions = NameDistinctions(budget)
        self._tests = dict.fromkeys(test for each in self._statements() for test in each.condition_tests)
        self._documents += _attachable(self._tests)
        self._resources: dict[_Resources, None] = dict.fromkeys(
            (texts, each.knows_variables)
            for each in self._statements()
            for texts in (each.resources, each.not_resources)
            if texts
        )
        self._principals = dict.fromkeys(
            named
            for each in self._statements()
            for principals in (each.principals, each.not_principals)
            for named in principals.items()
        )

    @cached_property
    def _tags(self) -> frozenset[str]:
        """The known tag values, which conditions may be compared with."""
        tagged: tuple[Actor | CredentialSource, ...] = (
            *self._account.actors,
            *self._account.groups,
            *self._account.credential_sources,
        )
        return frozenset(value for each in tagged for value in each.tags.values())

    def _statements(self) -> Iterator[Statement]:
        return (statement for document in self._documents for statement in document.statements)

    def distinctions(self) -> NameDistinctions:
        """Return what distinguishes names."""
        self._distinguish_same_names()
        self._check_arns(self._elements())
        self._check_credential_sources()
        self._check_conditions()
        return self._distinctions

    def _distinguish_same_names(self) -> None:
        """Distinguish users that share their name with another one, in another path or account."""
        seen: dict[str, Actor] = {}
        for user in self._account.of_kind(ActorKind.USER):
            if seen.setdefault(user.user_name.lower(), user) is not user:
                self._distinctions.distinguish(user.user_name, ("not the only one", user.user_name))

    def _elements(self) -> Elements:
        """Collect everything that ARNs are compared with.

        Preparing a pattern costs as much as many comparisons.
        """
        spelled = [len(each) for each, _ in self._resources] + [len(each) for _, each in self._principals]
        self._distinctions.spend(_SPELLING * sum(spelled))
        found: Elements = {arn: (arn_pattern((arn,)),) for arn in _known_arns(self._account)}
        kinds = [arn for kind in resource_kinds().values() for arn in kind.arns]
        found["kinds"] = tuple(arn_pattern(pieces(arn)) for arn in kinds)
        for texts, knows in self._resources:
            found[texts, knows] = tuple(arn_pattern(tokens(each, knows)) for each in texts)
        for kind, texts in self._principals:
            found[kind, texts] = tuple(whole_pattern(pieces(each)) for each in texts)
        tests = (test for test in self._tests if test.lowered_key == BY_ARN)
        return found | {test: tuple(values_of(test)) for test in tests}

    def _check_arns(self, elements: Elements) -> None:
        """Check all patterns that an ARN is compared with at each position where it can contain a name."""
        own_paths = (arn_pattern((path,)) for path in self._paths)
        positions = {NamePosition(each.leading, each.lowered) for each in own_paths if not each.is_short}
        positions.update(
            position for several in elements.values() for each in several if (position := each.position)
        )
        self._distinctions.distinguish_nested(positions)
        self._distinctions.spend((len(positions) + 1) * sum(map(len, elements.values())))
        for element, several in elements.items():
            for each in several:
                self._distinctions.check_user_arn(each, element)
                for position in positions:
                    self._distinctions.check(each, position, element)
        self._check_users(positions)

    def _check_users(self, positions: Iterable[NamePosition]) -> None:
        """Check the ARNs of users at each position where they can contain another user's name."""
        by_path: dict[str, list[Actor]] = {}
        for user in self._account.of_kind(ActorKind.USER):
            by_path.setdefault(_path(user), []).append(user)
        for path, users in by_path.items():
            whole = arn_pattern((path,))
            others = [each for each in positions if each.before != whole.lowered or whole.is_short]
            met = [each for each in others if not are_disjoint_prefixes(each.before, whole.lowered)]
            self._distinctions.spend(len(met) * len(users))
            for user in users if met else ():
                for position in met:
                    self._distinctions.check(arn_pattern((user.arn,)), position, user.arn)

    def _check_credential_sources(self) -> None:
        """Check the sources of user credentials: patterns must match those of equivalent users alike."""
        served: dict[str, set[str]] = {}
        kept: dict[str, set[CredentialSource]] = {}
        for each in self._account.credential_sources:
            served.setdefault(each.arn, set()).add(each.identity_arn)
            kept.setdefault(each.identity_arn, set()).add(each)
        covering = CoveringPatterns(self._resources)
        self._distinctions.spend(len(covering.open) * len(self._account.credential_sources))
        for user in self._account.of_kind(ActorKind.USER):
            mine = {
                (each.arn, each.kind, frozenset(each.tags.items()), each.needs)
                for each in kept.get(user.arn, ())
            }
            # A source with several identities cannot be swapped with another.
            if any(len(served[arn]) > 1 for arn, *_ in mine):
                self._distinctions.distinguish(user.user_name, user.arn)
            elif mine:
                several = Counter((covering.of(arn), *rest) for arn, *rest in mine)
                self._distinctions.distinguish(user.user_name, frozenset(several.items()))

    def _check_conditions(self) -> None:
        """Check the condition values that can contain a name."""
        by_key: dict[str, list[Condition]] = {}
        for test in self._tests:
            by_key.setdefault(test.lowered_key, []).append(test)
        for key, tests in by_key.items():
            has_variable = any(map(has_name_variable, tests))
            if key in _BY_NAME and has_variable:
                raise UnsupportedPatternError
            if key in _BY_NAME or (has_variable and key != BY_ARN):
                self._check_values(tests, is_name=key in _BY_NAME)

    def _check_values(self, tests: Iterable[Condition], *, is_name: bool) -> None:
        values: list[tuple[Pattern, Hashable]] = [(each, test) for test in tests for each in values_of(test)]
        positions = (
            {_ANY_POSITION} if is_name else {position for each, _ in values if (position := each.position)}
        )
        self._distinctions.distinguish_nested(positions)
        values += [(value_pattern(each), each) for each in self._tags] if positions and not is_name else []
        self._distinctions.spend(len(values) * len(positions))
        for each, element in values:
            for position in positions:
                self._distinctions.check(each, position, element)


class CoveringPatterns:
    """Which sets of patterns match a given text, such as the ARN of a secret."""

    def __init__(self, resources: Iterable[_Resources]) -> None:
        self._named: dict[str, set[_Resources]] = {}
        self.open: list[tuple[Language, _Resources]] = []
        for texts, knows in resources:
            for each in texts:
                found = over_approximation(pattern(tokens(each, knows), Dialect.ARN))
                if found.literal is not None:
                    self._named.setdefault(found.literal, set()).add((texts, knows))
                else:
                    self.open.append((found, (texts, knows)))

    def of(self, text: str) -> frozenset[_Resources]:
        """Return the sets that match a text."""
        several = (each for found, each in self.open if text.startswith(found.head) and found.contains(text))
        return frozenset((*self._named.get(text, ()), *several))


def _documents(account: Account) -> Iterable[Document]:
    """Return each document once."""
    found: dict[int, Document] = {}
    for actor in (*account.actors, *account.groups):
        several = (*actor.documents, actor.boundary, actor.trust)
        found.update((id(each), each) for each in several if each is not None)
    found.update((id(each), each) for each in account.policies.values())
    return found.values()


def _attachable(tests: Iterable[Condition]) -> Iterator[Document]:
    """Return the AWS managed policies that conditions name, and that can therefore be attached."""
    named = {value for test in tests if test.lowered_key in _NAMING_POLICIES for value in test.values}
    for each in named:
        content = managed_policy_document(each) if each.startswith(PREFIX) else None
        if content is not None:
            yield parse_document(content, file=each)[0]


def _known_arns(account: Account) -> Iterator[str]:
    """Return the ARNs that are compared with patterns, without those of users, each once."""
    partitions = {partition_of_arn(each.arn) for each in account.actors}
    found: set[str] = {
        arn
        for each in partitions
        for fixed in unrestricted_boundaries(each)
        for _, arns in fixed
        for arn in arns
    }
    for actor in (*account.actors, *account.groups):
        found.update((actor.arn, actor.boundary_arn, *(each.policy for each in actor.grants)))
    found.update(account.policies)
    for credential_source in account.credential_sources:
        found.update((credential_source.arn, credential_source.identity_arn))
    return iter(found - {each.arn for each in account.of_kind(ActorKind.USER)} - {""})
