"""Reject proofs that assume that two unknown values are different.

A value that is known only at deployment is a symbol, `<Reference>`, which equals itself. Whether it differs from something
else is unknown, which matters in exclusions (Deny, `NotResource`, negated conditions). Its length is unknown too, which
matters for `?`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.symbolic_policies import UNKNOWN_PRINCIPAL
from keywright.policy.statement import Effect
from keywright.reasoning.account.partial_context import UNRESOLVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Document, Statement

PLACEHOLDER_ACCOUNT = "000000000000"
"""The account of templates without one: a number that AWS never assigns, handled as a symbol."""
_ACCOUNT = "<account>"
_DEPLOYMENT_VALUE = re.compile(r"<(?:[^<>]*\|)?(?:AWS\.\w+|account)>")
"""Values of the deployment (account, region, stack name), which may equal a literal in the templates."""
_UNMATCHABLE, _ACCOUNT_NUMBER = "\ue000", re.compile(r"(?<!\d)\d{12}(?!\d)")
_MOST_PARTS = 1_000

LabelledText = tuple[str, str]
"""An element (`resource`, `principal` or a condition key) and its text."""


def undecidable_symbol(before: Iterable[Document], after: Iterable[Document]) -> str:
    """Give a symbol that an exclusion may or may not match; empty if there is none.

    Statements on both sides have the same effect on both, so one of the two must be on one side only.
    """
    before, after = tuple(before), tuple(after)
    # Most documents have no symbols, and the search below is quadratic.
    if not any(map(_has_symbols, (*before, *after))):
        return ""
    was, now = ({_key(each): each for each in _statements(one)} for one in (before, after))
    common = [was[key] for key in was.keys() & now.keys()]
    changed = [snapshot[key] for snapshot in (was, now) for key in was.keys() ^ now.keys() if key in snapshot]
    if not changed:
        return ""
    everything = [*common, *changed]
    return (
        _first_undecidable(_texts(everything), _exclusions(changed))
        or _first_undecidable(_texts(changed), _exclusions(common))
        or _first_undecidable(_texts(changed), _with_single_wildcards(common))
        or _first_undecidable(_texts(everything), _with_single_wildcards(changed))
    )


def _has_symbols(document: Document) -> bool:
    """Tell whether some part of a document is known only at deployment, such as the account."""
    return any("<" in text or PLACEHOLDER_ACCOUNT in text for _, text in _texts(document.statements))


def symbol_assumed_different(before: Iterable[Document], after: Iterable[Document]) -> str:
    """Give a symbol, with any possible value, that a proof assumes to be different from something; empty if there is none.

    Inclusion holds for any value of a symbol. Exclusion does not: by an exclusion, a removed
    Deny statement, or a pattern with `?`.
    """
    was, now = list(_statements(before)), list(_statements(after))
    kept = {_key(part) for each in now if each.effect is Effect.DENY for part in _split_statement(each)}
    removed_denials = [
        part
        for each in was
        if each.effect is Effect.DENY
        for part in _split_statement(each)
        if _key(part) not in kept
    ]
    everything = [*was, *now]
    taken = [*_negated_texts(everything), *_exclusions(removed_denials), *_with_single_wildcards(everything)]
    for about, symbol in _texts(everything):
        if UNRESOLVED.search(symbol):
            for kind, text in taken:
                if kind == about and _overlap(UNRESOLVED.sub("*", symbol), UNRESOLVED.sub("*", text)):
                    return symbol
    return ""


def _key(statement: Statement) -> str:
    """Give a key that ignores order and case of a statement's elements."""
    content = replace(statement, pointer="")
    actions = {each.lower() for each in content.actions}
    others = {each.lower() for each in content.not_actions}
    conditions = sorted(
        (test.operator_name.lower(), test.lowered_key, sorted(test.values))
        for test in content.condition_tests
    )
    named = [
        sorted((kind, sorted(texts)) for kind, texts in each.items())
        for each in (content.principals, content.not_principals)
    ]
    elements = sorted(actions), sorted(others), sorted(content.resources), sorted(content.not_resources)
    return repr((content.effect, content.knows_variables, elements, named, conditions))


def _split_statement(statement: Statement) -> Iterator[Statement]:
    """Split a statement into one action on one resource each."""
    # An unsplit statement is only compared as a whole, which can make a proof undecided but never wrong.
    if len(statement.actions) * len(statement.resources) > _MOST_PARTS:
        yield statement
        return
    for action in statement.actions or (None,):
        for resource in statement.resources or (None,):
            yield replace(
                statement,
                actions=(action,) if action is not None else (),
                resources=(resource,) if resource is not None else (),
            )


def _negated_texts(statements: Iterable[Statement]) -> Iterator[LabelledText]:
    for each in statements:
        yield from (("resource", text) for text in each.not_resources)
        yield from (("principal", text) for values in each.not_principals.values() for text in values)
        for test in each.condition_tests:
            if test.operator is None or test.operator.negated:
                yield from ((test.lowered_key, text) for text in test.values)


def _statements(documents: Iterable[Document]) -> Iterator[Statement]:
    return (replace(each, sid="") for document in documents for each in document.statements)


def _first_undecidable(texts: Iterable[LabelledText], excluded: Iterable[LabelledText]) -> str:
    named = {(about, text.replace(PLACEHOLDER_ACCOUNT, _ACCOUNT)) for about, text in texts}
    symbols = sorted((about, text) for about, text in named if UNRESOLVED.search(text))
    taken = (
        {(about, text.replace(PLACEHOLDER_ACCOUNT, _ACCOUNT)) for about, text in excluded}
        if symbols
        else set()
    )
    for about, text in sorted(taken):
        for kind, symbol in symbols:
            if kind == about and symbol != text and _may_equal(symbol, text):
                return symbol
        given = _DEPLOYMENT_VALUE.search(text)
        if given and any(
            kind == about and _depends_on_deployment(text, other, about) for kind, other in named
        ):
            return given[0]
    return ""


def _depends_on_deployment(text: str, other: str, about: str) -> bool:
    """Tell whether an exclusion matches a literal for some account, region or stack name, and not for others."""
    if UNRESOLVED.search(other):
        return False
    if about == "principal":
        return _ACCOUNT_NUMBER.search(other) is not None
    one, never = UNRESOLVED.sub("*", text), _DEPLOYMENT_VALUE.sub(_UNMATCHABLE, text)
    return _arns_overlap(one, other) and not _arns_overlap(UNRESOLVED.sub("*", never), other)


def _arns_overlap(one: str, other: str) -> bool:
    """Tell whether two patterns overlap, comparing ARNs field by field."""
    fields, others = one.split(":", 5), other.split(":", 5)
    if len(fields) != len(others) or len(fields) < 6:  # noqa: PLR2004 - the number of an ARN's fields
        return _overlap(one, other)
    return all(map(_overlap, fields, others))


def _texts(statements: Iterable[Statement]) -> Iterator[LabelledText]:
    for each in statements:
        yield from (("resource", text) for text in (*each.resources, *each.not_resources))
        for element in (each.principals, each.not_principals):
            yield from (("principal", text) for values in element.values() for text in values)
        for test in each.condition_tests:
            yield from ((test.lowered_key, text) for text in test.values)


def _with_single_wildcards(statements: Iterable[Statement]) -> Iterator[LabelledText]:
    """Yield texts with `?`: the length of a symbol is unknown."""
    return ((about, text) for about, text in _texts(statements) if "?" in text and text != UNKNOWN_PRINCIPAL)


def _exclusions(statements: Iterable[Statement]) -> Iterator[LabelledText]:
    """Yield the texts of exclusions; `*` excludes any symbol and is left out."""
    for each in statements:
        denies = each.effect is Effect.DENY
        yield from (("resource", text) for text in each.not_resources)
        yield from (("principal", text) for values in each.not_principals.values() for text in values)
        if denies:
            yield from (("resource", text) for text in each.resources if text != "*")
            yield from (
                ("principal", text) for values in each.principals.values() for text in values if text != "*"
            )
        for test in each.condition_tests:
            if denies or test.operator is None or test.operator.negated:
                yield from ((test.lowered_key, text) for text in test.values)


def _may_equal(one: str, other: str) -> bool:
    """Tell whether two patterns may overlap for some value of a symbol.

    Generated names are different for different resources, and equal for the same one.
    """
    own, others = set(UNRESOLVED.findall(one)), set(UNRESOLVED.findall(other))
    # A symbol that only the exclusion has is somebody else's generated name, which AWS makes unique.
    if others - own:
        return False
    if others:
        end = max(other.rfind(symbol) + len(symbol) for symbol in others)
        if one.startswith(other[:end]) and not UNRESOLVED.search(one[end:]):
            return False
    return _overlap(UNRESOLVED.sub("*", one), UNRESOLVED.sub("*", other))


def _overlap(one: str, other: str) -> bool:
    """Tell whether two patterns overlap, by the positions that a match can reach."""
    # The work grows with the product of the lengths; a regular expression could take exponential time on
    # hostile patterns.
    reached = {0}
    reached = _past_wildcards(reached, other)
    for letter in one:
        if letter == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else set()
        else:
            stepped = {
                at + (other[at] != "*")
                for at in reached
                if at < len(other) and (other[at] in {"*", "?", letter} or letter == "?")
            }
            reached = _past_wildcards(stepped, other)
    return len(other) in reached


def _past_wildcards(reached: set[int], pattern: str) -> set[int]:
    found = set(reached)
    for at in sorted(reached):
        place = at
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found
