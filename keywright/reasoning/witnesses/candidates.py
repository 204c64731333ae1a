"""Realistic actions and resources: actions that exist, on resources of the types that they support.

The catalogue is used only for examples. Where it has none, the text of the action and any ARN will do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import ANY, ONE
from keywright.policy.reference import catalogue
from keywright.reasoning.sets.access_sets import ANY_RESOURCE, required_and_excluded
from keywright.reasoning.sets.action_sets import find_action
from keywright.reasoning.sets.emptiness import PatternsTooComplexError, find_word, is_disjoint, text_of
from keywright.reasoning.sets.examples import EXAMPLE, ExampleValues, example_text, likely_texts
from keywright.reasoning.sets.languages import Dialect, Language, language, pattern
from keywright.reasoning.sets.memo import memoized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.matching.patterns import Piece
    from keywright.reasoning.sets.action_sets import ActionClass, Actions, Overlap
    from keywright.reasoning.sets.constraints import ResourceConstraints
    from keywright.reasoning.sets.emptiness import Union

_MOST_ACTIONS, _FEW_ACTIONS = 60, 3
_MOST_PATTERNS = 12
COMMON_SERVICES = ("s3", "ec2", "iam", "sts", "dynamodb", "lambda", "sqs", "sns", "kms", "logs", "rds", "ssm")
NOTHING = language(("*",))
"""The resource of an action that does not act on one."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_WITH_PATH = re.compile(
    r"Path|Object|Log(Group|Stream)|Parameter|Repository|Alias|Secret|Resource|Prefix|^\*$"
)
"""Placeholders that stand for names with slashes."""
ALWAYS, NEVER = re.compile(r".*", re.DOTALL), re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Target:
    """A resource for an action; `is_typical` says that the action is known to support its type."""

    resource: str
    is_typical: bool


def actions_for(
    membership: int, actions: ActionClass, all_actions: Actions, services: Iterable[str]
) -> Iterator[str]:
    """Yield actions of a class: known ones first, those of `services` before others."""
    yield from islice(_distinct(_known(membership, actions, all_actions, services)), _MOST_ACTIONS)
    yield from (literal for literal in actions.literals if catalogue.action(literal) is None)
    for overlap in actions.overlaps:
        yield from (
            each for each in _made_up(overlap, all_actions) if all_actions.membership(each) == membership
        )


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text


def _made_up(overlap: Overlap, all_actions: Actions) -> Iterator[str]:
    """Yield made-up actions: from the patterns or, if those do not qualify, any action of the overlap."""
    for union in overlap.inside:
        for each in islice(sorted(union, key=lambda one: one.spelling), _MOST_PATTERNS):
            likely = example_text(each, ExampleValues())
            yield likely if ":" in likely else f"{EXAMPLE}:{likely}"
    try:
        word = find_action(overlap, all_actions.literals)
    except PatternsTooComplexError:
        return
    text = None if word is None else text_of(word)
    if text is not None:
        yield text


def _known(
    membership: int, actions: ActionClass, all_actions: Actions, services: Iterable[str]
) -> Iterator[str]:
    for literal in actions.literals:
        known = catalogue.action(literal)
        if known is not None:
            yield str(known)
    for service, most in _rounds(actions, services):
        found = (str(each) for each in catalogue.actions_of(service))
        yield from islice((each for each in found if all_actions.membership(each) == membership), most)


def _rounds(actions: ActionClass, services: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield services with the number of actions to take: first a few of each, then many of one."""
    several = tuple(islice(_services(actions, services), len(COMMON_SERVICES)))
    if len(several) > 1:
        yield from ((service, _FEW_ACTIONS) for service in several)
    yield from ((service, _MOST_ACTIONS) for service in _services(actions, services))


def _services(actions: ActionClass, hints: Iterable[str]) -> Iterator[str]:
    """Yield the services of the overlaps; where one has a wildcard there, likely services and then all."""
    if not actions.overlaps:
        return
    named: dict[str, None] = {}
    is_general = False
    for overlap in actions.overlaps:
        heads = [each.head for inside in overlap.inside for each in inside]
        services = [head.partition(":")[0] for head in heads if ":" in head]
        named.update(dict.fromkeys(services))
        is_general |= not services
    yield from named
    if is_general:
        others = dict.fromkeys((*hints, *COMMON_SERVICES, *catalogue.services()))
        yield from (each for each in others if each not in named)


def services_in(constraints: ResourceConstraints) -> tuple[str, ...]:
    """Return the services of the resources that the constraints require."""
    required, _ = required_and_excluded(constraints)
    heads = (each.head.split(":") for union in required for each in union)
    return tuple(dict.fromkeys(fields[2] for fields in heads if len(fields) > 3 and fields[2]))  # noqa: PLR2004


def targets_for(action: str, constraints: ResourceConstraints, examples: ExampleValues) -> Iterator[Target]:
    """Yield resources that satisfy the constraints, those of the action's own types first.

    An action whose types are not known may act on any resource.
    """
    known = catalogue.action(action)
    types = catalogue.resource_types(known) if known is not None else ()
    if known is None or len(types) < len(known.resource_types):
        yield from _targets(ANY_RESOURCE, constraints, examples)
        return
    # Real resource types first, so that a witness looks like a request that people know.
    for each in types:
        for fields in _arn_fields(constraints):
            shape = frozenset({_shape(each.arn_format, fields, examples)})
            yield from _targets(shape, constraints, examples, _arn_regex(each.arn_format))
    if not types:
        yield from _targets(frozenset({NOTHING}), constraints, examples)
    yield from _targets(ANY_RESOURCE, constraints, examples, NEVER)


def _targets(
    kind: Union, constraints: ResourceConstraints, examples: ExampleValues, like: re.Pattern[str] = ALWAYS
) -> Iterator[Target]:
    text = _resource_of(kind, constraints, examples)
    if text is not None:
        yield Target(text, like.fullmatch(text) is not None)


@memoized
def _resource_of(kind: Union, constraints: ResourceConstraints, examples: ExampleValues) -> str | None:
    """Return a resource of a kind that satisfies the constraints, preferably a likely one."""
    required, excluded = required_and_excluded(constraints)
    if any(all(is_disjoint(one, other) for one in kind for other in union) for union in required):
        return None
    unions = [*required, kind]
    for union in (kind, *sorted(required, key=len)):
        for each in islice(_remaining(union, excluded), _MOST_PATTERNS):
            for likely in likely_texts(each, examples):
                if _meets(likely, unions, excluded):
                    return likely
    try:
        word = find_word(unions, excluded)
    except PatternsTooComplexError:
        return None
    return None if word is None else text_of(word)


def _remaining(union: Union, excluded: set[Language]) -> list[Language]:
    """Return the patterns that are not excluded as a whole, in a fixed order."""
    return sorted((each for each in union if each not in excluded), key=lambda one: (one.head, one.spelling))


def _meets(text: str, unions: list[Union], excluded: set[Language]) -> bool:
    if any(each.contains(text) for each in excluded):
        return False
    return all(any(each.contains(text) for each in union) for union in unions)


ArnFields = tuple[str, str, str]
"""Partition, region and account of a pattern; empty where they have wildcards."""


@memoized
def _arn_fields(constraints: ResourceConstraints) -> tuple[ArnFields, ...]:
    """Return the literal leading fields of the patterns, and at last empty ones."""
    required, excluded = required_and_excluded(constraints)
    found: dict[ArnFields, None] = {}
    for union in sorted(required, key=len)[:1]:
        for each in _remaining(union, excluded):
            fields = _literal_arn_fields(each)
            if fields is not None:
                found[fields] = None
    return tuple(dict.fromkeys([*list(found)[:_MOST_PATTERNS], ("", "", "")]))


def _literal_arn_fields(each: Language) -> ArnFields | None:
    fields = "".join(token if isinstance(token, str) else "*" for token in each.tokens).split(":", 5)
    if len(fields) < 6:  # noqa: PLR2004 - the number of an ARN's fields
        return None
    spelled = [field if not set("*?") & set(field) else "" for field in fields]
    return spelled[1], spelled[3], spelled[4]


@memoized
def _shape(arn_format: str, fields: ArnFields, examples: ExampleValues) -> Language:
    """Return the pattern of the ARNs of a type with the leading fields filled in."""
    partition, region, account = fields
    known = {
        "Partition": partition or "aws",
        "Region": region or examples.region,
        "Account": account or examples.account,
        "AccountId": account or examples.account,
    }
    parts: list[Piece] = []
    end = 0
    for match in _PLACEHOLDER.finditer(arn_format):
        parts.append(arn_format[end : match.start()])
        parts += [known[match.group(1)]] if match.group(1) in known else [ONE, ANY]
        end = match.end()
    parts.append(arn_format[end:])
    return pattern(parts, Dialect.ARN)


@memoized
def _arn_regex(arn_format: str) -> re.Pattern[str]:
    """Return a regular expression for the ARNs of a type: names contain no slash, except paths."""
    parts: list[str] = []
    end = 0
    for match in _PLACEHOLDER.finditer(arn_format):
        parts.append(re.escape(arn_format[end : match.start()]))
        parts.append(".+" if _WITH_PATH.search(match.group(1)) else "[^/]+")
        end = match.end()
    parts.append(re.escape(arn_format[end:]))
    return re.compile("".join(parts), re.DOTALL)
