"""The review as a comment: the verdict first, then what widens most; it fits GitHub's limit, and says what it leaves out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.review.change import LEVELS, Change, Step, Subject, Verdict
from keywright.review.inert import code, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding, Location
    from keywright.review.change import Fact, Path, Replaced, Review

LONGEST_COMMENT = 65_536
"""Characters of one comment ("Body is too long" beyond); counted here in bytes, which are never fewer."""
_SPARE = 1_024
_MOST_SHOWN_CONTEXT = 4
_TITLES = {
    Verdict.WIDENS: "widens",
    Verdict.UNDECIDED: "undecided",
    Verdict.NARROWS: "narrows",
    Verdict.NO_NEW_ACCESS: "no new access (proved)",
}
MARK = "<!-- keywright access review -->"
"""Begins the comment, by which the workflow finds its one comment again."""


@dataclass(frozen=True)
class _Section:
    """A heading, its items, and whether they are folded."""

    title: str
    items: tuple[str, ...]
    is_folded: bool = False


def render_markdown(review: Review, limit: int = LONGEST_COMMENT) -> str:
    """Write the comment."""
    lines = [MARK, heading(review), ""]
    sections = [each for each in _sections(review) if each.items]
    footer = _footer(review)
    room = limit - _SPARE - sum(len(each.encode()) + 1 for each in (*lines, footer))
    for section in sections:
        written, room = _written(section, room)
        lines += [*written, ""]
    return "\n".join([*lines, footer, ""]) if footer else "\n".join(lines)


def heading(review: Review) -> str:
    """Say the verdict and its numbers on one line."""
    if review.unusable:
        return f"### Access review: **unusable input** · {len(review.unusable)} to mend"
    if review.verdict is Verdict.NOTHING:
        same = "" if review.is_same_text else ", though the templates do"
        return f"### Access review: **nothing changed**{same} · {_many(review.unchanged, 'principal')} unchanged (proved)"
    numbers = [
        _many(review.widening, "gain"),
        _many(len(review.losses) + sum(each.narrows for each in review.facts), "loss", "losses"),
        f"{review.unchanged + len(review.rewritten)} unchanged (proved)",
        f"{len(review.open_questions)} undecided",
    ]
    expected = review.widening - review.unexpected
    numbers += [f"{expected} expected"] if expected else []
    return f"### Access review: **{_TITLES[review.verdict]}** · {' · '.join(numbers)}"


def _many(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _sections(review: Review) -> Iterator[_Section]:
    yield _Section("Unusable", tuple(f"- {code(each)}" for each in review.unusable))
    widening = [each for each in review.facts if each.widens]
    yield _Section("Gains", (*map(_gain, review.gains), *map(_fact, widening)))
    yield _Section("Undecided", tuple(f"- {code(_quoted(each))}" for each in review.open_questions))
    yield _Section("New escalation paths", tuple(map(_path, review.paths)))
    yield _Section("Replaced by CloudFormation", tuple(map(_replaced, review.replaced)))
    narrowing = [each for each in review.facts if each.narrows]
    yield _Section("Losses", (*map(_loss, review.losses), *map(_fact, narrowing)))
    others = [each for each in review.facts if not (each.widens or each.narrows or each.undecided)]
    unsure = [each for each in review.changes if each.may_lose and not each.losses and not each.undecided]
    yield _Section("Beside", (*map(_fact, others), *map(_unsure, unsure)))
    yield _Section("Guardrails: new", tuple(map(_finding, review.findings_new)))
    yield _Section("Guardrails: gone", tuple(map(_finding, review.findings_gone)), is_folded=True)
    yield _Section("Expected and not seen", tuple(f"- {code(each)}" for each in review.unused))
    yield _Section(
        "Rewritten, access proved equal",
        tuple(f"- {code(each.name)}: {_SUBJECTS[each.subject]}" for each in review.rewritten),
        is_folded=True,
    )


_SUBJECTS = {
    Subject.ACCESS: "what it may do",
    Subject.TRUST: "who can become it",
    Subject.RESOURCE: "who may reach it",
}


def _written(section: _Section, room: int) -> tuple[list[str], int]:
    """Write a section into what room there is, and say what is left out."""
    head = _head(section)
    lines: list[str] = []
    room -= len(head.encode()) + 200
    for index, item in enumerate(section.items):
        size = len(item.encode()) + 1
        if size > room:
            left = len(section.items) - index
            lines.append(f"- … {left} more left out: the comment would be too long; `--format json` has all")
            room = min(room, _SPARE // 4)
            break
        lines.append(item)
        room -= size
    return [head, *(["", *lines, "", "</details>"] if section.is_folded else lines)], room


def _head(section: _Section) -> str:
    if section.is_folded:
        return f"<details><summary>{section.title} ({len(section.items)})</summary>"
    return f"**{section.title}**"


# Gains and losses


def _gain(change: Change) -> str:
    steps = "\n".join(_step(change, each, is_gain=True) for each in change.gains)
    expected = f"\n  - expected: {code(change.expected)}" if change.expected else ""
    return f"- {_who(change)} {_verb(change, change.gains)}{expected}\n{steps}"


def _loss(change: Change) -> str:
    steps = "\n".join(_step(change, each, is_gain=False) for each in change.losses)
    return f"- {_who(change)} {_lost(change)}\n{steps}"


def _who(change: Change) -> str:
    named = code(change.name)
    if not change.concerns:
        return named
    word = {"group": "", "role": "assumed by "}.get(change.name.partition("/")[0], "")
    return f"{named} ({word}{listed(change.concerns, 8)})"


def _verb(change: Change, steps: tuple[Step, ...]) -> str:
    if change.subject is Subject.TRUST:
        return "is new, and can be assumed" if change.is_new else "can be assumed by more"
    if change.subject is Subject.RESOURCE:
        return "can be reached by its own policy"
    levels = [level for level in LEVELS if any(level in step.levels for step in steps)]
    return f"{'is new, and ' if change.is_new else ''}may **{_and(levels)}**"


def _lost(change: Change) -> str:
    if change.subject is Subject.TRUST:
        return "can be assumed by fewer"
    if change.subject is Subject.RESOURCE:
        return "can be reached by fewer"
    levels = [level for level in LEVELS if any(level in step.levels for step in change.losses)]
    return f"{'is gone, and ' if change.is_gone else ''}loses **{_and(levels)}**"


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "act"


def _step(change: Change, step: Step, *, is_gain: bool) -> str:
    lines = [
        f"  - {_substance(change, step, is_gain=is_gain)}",
        f"    for instance {_witness(step)}{_at(step.place)}",
    ]
    if step.through and step.through != change.arn:
        lines.append(f"    through {code(step.through)}")
    if step.where:
        lines.append(f"    only {code(_quoted(step.where))}")
    if step.because:
        lines.append(f"    because {code(_quoted(step.because))}")
    if step.statement:
        lines += ["", f"    {code(json.dumps(step.statement, ensure_ascii=False), 1_500)}"]
    return "\n".join(lines)


def _substance(change: Change, step: Step, *, is_gain: bool) -> str:
    if change.subject is not Subject.ACCESS:
        word = "" if is_gain else "no more "
        return f"{word}{code(step.witness.action)} by {code(step.witness.principal)}"
    actions = listed(step.actions, 4)
    more = f" and {step.more_actions} more" if step.more_actions else ""
    what = listed(step.resources) if step.resources else code(step.witness.resource)
    had = f", {_and(list(step.had))} before" if step.had and is_gain else ""
    return f"{actions}{more} on {what}{had}"


def _witness(step: Step) -> str:
    witness = step.witness
    keys = sorted(witness.context.items())
    shown = [f"{code(key)} = {code(', '.join(values))}" for key, values in keys[:_MOST_SHOWN_CONTEXT]]
    more = f" and {len(keys) - len(shown)} more keys" if len(keys) > len(shown) else ""
    with_keys = f" with {', '.join(shown)}{more}" if shown else ""
    return f"{code(witness.action)} on {code(witness.resource)} by {code(witness.principal)}{with_keys}"


def _at(place: Location | None) -> str:
    return f" · {code(place)}" if place else ""


# The rest


def _fact(fact: Fact) -> str:
    expected = f" · expected: {code(fact.expected)}" if fact.expected else ""
    return f"- {code(fact.name)} {code(fact.says)}{_at(fact.place)}{expected}"


def _unsure(change: Change) -> str:
    return f"- {code(change.name)} may lose access, which can't be told: {code(_quoted(change.may_lose))}"


def _path(path: Path) -> str:
    needs = f"; needs {code(path.needs)}" if path.needs else ""
    return f"- {code(path.principal)} → {code(path.to)} by {listed(path.via, 6)}{needs}"


def _replaced(each: Replaced) -> str:
    return f"- {code(each.name)} **{code(each.says)}** and loses {each.loses}{_at(each.place)}"


def _finding(finding: Finding) -> str:
    return f"- {code(_quoted(str(finding)))}"


def _quoted(text: str) -> str:
    """Quote by apostrophes what a message quotes by backticks: the whole stands in a code span."""
    return text.replace("`", "'")


def _footer(review: Review) -> str:
    if review.unusable or review.verdict is Verdict.NOTHING:
        return ""
    rules = sorted({each.rule for each in review.findings_gone if each.rule})
    gone = f" ({', '.join(map(code, rules[:5]))})" if rules else ""
    return " · ".join(
        [
            f"**Replaced by CloudFormation**: {_number(len(review.replaced), 'nobody')}",
            f"**Escalation paths**: {_number(len(review.paths), 'none')} new",
            f"**Guardrails**: {len(review.findings_new)} new, {len(review.findings_gone)} gone{gone}",
        ]
    )


def _number(number: int, none: str) -> str:
    return str(number) if number else none
