"""The first screen of a review: one line for each person, role, workload or resource, the most serious first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import service_of
from keywright.reporting.text import counted, joined
from keywright.review.report.self_service import (
    COMMAND_LINE,
    SELF_SERVICE,
    is_command_line,
    split_self_service,
)
from keywright.review.report.wording import Wording, code, prose, reason
from keywright.review.result import LEAVER, LEVEL_VERBS, LEVELS, Change, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.review.result import EscalationPath, Fact, ReplacedIdentity, Review, Step

MOST_LINES = 12
"""With heading and the line that counts the rest, 15 lines."""
_MOST_PHRASES, _MOST_CLAUSES, _MOST_ACTIONS, _MOST_CONCERNED = 3, 3, 2, 3
_LONGEST_CLAUSE, _LONGEST_CONDITION = 300, 120
_LISTING = frozenset({"s3:ListBucket", "s3:ListBucketVersions"})
RISKY = frozenset({"third key", "owner"})
"""Facts about what may fail or be deleted during the deployment."""


class Rank(IntEnum):
    """How serious a line is; the smallest comes first."""

    ESCALATES = 0
    GAINS = 1
    UNDECIDED = 2
    AT_RISK = 3
    LOSES = 4
    OTHER = 5


_COUNTED = {
    Rank.ESCALATES: "can escalate privileges",
    Rank.GAINS: "gain access",
    Rank.UNDECIDED: "undecided",
    Rank.AT_RISK: "replaced or at risk",
    Rank.LOSES: "lose access",
    Rank.OTHER: "with other changes",
}


@dataclass(frozen=True)
class SummaryLine:
    """One line about one name."""

    name: str
    rank: Rank
    text: str


@dataclass
class _Subject:
    """Everything that changes for one name."""

    name: str
    changes: list[Change] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    replaced: list[ReplacedIdentity] = field(default_factory=list)
    paths: list[EscalationPath] = field(default_factory=list)

    @property
    def rank(self) -> Rank:
        """Give the most serious of its changes."""
        gains = [step for each in self.changes for step in each.gains if not step.account]
        widens = gains or any(each.widens for each in self.facts)
        if self.paths or any(level == LEVELS[0] for step in gains for level in step.levels):
            return Rank.ESCALATES
        if widens:
            return Rank.GAINS
        if any(each.undecided for each in self.changes) or any(each.undecided for each in self.facts):
            return Rank.UNDECIDED
        is_deleted = any(each.about == LEAVER for each in self.facts)
        if any(each.about in RISKY for each in self.facts) or (self.replaced and not is_deleted):
            return Rank.AT_RISK
        if any(each.losses or each.may_lose for each in self.changes) or any(
            each.narrows for each in self.facts
        ):
            return Rank.LOSES
        return Rank.OTHER


def summary_lines(review: Review) -> list[SummaryLine]:
    """Give a line for each name that changes."""
    words = Wording(review.names)
    subjects = _subjects(review)
    order = {name: at for at, name in enumerate(subjects)}
    found = sorted(subjects.values(), key=lambda each: (each.rank, order[each.name]))
    lines = ((each, _line(each, words)) for each in found)
    # A deleted resource whose policy only denied changes nobody's access.
    return [SummaryLine(each.name, each.rank, line) for each, line in lines if line]


def cut_summary(lines: Sequence[SummaryLine], most: int = MOST_LINES) -> list[str]:
    """Give the first lines as Markdown, and a line that counts the others."""
    if len(lines) <= most:
        return [each.text for each in lines]
    left = Counter(each.rank for each in lines[most:])
    counts = ", ".join(f"{left[rank]} {says}" for rank, says in _COUNTED.items() if left[rank])
    return [
        *(each.text for each in lines[:most]),
        f"- … and {counted(sum(left.values()), 'other')}: {counts}",
    ]


def _subjects(review: Review) -> dict[str, _Subject]:
    found: dict[str, _Subject] = {}

    def of(name: str) -> _Subject:
        return found.setdefault(name, _Subject(name))

    shown = [each for each in review.changes if not each.is_rewritten and not is_only_by_account(each)]
    for change in sorted(shown, key=lambda each: (not each.gains, not each.undecided, each.weight)):
        of(change.name).changes.append(change)
    for fact in sorted(
        review.facts, key=lambda each: (not each.widens, not each.undecided, not each.narrows)
    ):
        of(fact.name).facts.append(fact)
    for replaced in review.replaced:
        of(replaced.owner or replaced.name).replaced.append(replaced)
    for path in review.paths:
        of(path.principal).paths.append(path)
    return found


def is_only_by_account(change: Change) -> bool:
    """Tell whether all that changes holds only if an undeclared account is a certain one."""
    steps = (*change.gains, *change.losses)
    return bool(steps) and all(each.account for each in steps) and not (change.undecided or change.may_lose)


# The line


def _line(subject: _Subject, words: Wording) -> str:
    clauses = list(dict.fromkeys(_clauses(subject, words)))
    if not clauses:
        return ""
    concerned = dict.fromkeys(name for each in subject.changes for name in each.concerns)
    of = f" ({joined(map(code, concerned), most=_MOST_CONCERNED)})" if concerned else ""
    return f"- {code(subject.name)}{of} {'; '.join(clauses)}"


def _clauses(subject: _Subject, words: Wording) -> Iterator[str]:
    is_deleted = any(each.about == LEAVER for each in subject.facts) and not _exists(subject)
    if is_deleted:
        yield "**is deleted**: its access, sign-in and keys end"
    elif any(each.about == LEAVER for each in subject.facts):
        yield "**is deleted and created again**"
    elif any(each.is_new for each in subject.changes) and not any(
        each.subject is Subject.RESOURCE for each in subject.changes
    ):
        yield "**is new**"
    yield from _replaced(subject, is_deleted=is_deleted)
    yield from _paths(subject.paths)
    for change in subject.changes:
        yield from _changed(change, words, is_gain=True)
    yield from _told([each for each in subject.facts if each.widens])
    yield from _open(subject)
    if not is_deleted:
        for change in subject.changes:
            yield from _changed(change, words, is_gain=False)
        yield from _told([each for each in subject.facts if each.narrows])
    yield from _told([each for each in _others(subject) if each.about != LEAVER])


def _exists(subject: _Subject) -> bool:
    """Tell whether an identity of this name exists on the other side too, such as one with another path."""
    return any(each.gains or each.undecided or each.is_new for each in subject.changes) or any(
        each.widens or each.undecided for each in subject.facts
    )


def _replaced(subject: _Subject, *, is_deleted: bool) -> Iterator[str]:
    keys = any(each.about == "key" and (each.narrows or not each.widens) for each in subject.facts)
    for each in subject.replaced:
        if each.owner:
            # The fact about the key says the same.
            if not keys and not is_deleted:
                yield f"{code(each.name)} {prose(each.says)}"
        elif not (is_deleted and each.says.startswith("is deleted")):
            yield f"{prose(each.says)}; this loses **{each.loses}**"


def _paths(paths: Sequence[EscalationPath]) -> Iterator[str]:
    if paths:
        targets = joined([code(each) for each in dict.fromkeys(path.to for path in paths)], most=2)
        yield f"**can escalate** to {targets}"


def _open(subject: _Subject) -> Iterator[str]:
    """Count the open questions, which are listed below the lines."""
    reasons = {each for change in subject.changes for each in change.undecided}
    reasons |= {each.says for each in subject.facts if each.undecided}
    if reasons:
        yield f"**undecided**: {counted(len(reasons), 'open question')}"


def _others(subject: _Subject) -> list[Fact]:
    """Give the facts that neither widen nor narrow; a membership only if no change of access names its group."""
    groups = {
        step.through.rpartition("/")[2] for each in subject.changes for step in (*each.gains, *each.losses)
    }
    return [
        each
        for each in subject.facts
        if not (each.widens or each.narrows or each.undecided)
        and not (each.about == "membership" and _group_of(each) in groups)
    ]


def _group_of(fact: Fact) -> str:
    return fact.says.rpartition("group/")[2].partition("`")[0]


def _told(facts: Sequence[Fact]) -> Iterator[str]:
    yield from (prose(each.says) for each in facts[:_MOST_CLAUSES])
    if len(facts) > _MOST_CLAUSES:
        yield f"{len(facts) - _MOST_CLAUSES} more changes"


# Access


def _changed(change: Change, words: Wording, *, is_gain: bool) -> Iterator[str]:
    steps = [each for each in words.ordered(change, is_gain=is_gain) if not each.account]
    if not steps:
        if change.may_lose and not is_gain and change.may_lose not in change.undecided:
            yield f"may lose access (undecided): {reason(change.may_lose)}"
    elif change.subject is Subject.ACCESS:
        yield f"**{'gains' if is_gain else 'loses'}** {_phrases(change, steps, words, is_gain=is_gain)}"
    else:
        says = words.what(change, steps[0], is_gain=is_gain) if len(steps) == 1 else ""
        is_short = says and len(says) <= _LONGEST_CLAUSE
        yield says if is_short else words.callers(change, steps, is_gain=is_gain)


def _phrases(change: Change, steps: Sequence[Step], words: Wording, *, is_gain: bool) -> str:
    """Write the most powerful of the steps, and what every user has."""
    rest, own = split_self_service(change, steps)
    grouped: dict[tuple[str, ...], list[Step]] = {}
    everybody = [SELF_SERVICE] if own else []
    for each in rest:
        if is_command_line(change, each):
            everybody.append(prose(COMMAND_LINE))
        else:
            grouped.setdefault(_target(change, each, words, is_gain=is_gain), []).append(each)
    shown = dict(list(grouped.items())[:_MOST_PHRASES])
    # The group is written once, behind all that comes from it.
    throughs = list(dict.fromkeys(key[-1] for key in shown))
    ordered = sorted(shown, key=lambda key: throughs.index(key[-1]))
    last = {key[-1]: key for key in ordered}
    phrases = [_phrase(key, shown[key], is_last=last[key[-1]] == key) for key in ordered]
    more = f" and {len(grouped) - len(shown)} more" if len(grouped) > len(shown) else ""
    return f"{', '.join([*phrases, *dict.fromkeys(everybody)])}{more}"


def _target(change: Change, step: Step, words: Wording, *, is_gain: bool) -> tuple[str, ...]:
    """Give what steps have in common that are told as one: resources, condition, case and group."""
    resources, condition = words.resources(step), words.condition(step, is_gain=is_gain)
    prefixes = _listed_prefixes(step)
    if prefixes and len(step.resources) == 1:
        name = words.resource_name(step.resources[0])
        resources, condition = joined([code(f"{name}/{each}") for each in prefixes], most=3), ""
    if len(condition) > _LONGEST_CONDITION:
        condition = ", under conditions"
    through = words.through(change, step).replace(", through", " through", 1)
    return resources, condition, prose(step.where) if step.where else "", through


def _listed_prefixes(step: Step) -> tuple[str, ...]:
    """Give the prefixes that a listing of a bucket is limited to, `*` for all, if nothing else limits it."""
    actions, condition = _texts(step.statement.get("Action")), step.statement.get("Condition")
    if not actions or not {*actions} <= _LISTING:
        return ()
    if condition is None:
        return ("*",)
    if not isinstance(condition, dict) or len(condition) != 1:
        return ()
    ((operator, keys),) = condition.items()
    if operator not in {"StringLike", "StringEquals"} or list(keys) != ["s3:prefix"]:
        return ()
    return _texts(keys["s3:prefix"])


def _texts(value: object) -> tuple[str, ...]:
    return (
        (value,)
        if isinstance(value, str)
        else tuple(map(str, value))
        if isinstance(value, list | tuple)
        else ()
    )


def _phrase(key: tuple[str, ...], steps: Sequence[Step], *, is_last: bool) -> str:
    resources, condition, where, through = key
    levels = [LEVEL_VERBS[level] for level in LEVELS if any(level in each.levels for each in steps)]
    actions = list(
        dict.fromkeys(action for each in steps for action in each.actions or (each.witness.action,))
    )
    few = len(actions) <= _MOST_ACTIONS and not any(each.more_actions for each in steps)
    shown = ""
    if few:
        shown = f" ({', '.join(map(code, actions))})"
    elif resources == code("*"):
        shown = (
            f" of {joined([code(each) for each in dict.fromkeys(map(service_of, actions))], 'and', most=3)}"
        )
    verb = joined(levels, "and", none="act")
    lifted = ", no longer denied" if all(not each.statement for each in steps) else ""
    return f"{verb} {resources}{shown}{condition}{lifted}{f', only {where}' if where else ''}{through if is_last else ''}"
